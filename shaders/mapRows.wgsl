// Second half of a correlation map, the sum over kx:
//   maps[n][y][x] = Re sum_kx partial[n][y][kx] waves[x][kx]
//
// partial: [count][mapHeight][kx + 1] complex, as mapColumns.wgsl makes it
// waves: [mapWidth][kx + 1] complex: m e^(2 pi i kx dx / width) times the scale, m = 1 for kx = 0, else 2
// maps: [count][mapHeight][mapWidth]
// Dispatch: gridOf(ceil(count * mapHeight * ceil(mapWidth / 4) / 64)), one thread four neighbours.
// Twin: src/math/motion/displacementMaps.ts

struct Params {
  count: u32,
  kx: u32,
  mapWidth: u32,
  mapHeight: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partial: array<vec2f>;
@group(0) @binding(2) var<storage, read> waves: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> maps: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = (group.y * groups.x + group.x) * 64u + local;
  let columns = params.kx + 1u;
  let blocks = (params.mapWidth + 3u) / 4u;
  let x = 4u * (index % blocks);
  let line = index / blocks;
  if (line >= params.count * params.mapHeight) {
    return;
  }
  let last = params.mapWidth - 1u;
  let w0 = x * columns;
  let w1 = min(x + 1u, last) * columns;
  let w2 = min(x + 2u, last) * columns;
  let w3 = min(x + 3u, last) * columns;
  var sum = vec4f(0.0, 0.0, 0.0, 0.0);
  for (var k = 0u; k < columns; k++) {
    // Re a b = dot((a.x, -a.y), b)
    let p = partial[line * columns + k] * vec2f(1.0, -1.0);
    sum += vec4f(
      dot(p, waves[w0 + k]),
      dot(p, waves[w1 + k]),
      dot(p, waves[w2 + k]),
      dot(p, waves[w3 + k]),
    );
  }
  let into = line * params.mapWidth + x;
  for (var j = 0u; j < 4u; j++) {
    if (x + j <= last) {
      maps[into + j] = sum[j];
    }
  }
}
