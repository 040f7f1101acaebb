// pixels[i] = a - b * ln(max(pixels[i] + c, smallest)), in place
//
// smallest > 0: the smallest positive argument in this image, found by the host, so that no undefined
//   logarithm reaches the device
// pixels: [height, width] f32, finite
// Dispatch: gridOf(ceil(count / 256)), one thread a pixel. Twin: src/math/preprocess/logarithm.ts

struct Params {
  count: u32,
  a: f32,
  b: f32,
  c: f32,
  smallest: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> pixels: array<f32>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = (group.y * groups.x + group.x) * 256u + local;
  if (i < params.count) {
    pixels[i] = params.a - params.b * log(max(pixels[i] + params.c, params.smallest));
  }
}
