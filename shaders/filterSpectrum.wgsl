// filtered(v, u) = scale * H(w) * spectrum(v, u) on the low frequencies of a smaller (or equal) image
//
// spectrum: [fromHeight, fromColumns] complex, zero frequency first; fromColumns >= width/2 + 1
// filtered: [height, width/2 + 1] complex; w = |(u/width, v/height)| in cycles per pixel of the output
// H = exp(-gaussian w^2) * high-pass (raised cosine below its cutoff) * low-pass (raised cosine above);
//   a filter that is off has gaussian 0, highCutoff < 0, lowCutoff > 1
// The cosine is a polynomial (error 6e-8), since the language's own may be off by 5e-4.
// Dispatch: (ceil((width/2 + 1) / 64), height). Twin: src/math/preprocess/fourierFilter.ts

struct Params {
  width: u32,
  height: u32,
  fromColumns: u32,
  fromHeight: u32,
  scale: f32,
  gaussian: f32,
  highCutoff: f32,
  highTransition: f32,
  lowCutoff: f32,
  lowTransition: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> spectrum: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> filtered: array<vec2f>;

// (1 + cos(pi t)) / 2 for 0 <= t <= 1
fn raisedCosine(t: f32) -> f32 {
  let z = 3.14159265 * (t - 0.5);
  let z2 = z * z;
  let sine = z * (1.0 + z2 * (-1.0 / 6.0 + z2 * (1.0 / 120.0 + z2 * (-1.0 / 5040.0
    + z2 * (1.0 / 362880.0 - z2 / 39916800.0)))));
  return 0.5 * (1.0 - sine);
}

fn response(w: f32) -> f32 {
  var h = exp(-params.gaussian * w * w);
  if (w <= params.highCutoff) {
    let t = (params.highCutoff - w) / max(params.highTransition, 1e-12);
    h *= select(0.0, raisedCosine(t), t < 1.0);
  }
  if (w >= params.lowCutoff) {
    let t = (w - params.lowCutoff) / max(params.lowTransition, 1e-12);
    h *= select(0.0, raisedCosine(t), t < 1.0);
  }
  return h;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let columns = params.width / 2u + 1u;
  let u = id.x;
  let v = id.y;
  if (u >= columns) {
    return;
  }
  let half = params.height / 2u;
  var frequency = i32(v);
  var row = v;
  if (v > half) {
    frequency = i32(v) - i32(params.height);
    row = params.fromHeight + v - params.height;
  }
  let x = f32(u) / f32(params.width);
  let y = f32(frequency) / f32(params.height);
  let factor = params.scale * response(sqrt(x * x + y * y));
  filtered[v * columns + u] = factor * spectrum[row * params.fromColumns + u];
}
