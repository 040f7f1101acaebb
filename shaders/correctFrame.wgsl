// A frame as it is measured: dark and gain applied, what is no plausible value replaced.
//   v = (frame - dark) correction; plausible: finite, low <= v <= high, and not marked 2
//   r = mean of the plausible neighbours in 5 x 5 that are not marked 1; `mean` where there are none
//   s = v where v is plausible, else r;  total += s, and a stray is counted where v is not plausible
//   corrected = (r where marked 1, else s) - mean
//
// frame: packed pixels as stored, [height, width]; type as in accumulate.wgsl
// correction, dark: [height, width] f32, finite; not read unless useCorrection, useDark = 1
// marks: one byte a pixel, not read unless useMarks = 1: 1 = listed as bad, 2 = never plausible
// corrected, total: [height, width] f32
// strays: [height, width] counts, then one for all of them
// Dispatch: gridOf(ceil(width * height / 256)), one thread a pixel.
// Twin: FrameBinner (src/math/motion/binFrame.ts)

struct Params {
  width: u32,
  height: u32,
  pixelType: u32,
  useCorrection: u32,
  useDark: u32,
  useMarks: u32,
  low: f32,
  high: f32,
  mean: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> frame: array<u32>;
@group(0) @binding(2) var<storage, read> correction: array<f32>;
@group(0) @binding(3) var<storage, read> dark: array<f32>;
@group(0) @binding(4) var<storage, read> marks: array<u32>;
@group(0) @binding(5) var<storage, read_write> corrected: array<f32>;
@group(0) @binding(6) var<storage, read_write> total: array<f32>;
@group(0) @binding(7) var<storage, read_write> strays: array<atomic<u32>>;

fn pixel(i: u32) -> f32 {
  switch params.pixelType {
    case 0u: { return f32((frame[i >> 2u] >> ((i & 3u) * 8u)) & 0xffu); }
    case 1u: { return f32(extractBits(bitcast<i32>(frame[i >> 2u]), (i & 3u) * 8u, 8u)); }
    case 2u: { return f32((frame[i >> 1u] >> ((i & 1u) * 16u)) & 0xffffu); }
    case 3u: { return f32(extractBits(bitcast<i32>(frame[i >> 1u]), (i & 1u) * 16u, 16u)); }
    case 4u: { return f32(frame[i]); }
    case 5u: { return f32(bitcast<i32>(frame[i])); }
    default: { return bitcast<f32>(frame[i]); }
  }
}

fn marked(i: u32) -> u32 {
  if (params.useMarks == 0u) {
    return 0u;
  }
  return (marks[i >> 2u] >> ((i & 3u) * 8u)) & 3u;
}

struct Value {
  v: f32,
  plausible: bool,
}

fn valueAt(i: u32, mark: u32) -> Value {
  // Infinities and NaN are told by their bits: a shader may assume that floats are neither.
  if ((mark & 2u) != 0u || (params.pixelType == 6u && (frame[i] & 0x7f800000u) == 0x7f800000u)) {
    return Value(0.0, false);
  }
  var v = pixel(i);
  if (params.useDark != 0u) {
    v -= dark[i];
  }
  if (params.useCorrection != 0u) {
    v *= correction[i];
  }
  return Value(v, v >= params.low && v <= params.high);
}

fn neighbourMean(i: u32) -> f32 {
  let x = i32(i % params.width);
  let y = i32(i / params.width);
  var n = 0.0;
  var sum = 0.0;
  for (var v = max(0, y - 2); v <= min(i32(params.height) - 1, y + 2); v++) {
    for (var u = max(0, x - 2); u <= min(i32(params.width) - 1, x + 2); u++) {
      let at = u32(v) * params.width + u32(u);
      let mark = marked(at);
      if (at == i || (mark & 1u) != 0u) {
        continue;
      }
      let value = valueAt(at, mark);
      if (value.plausible) {
        n += 1.0;
        sum += value.v;
      }
    }
  }
  return select(params.mean, sum / max(n, 1.0), n > 0.0);
}

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = (group.y * groups.x + group.x) * 256u + local;
  let count = params.width * params.height;
  if (i >= count) {
    return;
  }
  let mark = marked(i);
  let value = valueAt(i, mark);
  var result = value.v;
  if (!value.plausible || (mark & 1u) != 0u) {
    result = neighbourMean(i);
  }
  total[i] += select(result, value.v, value.plausible);
  corrected[i] = result - params.mean;
  if (!value.plausible) {
    atomicAdd(&strays[i], 1u);
    atomicAdd(&strays[count], 1u);
  }
}
