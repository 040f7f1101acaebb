// One pass of the Stockham autosort FFT (decimation in frequency), the same as in src/math/fftPasses.ts:
//   y[q + s(r p + j)] = w^(p j) * sum_k x[q + s(p + m k)] e^(-2 pi i j k / r),  w = e^(-2 pi i / (r m))
// for r = radix (2, 3, 4, 5, 7 or 8), n = s r m, q < s, p < m; the inverse exchanges re and im on
// reading and writing.
//
// source, target: complex f32; element e of transform b at (firstBatch + b) * batchStride + e * elementStride
// roots: [n] e^(-2 pi i k / n), made on the host in double precision
// Dispatch: gridOf(ceil(batch * n / radix / 64)), one thread a butterfly. No workgroup memory.

override radix: u32 = 4u;

struct Params {
  n: u32,
  s: u32,
  m: u32,
  batch: u32,
  firstBatch: u32,
  batchStride: u32,
  elementStride: u32,
  // 1: neighbouring threads take neighbouring transforms (columns); 0: neighbouring butterflies (rows)
  batchFastest: u32,
  inverse: u32,
  scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<vec2f>;
@group(0) @binding(2) var<storage, read> roots: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> result: array<vec2f>;

fn times(a: vec2f, b: vec2f) -> vec2f {
  return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

// -i a
fn turned(a: vec2f) -> vec2f {
  return vec2f(a.y, -a.x);
}

fn dft4(a: vec2f, b: vec2f, c: vec2f, d: vec2f) -> array<vec2f, 4> {
  let e = a + c;
  let f = a - c;
  let g = b + d;
  let h = turned(b - d);
  return array<vec2f, 4>(e + g, f + h, e - g, f - h);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = (group.y * groups.x + group.x) * 64u + local;
  let butterflies = params.n / radix;
  if (index >= butterflies * params.batch) {
    return;
  }
  var b = index / butterflies;
  var i = index - b * butterflies;
  if (params.batchFastest != 0u) {
    i = index / params.batch;
    b = index - i * params.batch;
  }
  let base = (params.firstBatch + b) * params.batchStride;
  let p = i / params.s;
  let q = i - p * params.s;

  var a: array<vec2f, 8>;
  for (var k = 0u; k < radix; k++) {
    let value = source[base + (i + k * butterflies) * params.elementStride];
    a[k] = select(value, value.yx, params.inverse != 0u);
  }

  var y: array<vec2f, 8>;
  switch radix {
    case 2u: {
      y[0] = a[0] + a[1];
      y[1] = a[0] - a[1];
    }
    case 3u: {
      let t = a[1] + a[2];
      let u = turned(a[1] - a[2]) * 0.8660254037844386;
      let v = a[0] - 0.5 * t;
      y[0] = a[0] + t;
      y[1] = v + u;
      y[2] = v - u;
    }
    case 4u: {
      let e = dft4(a[0], a[1], a[2], a[3]);
      y[0] = e[0];
      y[1] = e[1];
      y[2] = e[2];
      y[3] = e[3];
    }
    case 5u: {
      let u = a[1] + a[4];
      let v = a[2] + a[3];
      let w = turned(a[1] - a[4]);
      let z = turned(a[2] - a[3]);
      let e = a[0] + 0.30901699437494745 * u - 0.8090169943749475 * v;
      let f = a[0] - 0.8090169943749475 * u + 0.30901699437494745 * v;
      let g = 0.9510565162951535 * w + 0.5877852522924731 * z;
      let h = 0.5877852522924731 * w - 0.9510565162951535 * z;
      y[0] = a[0] + u + v;
      y[1] = e + g;
      y[2] = f + h;
      y[3] = f - h;
      y[4] = e - g;
    }
    case 7u: {
      let t1 = a[1] + a[6];
      let t2 = a[2] + a[5];
      let t3 = a[3] + a[4];
      let d1 = turned(a[1] - a[6]);
      let d2 = turned(a[2] - a[5]);
      let d3 = turned(a[3] - a[4]);
      let c1 = 0.6234898018587336;
      let c2 = -0.2225209339563144;
      let c3 = -0.9009688679024191;
      let s1 = 0.7818314824680298;
      let s2 = 0.9749279121818236;
      let s3 = 0.4338837391175581;
      let e1 = a[0] + c1 * t1 + c2 * t2 + c3 * t3;
      let e2 = a[0] + c2 * t1 + c3 * t2 + c1 * t3;
      let e3 = a[0] + c3 * t1 + c1 * t2 + c2 * t3;
      let f1 = s1 * d1 + s2 * d2 + s3 * d3;
      let f2 = s2 * d1 - s3 * d2 - s1 * d3;
      let f3 = s3 * d1 - s1 * d2 + s2 * d3;
      y[0] = a[0] + t1 + t2 + t3;
      y[1] = e1 + f1;
      y[2] = e2 + f2;
      y[3] = e3 + f3;
      y[4] = e3 - f3;
      y[5] = e2 - f2;
      y[6] = e1 - f1;
    }
    default: {
      let e = dft4(a[0], a[2], a[4], a[6]);
      let o = dft4(a[1], a[3], a[5], a[7]);
      let o1 = (o[1] + turned(o[1])) * 0.7071067811865476;
      let o2 = turned(o[2]);
      let o3 = (turned(o[3]) - o[3]) * 0.7071067811865476;
      y[0] = e[0] + o[0];
      y[1] = e[1] + o1;
      y[2] = e[2] + o2;
      y[3] = e[3] + o3;
      y[4] = e[0] - o[0];
      y[5] = e[1] - o1;
      y[6] = e[2] - o2;
      y[7] = e[3] - o3;
    }
  }

  // w^(p j) = roots[p j s], since n = s r m; p j < r m, so the index stays below n.
  for (var j = 0u; j < radix; j++) {
    var value = y[j];
    if (p != 0u && j != 0u) {
      value = times(value, roots[p * j * params.s]);
    }
    value *= params.scale;
    let at = base + (q + params.s * (radix * p + j)) * params.elementStride;
    result[at] = select(value, value.yx, params.inverse != 0u);
  }
}
