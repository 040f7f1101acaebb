// Gradient of the denoising functional at `trial`, next to the one at `estimate`
//
// trial, estimate, data, gradient (at estimate), next (at trial): [height, width] f32; periodic in x and y
// partials[g] = (<D, next - gradient>, <D, D>, largest D with its sign, 0) over 2048 pixels, D = trial - estimate
// Functional and constants: src/math/preprocess/denoise.ts
// Dispatch: gridOf(ceil(width * height / 2048)). Twin: sweepGradient of src/math/preprocess/denoise.ts

struct Params {
  width: u32,
  height: u32,
  k1: f32,
  k2: f32,
  mu: f32,
  beta2: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> trial: array<f32>;
@group(0) @binding(2) var<storage, read> estimate: array<f32>;
@group(0) @binding(3) var<storage, read> data: array<f32>;
@group(0) @binding(4) var<storage, read> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> next: array<f32>;
@group(0) @binding(6) var<storage, read_write> partials: array<vec4f>;

var<workgroup> sums: array<vec4f, 64>;

// 1 / sqrt(dx^2 + dy^2 + beta^2)
fn weight(value: f32, right: f32, down: f32) -> f32 {
  let dx = right - value;
  let dy = down - value;
  return 1.0 / sqrt(dx * dx + dy * dy + params.beta2);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let g = group.y * groups.x + group.x;
  let width = params.width;
  let count = width * params.height;
  var total = vec4f(0.0, 0.0, -3.4e38, 0.0);
  for (var k = 0u; k < 32u; k++) {
    let i = g * 2048u + k * 64u + local;
    if (i < count) {
      let row = i / width;
      let column = i - row * width;
      let x0 = select(column - 1u, width - 1u, column == 0u);
      let x1 = select(column + 1u, 0u, column + 1u == width);
      let above = select(row - 1u, params.height - 1u, row == 0u) * width;
      let here = row * width;
      let below = select(row + 1u, 0u, row + 1u == params.height) * width;

      let value = trial[i];
      let right = trial[here + x1];
      let down = trial[below + column];
      let left = trial[here + x0];
      let up = trial[above + column];
      let w = weight(value, right, down);
      let wLeft = weight(left, value, trial[below + x0]);
      let wUp = weight(up, trial[above + x1], value);
      // Differences first: the sums of the original lose digits where the weights are large.
      let variation = w * ((value - right) + (value - down)) + wLeft * (value - left) + wUp * (value - up);
      let argument = params.k2 * value + params.k1;
      let fidelity = params.k2 * (2.0 - data[i] / sqrt(max(argument, 1e-20)));
      let now = fidelity + params.mu * variation;

      let delta = value - estimate[i];
      total = vec4f(
        total.x + delta * (now - gradient[i]),
        total.y + delta * delta,
        max(total.z, delta),
        0.0,
      );
      next[i] = now;
    }
  }
  sums[local] = total;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half >>= 1u) {
    if (local < half) {
      let a = sums[local];
      let b = sums[local + half];
      sums[local] = vec4f(a.xy + b.xy, max(a.z, b.z), 0.0);
    }
    workgroupBarrier();
  }
  if (local == 0u && g * 2048u < count) {
    partials[g] = sums[0];
  }
}
