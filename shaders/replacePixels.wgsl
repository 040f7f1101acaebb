// frame[place[n]] = value[n]
//
// frame: [height, width] f32. place: pixel numbers, each once. value: f32.
// Dispatch: gridOf(ceil(count / 256)), one thread a pixel. Twin: src/math/replacePixels.ts

struct Params {
  count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> place: array<u32>;
@group(0) @binding(2) var<storage, read> value: array<f32>;
@group(0) @binding(3) var<storage, read_write> frame: array<f32>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let n = (group.y * groups.x + group.x) * 256u + local;
  if (n < params.count) {
    frame[place[n]] = value[n];
  }
}
