// pixels[places[n]] = values[n]
//
// pixels: [height, width] f32; places: indices y * width + x, each once
// Dispatch: gridOf(ceil(count / 256)), one thread a place. Twin: accessTo of src/math/preprocess/badPixels.ts

struct Params {
  count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> places: array<u32>;
@group(0) @binding(2) var<storage, read> values: array<f32>;
@group(0) @binding(3) var<storage, read_write> pixels: array<f32>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = (group.y * groups.x + group.x) * 256u + local;
  if (i < params.count) {
    pixels[places[i]] = values[i];
  }
}
