// First half of a correlation map, the sum over ky:
//   partial[n][y][kx] = sum_ky cross[n][ky][kx] waves[y][ky]
//
// cross: [count][2 ky + 1][kx + 1] complex
// waves: [mapHeight][2 ky + 1] complex: e^(2 pi i ky dy / height), or what a linear filter makes of it
// partial: [count][mapHeight][kx + 1] complex
// Dispatch: gridOf(ceil(count * ceil(mapHeight / 4) * (kx + 1) / 64)), one thread four rows of a column.
// Twin: src/math/motion/displacementMaps.ts

struct Params {
  count: u32,
  kx: u32,
  ky: u32,
  mapHeight: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> cross: array<vec2f>;
@group(0) @binding(2) var<storage, read> waves: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> partial: array<vec2f>;

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
  let rows = 2u * params.ky + 1u;
  let blocks = (params.mapHeight + 3u) / 4u;
  let x = index % columns;
  let quad = (index / columns) % blocks;
  let n = index / (columns * blocks);
  if (n >= params.count) {
    return;
  }
  let last = params.mapHeight - 1u;
  let y = 4u * quad;
  let w0 = y * rows;
  let w1 = min(y + 1u, last) * rows;
  let w2 = min(y + 2u, last) * rows;
  let w3 = min(y + 3u, last) * rows;
  var s0 = vec2f(0.0, 0.0);
  var s1 = s0;
  var s2 = s0;
  var s3 = s0;
  var at = n * rows * columns + x;
  for (var k = 0u; k < rows; k++) {
    let c = cross[at];
    s0 += times(c, waves[w0 + k]);
    s1 += times(c, waves[w1 + k]);
    s2 += times(c, waves[w2 + k]);
    s3 += times(c, waves[w3 + k]);
    at += columns;
  }
  let into = (n * params.mapHeight + y) * columns + x;
  partial[into] = s0;
  if (y + 1u <= last) {
    partial[into + columns] = s1;
  }
  if (y + 2u <= last) {
    partial[into + 2u * columns] = s2;
  }
  if (y + 3u <= last) {
    partial[into + 3u * columns] = s3;
  }
}
