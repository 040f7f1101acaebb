// sums[j, r] = Σ_{i < r} (references[j, i] − references[j, 0]) in units of one line's span · length / 2³¹:
// running sums in fixed point, so that differences of far-away sums are exact (single precision would
// lose 4 digits) and no compiler can reassociate them.
//
// references: [refCount, lineLength] f32 ascending; sums: [refCount, lineLength + 1] u32
// Dispatch: 1, number of references; references from firstLine on. One workgroup walks one line.

struct Params {
  lineLength: u32,
  firstLine: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> references: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<u32>;

var<workgroup> scan: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let length = params.lineLength;
  let line = params.firstLine + group.y;
  let base = line * length;
  let offset = references[base];
  let span = references[base + length - 1u] - offset;
  let units = select(0.0, 2147483648.0 / (span * f32(length)), span > 0.0);
  var before = 0u;
  for (var start = 0u; start < length; start += 256u) {
    let r = start + local;
    var value = 0u;
    if (r < length) {
      value = u32(max(0.0, (references[base + r] - offset) * units) + 0.5);
    }
    scan[local] = value;
    workgroupBarrier();
    for (var stride = 1u; stride < 256u; stride <<= 1u) {
      var left = 0u;
      if (local >= stride) {
        left = scan[local - stride];
      }
      workgroupBarrier();
      scan[local] += left;
      workgroupBarrier();
    }
    if (r < length) {
      sums[line * (length + 1u) + r] = before + scan[local] - value;
      if (r == length - 1u) {
        sums[line * (length + 1u) + length] = before + scan[local];
      }
    }
    before += scan[255];
    workgroupBarrier();
  }
}
