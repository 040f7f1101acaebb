// Lists the pixels strictly below `low` or above `high`
//
// pixels: [height, width] f32, finite
// found: found[0] = how many there are; then their indices in no order, as many as fit (capacity)
// Dispatch: gridOf(ceil(count / 256)), one thread a pixel. Twin: findOutliers of src/math/preprocess/badPixels.ts

struct Params {
  count: u32,
  capacity: u32,
  low: f32,
  high: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> pixels: array<f32>;
@group(0) @binding(2) var<storage, read_write> found: array<atomic<u32>>;

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
  let x = pixels[i];
  if (x < params.low || x > params.high) {
    let slot = atomicAdd(&found[0], 1u);
    if (slot < params.capacity) {
      atomicStore(&found[slot + 1u], i);
    }
  }
}
