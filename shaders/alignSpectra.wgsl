// Sums over frames of spectra whose displacements are undone:
//   sums[p][k][0] = (sum_t G_t e_t, sum_t |G_t|^2, 0), sums[p][k][1] = (sum_t G_t, sum_t e_t)
// with G_t = F_t - base and e_t = e^(2 pi i k.d_t / size)
//
// spectra: [items][frames][2 ky + 1][kx + 1] complex, rows from -ky to ky
// phases: [items][frames] of kx + 1 factors along x, then ky + 1 along y (made on the host; -ky is the conjugate)
// base: [2 ky + 1][kx + 1] complex, not read unless useBase = 1
// sums: [items][2 ky + 1][kx + 1][2] vec4f
// Dispatch: gridOf(ceil(items * plane / 64)), one thread a coefficient of an item.
// Twins: GlobalSpectra.alignedSums and power of src/math/motion/globalSpectra.ts

struct Params {
  items: u32,
  frames: u32,
  kx: u32,
  ky: u32,
  useBase: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> spectra: array<vec2f>;
@group(0) @binding(2) var<storage, read> phases: array<vec2f>;
@group(0) @binding(3) var<storage, read> base: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> sums: array<vec4f>;

fn times(a: vec2f, b: vec2f) -> vec2f {
  return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
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
  let p = index / plane;
  if (p >= params.items) {
    return;
  }
  let i = index - p * plane;
  let row = i / columns;
  let x = i - row * columns;
  let negative = params.ky > row;
  let y = select(row - params.ky, params.ky - row, negative);
  let stride = columns + params.ky + 1u;

  var offset = vec2f(0.0, 0.0);
  if (params.useBase != 0u) {
    offset = base[i];
  }
  var aligned = vec2f(0.0, 0.0);
  var still = vec2f(0.0, 0.0);
  var phaseSum = vec2f(0.0, 0.0);
  var power = 0.0;
  for (var t = 0u; t < params.frames; t++) {
    let item = p * params.frames + t;
    let f = spectra[item * plane + i] - offset;
    let along = phases[item * stride + columns + y];
    let e = times(phases[item * stride + x], vec2f(along.x, select(along.y, -along.y, negative)));
    aligned += times(f, e);
    still += f;
    phaseSum += e;
    power += dot(f, f);
  }
  sums[2u * index] = vec4f(aligned, power, 0.0);
  sums[2u * index + 1u] = vec4f(still, phaseSum);
}
