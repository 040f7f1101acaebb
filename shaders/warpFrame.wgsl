// total[X] (+)= weight * sum over 4 x 4 px of frame[k] * B3(X + d - k),  d constant over a tile
//
// frame: [height, width] f32, gain applied, bad pixels repaired
// shiftX, shiftY: [rows, columns] f32, displacement d of the tile in px (x right, y down the rows)
// total: [height, width] f32. `replace` = 1 writes instead of adding.
// B3: cubic B-spline; borders are mirrored about the outer edges of the outermost pixels.
// Dispatch: gridOf(ceil(width * height / 256)), one thread a pixel. Twin: src/math/warpFrame.ts

struct Params {
  width: u32,
  height: u32,
  tile: u32,
  columns: u32,
  weight: f32,
  replace: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> frame: array<f32>;
@group(0) @binding(2) var<storage, read> shiftX: array<f32>;
@group(0) @binding(3) var<storage, read> shiftY: array<f32>;
@group(0) @binding(4) var<storage, read_write> total: array<f32>;

fn weights(f: f32) -> vec4f {
  let g = 1.0 - f;
  return vec4f(
    g * g * g,
    3.0 * f * f * f - 6.0 * f * f + 4.0,
    -3.0 * f * f * f + 3.0 * f * f + 3.0 * f + 1.0,
    f * f * f,
  ) / 6.0;
}

fn mirror(index: i32, n: i32) -> i32 {
  let period = 2 * n;
  var i = index % period;
  if (i < 0) {
    i += period;
  }
  return select(period - 1 - i, i, i < n);
}

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = (group.y * groups.x + group.x) * 256u + local;
  if (index >= params.width * params.height) {
    return;
  }
  let x = index % params.width;
  let y = index / params.width;
  let tile = (y / params.tile) * params.columns + x / params.tile;
  let dx = shiftX[tile];
  let dy = shiftY[tile];
  let ix = floor(dx);
  let iy = floor(dy);
  let wx = weights(dx - ix);
  let wy = weights(dy - iy);
  let left = i32(x) + i32(ix) - 1;
  let top = i32(y) + i32(iy) - 1;
  let width = i32(params.width);
  let height = i32(params.height);
  let inside = left >= 0 && top >= 0 && left + 4 <= width && top + 4 <= height;
  var sum = 0.0;
  for (var j = 0; j < 4; j++) {
    let row = select(mirror(top + j, height), top + j, inside) * width;
    var line = 0.0;
    for (var i = 0; i < 4; i++) {
      line += wx[i] * frame[row + select(mirror(left + i, width), left + i, inside)];
    }
    sum += wy[j] * line;
  }
  if (params.replace != 0u) {
    total[index] = params.weight * sum;
  } else {
    total[index] += params.weight * sum;
  }
}
