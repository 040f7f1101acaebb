// lines[j, i] = image row j (columns = 0) or image column j (columns = 1), MASKED where bad.
//
// image: [height, width] f32; bad: [height, width] bytes, 1 = left out (not read when hasBad = 0)
// lines: [lineCount, lineLength] f32. MASKED sorts behind every value and is no NaN or infinity.
// Dispatch: ceil(width / 16), ceil(height / 16), one 16 × 16 tile a workgroup, through shared memory so
// that both sides are read and written along their rows.

const MASKED = 3.0e38;

struct Params {
  width: u32,
  height: u32,
  columns: u32,
  hasBad: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read> bad: array<u32>;
@group(0) @binding(3) var<storage, read_write> lines: array<f32>;

var<workgroup> tile: array<f32, 272>; // 16 rows of 17: the odd pitch avoids bank conflicts

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let x = group.x * 16u + local.x;
  let y = group.y * 16u + local.y;
  var value = 0.0;
  if (x < params.width && y < params.height) {
    let i = y * params.width + x;
    value = image[i];
    if (params.hasBad != 0u && ((bad[i >> 2u] >> ((i & 3u) * 8u)) & 0xffu) != 0u) {
      value = MASKED;
    }
    if (params.columns == 0u) {
      lines[i] = value;
    }
  }
  tile[local.y * 17u + local.x] = value;
  workgroupBarrier();
  let column = group.x * 16u + local.y;
  let row = group.y * 16u + local.x;
  if (params.columns != 0u && column < params.width && row < params.height) {
    lines[column * params.height + row] = tile[local.x * 17u + local.y];
  }
}
