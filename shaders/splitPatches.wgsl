// Half spectra of the two frames of each pair from the transform Z of their complex image:
//   F_t[k] = (Z[k] + conj Z[-k]) / 2,  F_(t+1)[k] = (Z[k] - conj Z[-k]) / 2i
//
// pairs: [side][items * ceil(frames / 2)][side] complex, transformed along both sides
// spectra: [items][frames][2 kept + 1][kept + 1] complex, rows from -kept to kept, kept < side / 2
// Dispatch: gridOf(ceil(items * ceil(frames / 2) * plane / 64)), one thread a coefficient of a pair.
// Twin: PatchTransform (src/math/motion/patchTransform.ts)

struct Params {
  side: u32,
  items: u32,
  frames: u32,
  kept: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> pairs: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> spectra: array<vec2f>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = (group.y * groups.x + group.x) * 64u + local;
  let side = params.side;
  let columns = params.kept + 1u;
  let plane = (2u * params.kept + 1u) * columns;
  let perItem = (params.frames + 1u) / 2u;
  let members = params.items * perItem;
  let b = index / plane;
  if (b >= members) {
    return;
  }
  let i = index - b * plane;
  let x = i % columns;
  let y = (i / columns + side - params.kept) % side;
  let z = pairs[(y * members + b) * side + x];
  let c = pairs[(((side - y) % side) * members + b) * side + (side - x) % side];
  let item = b / perItem;
  let t = 2u * (b - item * perItem);
  let at = (item * params.frames + t) * plane + i;
  spectra[at] = 0.5 * vec2f(z.x + c.x, z.y - c.y);
  if (t + 1u < params.frames) {
    spectra[at + plane] = 0.5 * vec2f(z.y + c.y, c.x - z.x);
  }
}
