// Trial image X + xi d with d = clamp(X - theta G, 0, 1) - X, and what it changes
//
// estimate: X, gradient: G, data: Y, trial: [height, width] f32; periodic in x and y
// partials[g] = (E(trial) - E(X), <G, d>) over 2048 pixels, for the functional of src/math/preprocess/denoise.ts
//   E = 1/2 (2 sqrt(k2 X + k1) - Y)^2 + mu sqrt(dx^2 + dy^2 + beta^2); differences of roots are written as
//   quotients, so that single precision keeps the small change of a large sum
// Dispatch: gridOf(ceil(width * height / 2048)). Twin: sweepTrial of src/math/preprocess/denoise.ts

struct Params {
  width: u32,
  height: u32,
  theta: f32,
  xi: f32,
  k1: f32,
  k2: f32,
  mu: f32,
  beta2: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> estimate: array<f32>;
@group(0) @binding(2) var<storage, read> gradient: array<f32>;
@group(0) @binding(3) var<storage, read> data: array<f32>;
@group(0) @binding(4) var<storage, read_write> trial: array<f32>;
@group(0) @binding(5) var<storage, read_write> partials: array<vec2f>;

var<workgroup> sums: array<vec2f, 64>;

fn direction(i: u32) -> f32 {
  let x = estimate[i];
  return clamp(x - params.theta * gradient[i], 0.0, 1.0) - x;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let g = group.y * groups.x + group.x;
  let count = params.width * params.height;
  var total = vec2f(0.0);
  for (var k = 0u; k < 32u; k++) {
    let i = g * 2048u + k * 64u + local;
    if (i < count) {
      let row = i / params.width;
      let column = i - row * params.width;
      let right = select(i + 1u, row * params.width, column + 1u == params.width);
      let down = select(i + params.width, column, row + 1u == params.height);
      let x = estimate[i];
      let d = direction(i);
      let step = params.xi * d;
      trial[i] = x + step;

      let before = sqrt(max(0.0, params.k2 * x + params.k1));
      let after = sqrt(max(0.0, params.k2 * (x + step) + params.k1));
      let residualChange = 2.0 * params.k2 * step / (before + after);
      let dataChange = 0.5 * residualChange * (2.0 * (before + after) - 2.0 * data[i]);

      let dx = estimate[right] - x;
      let dy = estimate[down] - x;
      let ex = params.xi * direction(right) - step;
      let ey = params.xi * direction(down) - step;
      let old = sqrt(dx * dx + dy * dy + params.beta2);
      let changed = sqrt((dx + ex) * (dx + ex) + (dy + ey) * (dy + ey) + params.beta2);
      let variationChange = (ex * (2.0 * dx + ex) + ey * (2.0 * dy + ey)) / (old + changed);

      total += vec2f(dataChange + params.mu * variationChange, gradient[i] * d);
    }
  }
  sums[local] = total;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half >>= 1u) {
    if (local < half) {
      sums[local] += sums[local + half];
    }
    workgroupBarrier();
  }
  if (local == 0u && g * 2048u < count) {
    partials[g] = sums[0];
  }
}
