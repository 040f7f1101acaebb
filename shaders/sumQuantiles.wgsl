// partials[b, r] = Σ over lines j of block b of weight[j] · quantile_j(r): the sums over blocks of
// BLOCK lines, which the host adds in double precision.
//
// sorted: [lineCount, lineLength] f32 ascending; good: values of each line that count; weight: [lineCount]
// partials: [ceil(lineCount / BLOCK), lineLength] f32
// quantile_j(r) = sorted[j, floor((r + ½)·good/lineLength)], so a line with fewer good values is stretched.
// Dispatch: ceil(lineLength / 256), ceil(lineCount / BLOCK).

const BLOCK = 64u;

struct Params {
  lineLength: u32,
  lineCount: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sorted: array<f32>;
@group(0) @binding(2) var<storage, read> good: array<u32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read_write> partials: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let r = group.x * 256u + local;
  if (r >= params.lineLength) {
    return;
  }
  let first = group.y * BLOCK;
  let end = min(first + BLOCK, params.lineCount);
  var sum = 0.0;
  for (var j = first; j < end; j++) {
    let n = good[j];
    if (n > 0u) {
      // floor((2r + 1)·n / 2L) in integers: exact for lines of up to 46340 values.
      let step = ((2u * r + 1u) * n) / (2u * params.lineLength);
      sum += weight[j] * sorted[j * params.lineLength + step];
    }
  }
  partials[group.y * params.lineLength + r] = sum;
}
