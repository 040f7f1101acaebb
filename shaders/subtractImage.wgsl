// slab[t][i] -= image[i] for every frame of a slab
//
// slab: [slabFrames][pixels] f32; image: [pixels] f32
// Dispatch: gridOf(ceil(slabFrames * pixels / 256)), one thread a pixel.
// Twin: PatchEngine.subtract (src/math/motion/patchEngine.ts)

struct Params {
  slabFrames: u32,
  pixels: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read_write> slab: array<f32>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = (group.y * groups.x + group.x) * 256u + local;
  if (i < params.slabFrames * params.pixels) {
    slab[i] -= image[i % params.pixels];
  }
}
