// transformed[i] = 2 sqrt(max(0, 255 (x - least) / range + K)) / s, and a copy as the first estimate
//
// pixels: [height, width] f32, finite; K = offset = 34.015; s makes the largest value 1
// Dispatch: gridOf(ceil(count / 256)), one thread a pixel. Twin: anscombe of src/math/preprocess/denoise.ts

struct Params {
  count: u32,
  least: f32,
  range: f32,
  offset: f32,
  s: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> pixels: array<f32>;
@group(0) @binding(2) var<storage, read_write> transformed: array<f32>;
@group(0) @binding(3) var<storage, read_write> estimate: array<f32>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = (group.y * groups.x + group.x) * 256u + local;
  if (i >= params.count) {
    return;
  }
  let grey = 255.0 * ((pixels[i] - params.least) / params.range);
  let value = 2.0 * sqrt(max(0.0, grey + params.offset)) / params.s;
  transformed[i] = value;
  estimate[i] = value;
}
