// Wiener estimate of what is at rest in patches, as spectra of two patches each in one complex image:
//   P = ((T + mu) M0 - conj(Q) M1) / ((T + nu)(T + mu) - |Q|^2),  pairs = P_(2b) + i P_(2b+1)
// with M0 = sum_t F_t, M1 = sum_t F_t e_t, Q = sum_t e_t; the denominator is taken as
// nu (T + mu) + T mu + (T^2 - |Q|^2), which keeps its digits where nu and mu are small
//
// sums: [items][2 kept + 1][kept + 1][2] vec4f, as alignSpectra.wgsl makes them
// ratios: [2 kept + 1][kept + 1] of (nu = N/P, mu = N/S); nu < 0: no pattern, 0
// pairs: [side][ceil(items / 2)][side] complex, 0 at frequencies that are not kept
// Dispatch: gridOf(ceil(ceil(items / 2) * side * side / 64)), one thread a coefficient of the whole plane.
// Twin: PatchEngine.restPattern (src/math/motion/patchEngine.ts)

struct Params {
  side: u32,
  items: u32,
  frames: u32,
  kept: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sums: array<vec4f>;
@group(0) @binding(2) var<storage, read> ratios: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> pairs: array<vec2f>;

fn pattern(item: u32, i: u32, plane: u32) -> vec2f {
  let ratio = ratios[i];
  if (item >= params.items || ratio.x < 0.0) {
    return vec2f(0.0, 0.0);
  }
  let at = 2u * (item * plane + i);
  let m1 = sums[at].xy;
  let m0 = sums[at + 1u].xy;
  let q = sums[at + 1u].zw;
  let frames = f32(params.frames);
  let moving = frames + ratio.y;
  let size = length(q);
  let below = ratio.x * moving + frames * ratio.y + (frames - size) * (frames + size);
  let conjugate = vec2f(q.x * m1.x + q.y * m1.y, q.x * m1.y - q.y * m1.x);
  return (moving * m0 - conjugate) / max(below, 1e-30);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = (group.y * groups.x + group.x) * 64u + local;
  let side = params.side;
  let members = (params.items + 1u) / 2u;
  let x = index % side;
  let y = (index / side) % side;
  let b = index / (side * side);
  if (b >= members) {
    return;
  }
  let kept = params.kept;
  let columns = kept + 1u;
  let plane = (2u * kept + 1u) * columns;
  // The half plane holds kx >= 0; the other half is its conjugate at -k.
  let mirrored = 2u * x > side;
  let kx = select(x, side - x, mirrored);
  let row = select(y, (side - y) % side, mirrored);
  let ky = select(i32(row), i32(row) - i32(side), 2u * row > side);
  var value = vec2f(0.0, 0.0);
  if (kx <= kept && abs(ky) <= i32(kept)) {
    let i = u32(ky + i32(kept)) * columns + kx;
    var first = pattern(2u * b, i, plane);
    var second = pattern(2u * b + 1u, i, plane);
    if (mirrored) {
      first.y = -first.y;
      second.y = -second.y;
    }
    value = vec2f(first.x - second.y, first.y + second.x);
  }
  pairs[(y * members + b) * side + x] = value;
}
