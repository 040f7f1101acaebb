// The three pointwise steps of a chirp-z transform (Bluestein) of length n through FFTs of length m >= 2n - 1:
//   stage 0: work[k] = data[k] * factor[k] for k < n, 0 for n <= k < m       factor: [n] e^(-pi i k^2 / n)
//   stage 1: work[k] = work[k] * factor[k] for k < m                        factor: [m] spectrum of the chirp
//   stage 2: data[k] = work[k] * factor[k] * scale for k < n                factor as in stage 0
// The inverse exchanges re and im where data is read and written.
//
// data: complex f32, element e of transform b at (firstBatch + b) * batchStride + e * elementStride
// work: complex f32, element e of transform b at b * workBatchStride + e * workElementStride
// factor: complex f32, made on the host in double precision
// Dispatch: gridOf(ceil(batch * length / 64)) with length = m, m, n. One thread a value.

struct Params {
  stage: u32,
  n: u32,
  m: u32,
  batch: u32,
  firstBatch: u32,
  batchStride: u32,
  elementStride: u32,
  workBatchStride: u32,
  workElementStride: u32,
  batchFastest: u32,
  inverse: u32,
  scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> data: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> work: array<vec2f>;
@group(0) @binding(3) var<storage, read> factor: array<vec2f>;

fn times(a: vec2f, b: vec2f) -> vec2f {
  return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = (group.y * groups.x + group.x) * 64u + local;
  let length = select(params.m, params.n, params.stage == 2u);
  if (index >= length * params.batch) {
    return;
  }
  var b = index / length;
  var k = index - b * length;
  if (params.batchFastest != 0u) {
    k = index / params.batch;
    b = index - k * params.batch;
  }
  let inData = (params.firstBatch + b) * params.batchStride + k * params.elementStride;
  let inWork = b * params.workBatchStride + k * params.workElementStride;
  if (params.stage == 0u) {
    var value = vec2f(0.0, 0.0);
    if (k < params.n) {
      let x = data[inData];
      value = times(select(x, x.yx, params.inverse != 0u), factor[k]);
    }
    work[inWork] = value;
  } else if (params.stage == 1u) {
    work[inWork] = times(work[inWork], factor[k]);
  } else {
    let y = times(work[inWork], factor[k]) * params.scale;
    data[inData] = select(y, y.yx, params.inverse != 0u);
  }
}
