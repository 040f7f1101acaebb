// Gives every value of a line the value that the line's reference has at its ranks.
//
// lines: [lineCount, lineLength] f32, MASKED = left out; sorted: the same in ascending order
// good: values of each line that count; references: [1 or lineCount, lineLength] f32 ascending
// sums: [1 or lineCount, lineLength + 1] u32, from prefixQuantiles.wgsl
// result: added, not overwritten: layout 0 = [lineCount, lineLength], 1 = its transpose
//
// A value whose equals hold ranks [a, b) of n becomes the mean of the reference over [a/n, b/n), or with
// lastTie the reference's last entry there. Masked values add nothing.
// Dispatch: ceil(lineLength / 256), number of lines; lines from firstLine on.

const MASKED = 2.9e38;

struct Params {
  lineLength: u32,
  lineCount: u32,
  firstLine: u32,
  ownReference: u32,
  lastTie: u32,
  transposed: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> lines: array<f32>;
@group(0) @binding(2) var<storage, read> sorted: array<f32>;
@group(0) @binding(3) var<storage, read> good: array<u32>;
@group(0) @binding(4) var<storage, read> references: array<f32>;
@group(0) @binding(5) var<storage, read> sums: array<u32>;
@group(0) @binding(6) var<storage, read_write> result: array<f32>;

// Values of the line below `value`, or not above it.
fn rankOf(base: u32, n: u32, value: f32, withEqual: bool) -> u32 {
  var low = 0u;
  var high = n;
  while (low < high) {
    let at = (low + high) / 2u;
    let other = sorted[base + at];
    if (other < value || (withEqual && other == value)) {
      low = at + 1u;
    } else {
      high = at;
    }
  }
  return low;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let length = params.lineLength;
  let i = group.x * 256u + local;
  if (i >= length) {
    return;
  }
  let line = params.firstLine + group.y;
  let base = line * length;
  let value = lines[base + i];
  if (value > MASKED) {
    return;
  }
  let n = good[line];
  let b = rankOf(base, n, value, true);
  let a = rankOf(base, n, value, false);
  let refLine = select(0u, line, params.ownReference != 0u);
  let refBase = refLine * length;
  let sumBase = refLine * (length + 1u);

  var equalized = 0.0;
  if (params.lastTie != 0u) {
    let step = min(length - 1u, ((2u * b - 1u) * length) / (2u * n));
    equalized = references[refBase + step];
  } else if (n == length && b - a == 1u) {
    equalized = references[refBase + a];
  } else {
    let offset = references[refBase];
    let span = references[refBase + length - 1u] - offset;
    let unit = span * f32(length) / 2147483648.0;
    // Whole steps by the sums, the rest of a step at either end by its share.
    let fromStep = (a * length) / n;
    let toStep = (b * length) / n;
    let fromPart = f32((a * length) % n) / f32(n);
    let toPart = f32((b * length) % n) / f32(n);
    var area = f32(sums[sumBase + toStep] - sums[sumBase + fromStep]) * unit;
    if (toPart > 0.0) {
      area += toPart * (references[refBase + toStep] - offset);
    }
    if (fromPart > 0.0) {
      area -= fromPart * (references[refBase + fromStep] - offset);
    }
    equalized = offset + area * f32(n) / (f32(b - a) * f32(length));
  }
  if (params.transposed != 0u) {
    result[i * params.lineCount + line] += equalized;
  } else {
    result[base + i] += equalized;
  }
}
