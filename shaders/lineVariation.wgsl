// partials[g] = Σ |values[j, i] − values[j − 1, i]| over the pixels of workgroup g, lines j > 0, where
// neither pixel is masked; the host adds the partials sums in double precision.
//
// values: [lineCount, lineLength] f32; lines: the same shape, MASKED = left out
// Dispatch: gridOf(ceil(count / 2048)); a workgroup has 2048 pixels in the order of memory.

const MASKED = 2.9e38;

struct Params {
  lineLength: u32,
  count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read> lines: array<f32>;
@group(0) @binding(3) var<storage, read_write> partials: array<f32>;

var<workgroup> sums: array<f32, 256>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = group.y * groups.x + group.x;
  var sum = 0.0;
  for (var k = 0u; k < 8u; k++) {
    let i = index * 2048u + k * 256u + local;
    if (i >= params.lineLength && i < params.count) {
      let above = i - params.lineLength;
      if (lines[i] < MASKED && lines[above] < MASKED) {
        sum += abs(values[i] - values[above]);
      }
    }
  }
  sums[local] = sum;
  workgroupBarrier();
  for (var stride = 128u; stride > 0u; stride >>= 1u) {
    if (local < stride) {
      sums[local] += sums[local + stride];
    }
    workgroupBarrier();
  }
  if (local == 0u && index * 2048u < params.count) {
    partials[index] = sums[0];
  }
}
