// sorted[j, c·CHUNK …] = the values of chunk c of line j in ascending order (bitonic network).
//
// lines, sorted: [lineCount, lineLength] f32
// Dispatch: ceil(lineLength / CHUNK), number of lines; lines from firstLine on.

const MASKED = 3.0e38;
override CHUNK: u32 = 2048u; // power of two, at most 2048: 8 KiB of shared memory

struct Params {
  lineLength: u32,
  firstLine: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> lines: array<f32>;
@group(0) @binding(2) var<storage, read_write> sorted: array<f32>;

var<workgroup> values: array<f32, 2048>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let start = group.x * CHUNK;
  let base = (params.firstLine + group.y) * params.lineLength;
  for (var i = local; i < CHUNK; i += 256u) {
    // What lies behind the end of the line sorts behind everything and is not written back.
    values[i] = 3.4e38;
    if (start + i < params.lineLength) {
      values[i] = lines[base + start + i];
    }
  }
  workgroupBarrier();
  for (var size = 2u; size <= CHUNK; size <<= 1u) {
    for (var stride = size >> 1u; stride > 0u; stride >>= 1u) {
      for (var pair = local; pair < CHUNK / 2u; pair += 256u) {
        let low = 2u * stride * (pair / stride) + pair % stride;
        let high = low + stride;
        let ascending = (low & size) == 0u;
        let a = values[low];
        let b = values[high];
        if ((a > b) == ascending) {
          values[low] = b;
          values[high] = a;
        }
      }
      workgroupBarrier();
    }
  }
  for (var i = local; i < CHUNK; i += 256u) {
    if (start + i < params.lineLength) {
      sorted[base + start + i] = values[i];
    }
  }
}
