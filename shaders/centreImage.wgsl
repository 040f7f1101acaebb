// pixels[i] -= mean, the mean from the partial sums of imageMoments.wgsl
//
// pixels: [count] f32
// partials: [ceil(count / 4096)] vec4f, the sum of 4096 pixels first
// Dispatch: gridOf(ceil(count / 4096)); each workgroup adds all partial sums up again.

struct Params {
  count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> pixels: array<f32>;

var<workgroup> sums: array<f32, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let g = group.y * groups.x + group.x;
  let members = (params.count + 4095u) / 4096u;
  var sum = 0.0;
  for (var k = local; k < members; k += 64u) {
    sum += partials[k].x;
  }
  sums[local] = sum;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half >>= 1u) {
    if (local < half) {
      sums[local] += sums[local + half];
    }
    workgroupBarrier();
  }
  let mean = sums[0] / f32(params.count);
  for (var k = 0u; k < 64u; k++) {
    let i = g * 4096u + k * 64u + local;
    if (i < params.count) {
      pixels[i] -= mean;
    }
  }
}
