// lines[j, i] = image row j (columns = 0) or image column j (columns = 1), MASKED where bad.
//
// image: [height, width] f32; bad: [height, width] bytes, 1 = left out (not read when hasBad = 0)
// lines: [lineCount, lineLength] f32. MASKED sorts behind every value and is no NaN or infinity.
// Dispatch: ceil(width / 16), ceil(height / 16), one 16 × 16 tile a workgroup.

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

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.width || id.y >= params.height) {
    return;
  }
  let i = id.y * params.width + id.x;
  var value = image[i];
  if (params.hasBad != 0u && ((bad[i >> 2u] >> ((i & 3u) * 8u)) & 0xffu) != 0u) {
    value = MASKED;
  }
  if (params.columns != 0u) {
    lines[id.x * params.height + id.y] = value;
  } else {
    lines[i] = value;
  }
}
