// Weighted cross spectra of each frame with the sum of the others, or with the frame before it:
//   kind 0: X_t = w (A_t conj(S - A_t) + m e_t conj(Q - e_t)),  A_t = (F_t - base) e_t
//   kind 1: X_t = w ((F_t - base) conj(F_(t-1) - base) + m), 0 for t = 0
// with S = sum_t A_t, Q = sum_t e_t, and m = sum_t |F_t - base|^2 / (T max(1, T - 1)) where mended = 1 (what a
// frame has of itself in the time mean that was subtracted), else 0
//
// spectra, phases, base, sums: as in alignSpectra.wgsl
// weight: [2 ky + 1][kx + 1]
// cross: [items][count][2 ky + 1][kx + 1] complex, of the frames firstFrame ... firstFrame + count - 1
// Dispatch: gridOf(ceil(items * count * plane / 64)), one thread a coefficient of a frame.
// Twins: GlobalSpectra.correlate, PatchEngine.surfaces (src/math/motion)

struct Params {
  items: u32,
  frames: u32,
  firstFrame: u32,
  count: u32,
  kx: u32,
  ky: u32,
  kind: u32,
  mended: u32,
  useBase: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> spectra: array<vec2f>;
@group(0) @binding(2) var<storage, read> phases: array<vec2f>;
@group(0) @binding(3) var<storage, read> base: array<vec2f>;
@group(0) @binding(4) var<storage, read> sums: array<vec4f>;
@group(0) @binding(5) var<storage, read> weight: array<f32>;
@group(0) @binding(6) var<storage, read_write> cross: array<vec2f>;

fn times(a: vec2f, b: vec2f) -> vec2f {
  return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

// a conj(b)
fn timesConjugate(a: vec2f, b: vec2f) -> vec2f {
  return vec2f(a.x * b.x + a.y * b.y, a.y * b.x - a.x * b.y);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = (group.y * groups.x + group.x) * 64u + local;
  let columns = params.kx + 1u;
  let plane = (2u * params.ky + 1u) * columns;
  let member = index / plane;
  let p = member / params.count;
  if (p >= params.items) {
    return;
  }
  let i = index - member * plane;
  let t = params.firstFrame + member - p * params.count;
  let item = p * params.frames + t;
  let w = weight[i];
  if (w == 0.0 || (params.kind == 1u && t == 0u)) {
    cross[index] = vec2f(0.0, 0.0);
    return;
  }
  var offset = vec2f(0.0, 0.0);
  if (params.useBase != 0u) {
    offset = base[i];
  }
  let f = spectra[item * plane + i] - offset;
  let sum = sums[2u * (p * plane + i)];
  var mend = 0.0;
  if (params.mended != 0u) {
    mend = sum.z / f32(params.frames * max(1u, params.frames - 1u));
  }
  if (params.kind == 1u) {
    let previous = spectra[(item - 1u) * plane + i] - offset;
    cross[index] = w * (timesConjugate(f, previous) + vec2f(mend, 0.0));
    return;
  }
  let row = i / columns;
  let negative = params.ky > row;
  let y = select(row - params.ky, params.ky - row, negative);
  let stride = columns + params.ky + 1u;
  let along = phases[item * stride + columns + y];
  let e = times(
    phases[item * stride + i - row * columns],
    vec2f(along.x, select(along.y, -along.y, negative)),
  );
  let a = times(f, e);
  var x = timesConjugate(a, sum.xy - a);
  if (params.mended != 0u) {
    x += mend * timesConjugate(e, sums[2u * (p * plane + i) + 1u].zw - e);
  }
  cross[index] = w * x;
}
