// An image halved along y with eight even taps, mirrored about its first and last row:
//   halved[j][x] = sum_k taps[k] image[2 j + k - 3][x],  taps = (a, b, c, d, d, c, b, a)
//
// image: [height, width] f32
// halved: [halvedHeight, width] f32, 2 halvedHeight <= height
// Dispatch: gridOf(ceil(width * halvedHeight / 256)), one thread a result.
// Twin: binImage of src/math/motion/binFrame.ts, its second half

struct Params {
  width: u32,
  height: u32,
  halvedHeight: u32,
  taps: vec4f,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read_write> halved: array<f32>;

fn mirrored(i: i32, n: i32) -> u32 {
  if (n == 1) {
    return 0u;
  }
  let period = 2 * n - 2;
  let k = ((i % period) + period) % period;
  return u32(select(period - k, k, k < n));
}

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = (group.y * groups.x + group.x) * 256u + local;
  let j = index / params.width;
  if (j >= params.halvedHeight) {
    return;
  }
  let x = index - j * params.width;
  var sum = 0.0;
  for (var k = 0u; k < 8u; k++) {
    let row = mirrored(i32(2u * j + k) - 3, i32(params.height));
    sum += params.taps[min(k, 7u - k)] * image[row * params.width + x];
  }
  halved[index] = sum;
}
