// tapered[y][x] = taperY[y] taperX[x] image[y][x] inside the image, 0 in the padding
//
// image: [height, width] f32
// tapers: width numbers along x, then height along y
// tapered: [paddedHeight, paddedWidth] f32
// Dispatch: gridOf(ceil(paddedWidth * paddedHeight / 256)), one thread a result.
// Twin: FrameSpectrum (src/math/motion/frameSpectrum.ts)

struct Params {
  width: u32,
  height: u32,
  paddedWidth: u32,
  paddedHeight: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read> tapers: array<f32>;
@group(0) @binding(3) var<storage, read_write> tapered: array<f32>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = (group.y * groups.x + group.x) * 256u + local;
  let y = index / params.paddedWidth;
  if (y >= params.paddedHeight) {
    return;
  }
  let x = index - y * params.paddedWidth;
  var value = 0.0;
  if (x < params.width && y < params.height) {
    value = tapers[params.width + y] * tapers[x] * image[y * params.width + x];
  }
  tapered[index] = value;
}
