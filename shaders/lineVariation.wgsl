// partials[t] = Σ |values[j, i] − values[j − 1, i]| over the 64 pixels of thread t, lines j > 0, where
// neither pixel is masked; the host adds the partial sums in double precision.
//
// values: [lineCount, lineLength] f32; lines: the same shape, MASKED = left out
// partials: [256 · ceil(count / 16384)] f32
// Dispatch: gridOf(ceil(count / 16384)); a workgroup has 16384 pixels in the order of memory.

const MASKED = 2.9e38;

struct Params {
  lineLength: u32,
  count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read> lines: array<f32>;
@group(0) @binding(3) var<storage, read_write> partials: array<f32>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = group.y * groups.x + group.x;
  if (index * 16384u >= params.count) {
    return;
  }
  var sum = 0.0;
  for (var k = 0u; k < 64u; k++) {
    let i = index * 16384u + k * 256u + local;
    if (i >= params.lineLength && i < params.count) {
      let above = i - params.lineLength;
      if (lines[i] < MASKED && lines[above] < MASKED) {
        sum += abs(values[i] - values[above]);
      }
    }
  }
  partials[index * 256u + local] = sum;
}
