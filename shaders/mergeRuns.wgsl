// Merges neighbouring ascending runs of `run` values of each line into runs of 2·run: every value finds
// its place by its rank in the other run (binary search). Of equal values the left run's come first.
//
// source, merged: [lineCount, lineLength] f32
// Dispatch: ceil(lineLength / 256), number of lines; lines from firstLine on.

struct Params {
  lineLength: u32,
  firstLine: u32,
  run: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read_write> merged: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = group.x * 256u + local;
  if (i >= params.lineLength) {
    return;
  }
  let base = (params.firstLine + group.y) * params.lineLength;
  let mine = i / params.run;
  let pair = (mine / 2u) * 2u * params.run;
  let isLeft = (mine & 1u) == 0u;
  let middle = min(pair + params.run, params.lineLength);
  let end = min(pair + 2u * params.run, params.lineLength);
  let otherStart = select(pair, middle, isLeft);
  let value = source[base + i];
  var low = otherStart;
  var high = select(middle, end, isLeft);
  while (low < high) {
    let at = (low + high) / 2u;
    let other = source[base + at];
    if (other < value || (!isLeft && other == value)) {
      low = at + 1u;
    } else {
      high = at;
    }
  }
  let ownRank = select(i - middle, i - pair, isLeft);
  merged[base + pair + ownRank + (low - otherStart)] = value;
}
