// Real rows in pairs as complex rows, z = a + i b with a = row 2p, b = row 2p + 1 (0 beyond the last):
//   stage 0: pairs[p][x] = image[2p][x] + i image[2p + 1][x]
//   stage 1: half spectra of both rows from Z: A[k] = (Z[k] + conj Z[-k]) / 2, B[k] = (Z[k] - conj Z[-k]) / 2i
//   stage 2: Z from the half spectra, Z[k] = A[k] + i B[k], Z[-k] = conj A[k] + i conj B[k];
//            at k = 0 and k = width/2 the imaginary parts of A and B are dropped
//   stage 3: image rows from pairs
//
// real: [height, width] f32; pairs: [ceil(height/2), width] complex; spectrum: [height, columns] complex,
// columns <= floor(width/2) + 1 (stage 2 wants all of them)
// Dispatch: gridOf(ceil(pairsCount * length / 64)), length = width, columns, floor(width/2) + 1, width.

struct Params {
  stage: u32,
  width: u32,
  height: u32,
  columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> real: array<f32>;
@group(0) @binding(2) var<storage, read_write> pairs: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> spectrum: array<vec2f>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = (group.y * groups.x + group.x) * 64u + local;
  let width = params.width;
  let onImage = params.stage == 0u || params.stage == 3u;
  let length = select(params.columns, width, onImage);
  let p = index / length;
  if (p >= (params.height + 1u) / 2u) {
    return;
  }
  let k = index - p * length;
  let second = 2u * p + 1u < params.height;
  let own = p * width + k;
  switch params.stage {
    case 0u: {
      var b = 0.0;
      if (second) {
        b = real[(2u * p + 1u) * width + k];
      }
      pairs[own] = vec2f(real[2u * p * width + k], b);
    }
    case 1u: {
      let z = pairs[own];
      let c = pairs[p * width + select(width - k, 0u, k == 0u)];
      spectrum[2u * p * length + k] = 0.5 * vec2f(z.x + c.x, z.y - c.y);
      if (second) {
        spectrum[(2u * p + 1u) * length + k] = 0.5 * vec2f(z.y + c.y, c.x - z.x);
      }
    }
    case 2u: {
      var a = spectrum[2u * p * length + k];
      var b = vec2f(0.0, 0.0);
      if (second) {
        b = spectrum[(2u * p + 1u) * length + k];
      }
      if (k == 0u || 2u * k == width) {
        pairs[own] = vec2f(a.x, b.x);
      } else {
        pairs[own] = vec2f(a.x - b.y, a.y + b.x);
        pairs[p * width + width - k] = vec2f(a.x + b.y, b.x - a.y);
      }
    }
    default: {
      let z = pairs[own];
      real[2u * p * width + k] = z.x;
      if (second) {
        real[(2u * p + 1u) * width + k] = z.y;
      }
    }
  }
}
