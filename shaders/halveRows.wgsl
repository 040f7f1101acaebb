// Box means of box x box pixels, halved along x with eight even taps, mirrored about the end boxes:
//   halved[j][i] = sum_k taps[k] boxed[j][2 i + k - 3],  taps = (a, b, c, d, d, c, b, a)
//
// image: [height, width] f32
// halved: [floor(height / box)][halvedWidth] f32, 2 halvedWidth <= floor(width / box)
// Dispatch: gridOf(ceil(halvedWidth * floor(height / box) / 256)), one thread a result.
// Twin: binImage of src/math/motion/binFrame.ts, its first half

struct Params {
  width: u32,
  height: u32,
  box: u32,
  halvedWidth: u32,
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
  let j = index / params.halvedWidth;
  if (j >= params.height / params.box) {
    return;
  }
  let i = index - j * params.halvedWidth;
  let boxes = i32(params.width / params.box);
  var sum = 0.0;
  for (var k = 0u; k < 8u; k++) {
    let column = mirrored(i32(2u * i + k) - 3, boxes) * params.box;
    var boxed = 0.0;
    for (var y = j * params.box; y < (j + 1u) * params.box; y++) {
      for (var x = column; x < column + params.box; x++) {
        boxed += image[y * params.width + x];
      }
    }
    sum += params.taps[min(k, 7u - k)] * boxed;
  }
  halved[index] = sum / f32(params.box * params.box);
}
