// partials[g] = (sum of (x - shift), sum of (x - shift)^2, least x, largest x) over 4096 pixels
//
// pixels: [height, width] f32, finite
// partials: one vec4f a workgroup; the host adds them in double. shift keeps digits: first 0, then the mean.
// Dispatch: gridOf(ceil(count / 4096)). Twin: src/math/preprocess/imageStatistics.ts

struct Params {
  count: u32,
  shift: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> pixels: array<f32>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

var<workgroup> sums: array<vec4f, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let g = group.y * groups.x + group.x;
  var total = vec4f(0.0, 0.0, 3.4e38, -3.4e38);
  for (var k = 0u; k < 64u; k++) {
    let i = g * 4096u + k * 64u + local;
    if (i < params.count) {
      let x = pixels[i];
      let d = x - params.shift;
      total = vec4f(total.x + d, total.y + d * d, min(total.z, x), max(total.w, x));
    }
  }
  sums[local] = total;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half >>= 1u) {
    if (local < half) {
      let a = sums[local];
      let b = sums[local + half];
      sums[local] = vec4f(a.xy + b.xy, min(a.z, b.z), max(a.w, b.w));
    }
    workgroupBarrier();
  }
  if (local == 0u && g * 4096u < params.count) {
    partials[g] = sums[0];
  }
}
