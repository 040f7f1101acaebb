// sums[j, r] = Σ_{i < r} (references[j, i] − references[j, 0]) in units of one line's span · length / 2³¹:
// running sums in fixed point, so that differences of far-away sums are exact (single precision would
// lose 4 digits) and no compiler can reassociate them.
//
// references: [refCount, lineLength] f32 ascending; sums: [refCount, lineLength + 1] u32
// Dispatch: ceil(refCount / 64); one thread walks one line.

struct Params {
  lineLength: u32,
  lineCount: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> references: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let line = id.x;
  if (line >= params.lineCount) {
    return;
  }
  let length = params.lineLength;
  let base = line * length;
  let start = line * (length + 1u);
  let offset = references[base];
  let span = references[base + length - 1u] - offset;
  let units = select(0.0, 2147483648.0 / (span * f32(length)), span > 0.0);
  var sum = 0u;
  for (var r = 0u; r < length; r++) {
    sums[start + r] = sum;
    sum += u32(max(0.0, (references[base + r] - offset) * units) + 0.5);
  }
  sums[start + length] = sum;
}
