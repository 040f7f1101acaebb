// references[j, r] = Σ_k g(|k|) · quantile_{j+k}(r) / Σ_k g(|k|), over lines j + k that exist and have
// good values (Sorzano et al. 2018, Eq. 2): no wrapping, no padding.
//
// sorted, references: [lineCount, lineLength] f32; good: [lineCount]; kernel: [reach + 1] f32
// quantile_j(r) as in sumQuantiles.wgsl.
// Dispatch: ceil(lineLength / 256), number of lines; lines from firstLine on.

struct Params {
  lineLength: u32,
  lineCount: u32,
  firstLine: u32,
  reach: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sorted: array<f32>;
@group(0) @binding(2) var<storage, read> good: array<u32>;
@group(0) @binding(3) var<storage, read> kernel: array<f32>;
@group(0) @binding(4) var<storage, read_write> references: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let r = group.x * 256u + local;
  if (r >= params.lineLength) {
    return;
  }
  let line = i32(params.firstLine + group.y);
  let reach = i32(params.reach);
  var sum = 0.0;
  var weight = 0.0;
  for (var k = -reach; k <= reach; k++) {
    let other = line + k;
    if (other < 0 || other >= i32(params.lineCount)) {
      continue;
    }
    let n = good[other];
    if (n > 0u) {
      let g = kernel[abs(k)];
      let step = ((2u * r + 1u) * n) / (2u * params.lineLength);
      sum += g * sorted[u32(other) * params.lineLength + step];
      weight += g;
    }
  }
  references[u32(line) * params.lineLength + r] = select(0.0, sum / weight, weight > 0.0);
}
