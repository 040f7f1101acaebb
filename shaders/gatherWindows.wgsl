// windows[n * 25 + 5 * v + u] = the pixel (u - 2, v - 2) from the n-th listed one; 0 outside the image
//
// pixels: [height, width] f32
// places: indices y * width + x
// windows: 25 values a place; the host repairs with them in raster order
// Dispatch: gridOf(ceil(25 * count / 256)), one thread a value. Twin: accessTo of src/math/preprocess/badPixels.ts

struct Params {
  width: u32,
  height: u32,
  count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> pixels: array<f32>;
@group(0) @binding(2) var<storage, read> places: array<u32>;
@group(0) @binding(3) var<storage, read_write> windows: array<f32>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = (group.y * groups.x + group.x) * 256u + local;
  if (i >= params.count * 25u) {
    return;
  }
  let place = places[i / 25u];
  let k = i % 25u;
  let x = i32(place % params.width) + i32(k % 5u) - 2;
  let y = i32(place / params.width) + i32(k / 5u) - 2;
  var value = 0.0;
  if (x >= 0 && y >= 0 && x < i32(params.width) && y < i32(params.height)) {
    value = pixels[u32(y) * params.width + u32(x)];
  }
  windows[i] = value;
}
