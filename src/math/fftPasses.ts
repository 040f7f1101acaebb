/**
 * One pass of the Stockham autosort FFT (decimation in frequency) over split re/im arrays.
 *
 * A pass of radix r on blocks of length r·m with stride s reads
 *   a_k = x[q + s·(p + m·k)],  k < r, p < m, q < s
 * and writes
 *   y[q + s·(r·p + j)] = w^{p·j} · Σ_k a_k · e^{−2πi·jk/r},   w = e^{−2πi/(r·m)},
 * so that after all passes the spectrum stands in natural order. Lanes of a batch are the innermost
 * index: the first pass starts with s = lanes, and the inner loop never becomes shorter than that.
 */
export interface Pass {
  readonly radix: number;
  /** Block length after the pass. */
  readonly m: number;
  /** Twiddles `w^{p·j}`, `[m, radix − 1]`, j from 1, double precision. */
  readonly cos: Float64Array;
  readonly sin: Float64Array;
  /** e^{−2πi·jk/r} of the generic pass, `[radix]`; empty for radix 2 to 5. */
  readonly rootCos: Float64Array;
  readonly rootSin: Float64Array;
}

/** Prepares the pass of the given radix over blocks of length `radix · m`. */
export function createPass(radix: number, m: number): Pass {
  const cos = new Float64Array(m * (radix - 1));
  const sin = new Float64Array(m * (radix - 1));
  const n = radix * m;
  for (let p = 0; p < m; p++)
    for (let j = 1; j < radix; j++) {
      const angle = (-2 * Math.PI * ((p * j) % n)) / n;
      cos[p * (radix - 1) + j - 1] = Math.cos(angle);
      sin[p * (radix - 1) + j - 1] = Math.sin(angle);
    }
  const generic = radix > 5;
  const roots = generic ? radix : 0;
  const rootCos = Float64Array.from({ length: roots }, (_, k) =>
    Math.cos((-2 * Math.PI * k) / radix),
  );
  const rootSin = Float64Array.from({ length: roots }, (_, k) =>
    Math.sin((-2 * Math.PI * k) / radix),
  );
  return { radix, m, cos, sin, rootCos, rootSin };
}

/** Runs one pass from x to y with stride `s`. */
export function runPass(
  pass: Pass,
  s: number,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  if (pass.radix === 4) pass4(pass, s, xr, xi, yr, yi);
  else if (pass.radix === 2) pass2(pass, s, xr, xi, yr, yi);
  else if (pass.radix === 3) pass3(pass, s, xr, xi, yr, yi);
  else if (pass.radix === 5) pass5(pass, s, xr, xi, yr, yi);
  else passGeneric(pass, s, xr, xi, yr, yi);
}

type Runner = (
  pass: Pass,
  s: number,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
) => void;

const pass2: Runner = ({ m, cos, sin }, s, xr, xi, yr, yi) => {
  const half = s * m;
  for (let p = 0; p < m; p++) {
    const c = cos[p];
    const d = sin[p];
    const x0 = s * p;
    const y0 = 2 * x0;
    for (let q = 0; q < s; q++) {
      const ar = xr[x0 + q];
      const ai = xi[x0 + q];
      const br = xr[x0 + q + half];
      const bi = xi[x0 + q + half];
      yr[y0 + q] = ar + br;
      yi[y0 + q] = ai + bi;
      const er = ar - br;
      const ei = ai - bi;
      yr[y0 + q + s] = er * c - ei * d;
      yi[y0 + q + s] = er * d + ei * c;
    }
  }
};

const SIN60 = Math.sqrt(3) / 2;

const pass3: Runner = ({ m, cos, sin }, s, xr, xi, yr, yi) => {
  const third = s * m;
  for (let p = 0; p < m; p++) {
    const c1 = cos[2 * p];
    const d1 = sin[2 * p];
    const c2 = cos[2 * p + 1];
    const d2 = sin[2 * p + 1];
    const x0 = s * p;
    const y0 = 3 * x0;
    for (let q = 0; q < s; q++) {
      const i0 = x0 + q;
      const i1 = i0 + third;
      const i2 = i1 + third;
      const ar = xr[i0];
      const ai = xi[i0];
      const sr = xr[i1] + xr[i2];
      const si = xi[i1] + xi[i2];
      const tr = SIN60 * (xi[i1] - xi[i2]);
      const ti = -SIN60 * (xr[i1] - xr[i2]);
      const hr = ar - 0.5 * sr;
      const hi = ai - 0.5 * si;
      const o0 = y0 + q;
      const o1 = o0 + s;
      const o2 = o1 + s;
      yr[o0] = ar + sr;
      yi[o0] = ai + si;
      const er = hr + tr;
      const ei = hi + ti;
      const fr = hr - tr;
      const fi = hi - ti;
      yr[o1] = er * c1 - ei * d1;
      yi[o1] = er * d1 + ei * c1;
      yr[o2] = fr * c2 - fi * d2;
      yi[o2] = fr * d2 + fi * c2;
    }
  }
};

const pass4: Runner = ({ m, cos, sin }, s, xr, xi, yr, yi) => {
  const quarter = s * m;
  for (let p = 0; p < m; p++) {
    const c1 = cos[3 * p];
    const d1 = sin[3 * p];
    const c2 = cos[3 * p + 1];
    const d2 = sin[3 * p + 1];
    const c3 = cos[3 * p + 2];
    const d3 = sin[3 * p + 2];
    const x0 = s * p;
    const y0 = 4 * x0;
    for (let q = 0; q < s; q++) {
      const i0 = x0 + q;
      const i1 = i0 + quarter;
      const i2 = i1 + quarter;
      const i3 = i2 + quarter;
      const acr = xr[i0] + xr[i2];
      const aci = xi[i0] + xi[i2];
      const amr = xr[i0] - xr[i2];
      const ami = xi[i0] - xi[i2];
      const bdr = xr[i1] + xr[i3];
      const bdi = xi[i1] + xi[i3];
      const bmr = xr[i1] - xr[i3];
      const bmi = xi[i1] - xi[i3];
      const o0 = y0 + q;
      const o1 = o0 + s;
      const o2 = o1 + s;
      const o3 = o2 + s;
      yr[o0] = acr + bdr;
      yi[o0] = aci + bdi;
      const er = amr + bmi;
      const ei = ami - bmr;
      const fr = acr - bdr;
      const fi = aci - bdi;
      const gr = amr - bmi;
      const gi = ami + bmr;
      yr[o1] = er * c1 - ei * d1;
      yi[o1] = er * d1 + ei * c1;
      yr[o2] = fr * c2 - fi * d2;
      yi[o2] = fr * d2 + fi * c2;
      yr[o3] = gr * c3 - gi * d3;
      yi[o3] = gr * d3 + gi * c3;
    }
  }
};

const C72 = Math.cos((2 * Math.PI) / 5);
const C144 = Math.cos((4 * Math.PI) / 5);
const S72 = Math.sin((2 * Math.PI) / 5);
const S144 = Math.sin((4 * Math.PI) / 5);

const pass5: Runner = ({ m, cos, sin }, s, xr, xi, yr, yi) => {
  const fifth = s * m;
  for (let p = 0; p < m; p++) {
    const t = 4 * p;
    const x0 = s * p;
    const y0 = 5 * x0;
    for (let q = 0; q < s; q++) {
      const i0 = x0 + q;
      const i1 = i0 + fifth;
      const i2 = i1 + fifth;
      const i3 = i2 + fifth;
      const i4 = i3 + fifth;
      const ar = xr[i0];
      const ai = xi[i0];
      const ur = xr[i1] + xr[i4];
      const ui = xi[i1] + xi[i4];
      const vr = xr[i2] + xr[i3];
      const vi = xi[i2] + xi[i3];
      const wr = xr[i1] - xr[i4];
      const wi = xi[i1] - xi[i4];
      const zr = xr[i2] - xr[i3];
      const zi = xi[i2] - xi[i3];
      const er = ar + C72 * ur + C144 * vr;
      const ei = ai + C72 * ui + C144 * vi;
      const fr = ar + C144 * ur + C72 * vr;
      const fi = ai + C144 * ui + C72 * vi;
      const gr = S72 * wi + S144 * zi;
      const gi = -S72 * wr - S144 * zr;
      const hr = S144 * wi - S72 * zi;
      const hi = -S144 * wr + S72 * zr;
      const o0 = y0 + q;
      const o1 = o0 + s;
      const o2 = o1 + s;
      const o3 = o2 + s;
      const o4 = o3 + s;
      yr[o0] = ar + ur + vr;
      yi[o0] = ai + ui + vi;
      const b1r = er + gr;
      const b1i = ei + gi;
      const b4r = er - gr;
      const b4i = ei - gi;
      const b2r = fr + hr;
      const b2i = fi + hi;
      const b3r = fr - hr;
      const b3i = fi - hi;
      yr[o1] = b1r * cos[t] - b1i * sin[t];
      yi[o1] = b1r * sin[t] + b1i * cos[t];
      yr[o2] = b2r * cos[t + 1] - b2i * sin[t + 1];
      yi[o2] = b2r * sin[t + 1] + b2i * cos[t + 1];
      yr[o3] = b3r * cos[t + 2] - b3i * sin[t + 2];
      yi[o3] = b3r * sin[t + 2] + b3i * cos[t + 2];
      yr[o4] = b4r * cos[t + 3] - b4i * sin[t + 3];
      yi[o4] = b4r * sin[t + 3] + b4i * cos[t + 3];
    }
  }
};

const sums = new Float64Array(4 * 16);

/**
 * Odd radix r: with u_k = a_k + a_{r−k} and v_k = a_k − a_{r−k}, outputs j and r − j are
 * E ∓ i·F, E = a_0 + Σ u_k cos(2πjk/r), F = Σ v_k sin(2πjk/r), k from 1 to (r − 1)/2.
 */
const passGeneric: Runner = (pass, s, xr, xi, yr, yi) => {
  const { radix, m, cos, sin, rootCos, rootSin } = pass;
  const step = s * m;
  const half = (radix - 1) >> 1;
  for (let p = 0; p < m; p++) {
    const t = p * (radix - 1) - 1;
    const x0 = s * p;
    const y0 = radix * x0;
    for (let q = 0; q < s; q++) {
      const i0 = x0 + q;
      const o0 = y0 + q;
      const ar = xr[i0];
      const ai = xi[i0];
      let totalR = ar;
      let totalI = ai;
      for (let k = 1; k <= half; k++) {
        const ia = i0 + k * step;
        const ib = i0 + (radix - k) * step;
        const at = 4 * k;
        sums[at] = xr[ia] + xr[ib];
        sums[at + 1] = xi[ia] + xi[ib];
        sums[at + 2] = xr[ia] - xr[ib];
        sums[at + 3] = xi[ia] - xi[ib];
        totalR += sums[at];
        totalI += sums[at + 1];
      }
      yr[o0] = totalR;
      yi[o0] = totalI;
      for (let j = 1; j <= half; j++) {
        let er = ar;
        let ei = ai;
        let fr = 0;
        let fi = 0;
        let turn = 0;
        for (let k = 1; k <= half; k++) {
          turn += j;
          if (turn >= radix) turn -= radix;
          const at = 4 * k;
          er += sums[at] * rootCos[turn];
          ei += sums[at + 1] * rootCos[turn];
          fr -= sums[at + 3] * rootSin[turn];
          fi += sums[at + 2] * rootSin[turn];
        }
        const br = er + fr;
        const bi = ei + fi;
        const dr = er - fr;
        const di = ei - fi;
        const oj = o0 + j * s;
        const ok = o0 + (radix - j) * s;
        const cj = cos[t + j];
        const sj = sin[t + j];
        const ck = cos[t + radix - j];
        const sk = sin[t + radix - j];
        yr[oj] = br * cj - bi * sj;
        yi[oj] = br * sj + bi * cj;
        yr[ok] = dr * ck - di * sk;
        yi[ok] = dr * sk + di * ck;
      }
    }
  }
};
