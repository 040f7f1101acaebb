/**
 * Stages of a Stockham autosort transform over many lanes at once. A stage of radix r reads
 * `x[q + s·(p + m·j)]`, j < r, and writes `y[q + s·(r·p + k)] = w^(p·k) Σ_j x_j ω_r^(j·k)`, with q < s
 * contiguous: lanes are simply a first stride, so that inner loops run over neighbouring values.
 */
export interface Stage {
  readonly radix: number;
  /** Length of the remaining transforms divided by the radix. */
  readonly m: number;
  /** cos and −sin of 2π·p·k/(m·radix), `[m][radix − 1]`, k from 1; double precision from the host. */
  readonly wr: Float64Array;
  readonly wi: Float64Array;
  /** ω_r powers for generic radices, `[radix]`. */
  readonly cr: Float64Array;
  readonly ci: Float64Array;
}

/** Radices with a stage of their own; larger primes up to {@link LARGEST_RADIX} use the plain sum. */
const PREFERRED = [4, 2, 3, 5, 7];
const LARGEST_RADIX = 13;

/** Factors of n, or null when a prime factor is too large for a direct stage. */
export function factorise(n: number): number[] | null {
  const factors: number[] = [];
  let rest = n;
  for (const r of [...PREFERRED, 11, LARGEST_RADIX])
    while (rest % r === 0) {
      factors.push(r);
      rest /= r;
    }
  return rest === 1 ? factors : null;
}

/** cos and sin of 2π·k/n, exact at the eighths of a turn. */
export function rootOfUnity(k: number, n: number): [number, number] {
  const a = ((k % n) + n) % n;
  // Reduced to the first eighth, where the library functions are best, and symmetric.
  const eighth = (8 * a) / n;
  if (eighth > 4) {
    const [c, s] = rootOfUnity(n - a, n);
    return [c, -s];
  }
  if (eighth > 2) {
    const [c, s] = [
      Math.cos(Math.PI - (2 * Math.PI * a) / n),
      Math.sin(Math.PI - (2 * Math.PI * a) / n),
    ];
    return a * 2 === n ? [-1, 0] : [-c, s];
  }
  if (a * 4 === n) return [0, 1];
  const angle = (2 * Math.PI * a) / n;
  return [Math.cos(angle), Math.sin(angle)];
}

/** Stages of a forward transform (exponent −2πi) of length n. */
export function makeStages(n: number, factors: readonly number[]): Stage[] {
  const stages: Stage[] = [];
  let length = n;
  for (const radix of factors) {
    const m = length / radix;
    const wr = new Float64Array(m * (radix - 1));
    const wi = new Float64Array(m * (radix - 1));
    for (let p = 0; p < m; p++)
      for (let k = 1; k < radix; k++) {
        const [c, s] = rootOfUnity(p * k, length);
        wr[p * (radix - 1) + k - 1] = c;
        wi[p * (radix - 1) + k - 1] = -s;
      }
    const roots = Array.from({ length: radix }, (_, k) => rootOfUnity(k, radix));
    stages.push({
      radix,
      m,
      wr,
      wi,
      cr: Float64Array.from(roots, ([c]) => c),
      ci: Float64Array.from(roots, ([, s]) => -s),
    });
    length = m;
  }
  return stages;
}

/** Applies one stage with first stride `s`. */
export function applyStage(
  stage: Stage,
  s: number,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
): void {
  switch (stage.radix) {
    case 2: {
      radix2(stage, s, xr, xi, yr, yi);
      return;
    }
    case 3: {
      radix3(stage, s, xr, xi, yr, yi);
      return;
    }
    case 4: {
      radix4(stage, s, xr, xi, yr, yi);
      return;
    }
    case 5: {
      radix5(stage, s, xr, xi, yr, yi);
      return;
    }
    default: {
      radixAny(stage, s, xr, xi, yr, yi);
      return;
    }
  }
}

type Buffers = [xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array];

function radix2({ m, wr, wi }: Stage, s: number, ...[xr, xi, yr, yi]: Buffers): void {
  for (let p = 0; p < m; p++) {
    const c = wr[p];
    const d = wi[p];
    const i0 = s * p;
    const i1 = s * (p + m);
    const o = 2 * s * p;
    for (let q = 0; q < s; q++) {
      const ar = xr[i0 + q];
      const ai = xi[i0 + q];
      const br = xr[i1 + q];
      const bi = xi[i1 + q];
      yr[o + q] = ar + br;
      yi[o + q] = ai + bi;
      const tr = ar - br;
      const ti = ai - bi;
      yr[o + s + q] = tr * c - ti * d;
      yi[o + s + q] = tr * d + ti * c;
    }
  }
}

function radix3({ m, wr, wi }: Stage, s: number, ...[xr, xi, yr, yi]: Buffers): void {
  const h = Math.sqrt(3) / 2;
  for (let p = 0; p < m; p++) {
    const [c1, d1, c2, d2] = [wr[2 * p], wi[2 * p], wr[2 * p + 1], wi[2 * p + 1]];
    const i0 = s * p;
    const i1 = s * (p + m);
    const i2 = s * (p + 2 * m);
    const o = 3 * s * p;
    for (let q = 0; q < s; q++) {
      const ar = xr[i0 + q];
      const ai = xi[i0 + q];
      const sr = xr[i1 + q] + xr[i2 + q];
      const si = xi[i1 + q] + xi[i2 + q];
      const dr = h * (xr[i1 + q] - xr[i2 + q]);
      const di = h * (xi[i1 + q] - xi[i2 + q]);
      yr[o + q] = ar + sr;
      yi[o + q] = ai + si;
      const mr = ar - 0.5 * sr;
      const mi = ai - 0.5 * si;
      const ur = mr + di;
      const ui = mi - dr;
      const vr = mr - di;
      const vi = mi + dr;
      yr[o + s + q] = ur * c1 - ui * d1;
      yi[o + s + q] = ur * d1 + ui * c1;
      yr[o + 2 * s + q] = vr * c2 - vi * d2;
      yi[o + 2 * s + q] = vr * d2 + vi * c2;
    }
  }
}

function radix4({ m, wr, wi }: Stage, s: number, ...[xr, xi, yr, yi]: Buffers): void {
  for (let p = 0; p < m; p++) {
    const t = 3 * p;
    const c1 = wr[t];
    const d1 = wi[t];
    const c2 = wr[t + 1];
    const d2 = wi[t + 1];
    const c3 = wr[t + 2];
    const d3 = wi[t + 2];
    const i0 = s * p;
    const i1 = s * (p + m);
    const i2 = s * (p + 2 * m);
    const i3 = s * (p + 3 * m);
    const o = 4 * s * p;
    const o1 = o + s;
    const o2 = o + 2 * s;
    const o3 = o + 3 * s;
    for (let q = 0; q < s; q++) {
      const ar = xr[i0 + q] + xr[i2 + q];
      const ai = xi[i0 + q] + xi[i2 + q];
      const br = xr[i0 + q] - xr[i2 + q];
      const bi = xi[i0 + q] - xi[i2 + q];
      const cr = xr[i1 + q] + xr[i3 + q];
      const ci = xi[i1 + q] + xi[i3 + q];
      // −i·(x1 − x3)
      const dr = xi[i1 + q] - xi[i3 + q];
      const di = xr[i3 + q] - xr[i1 + q];
      yr[o + q] = ar + cr;
      yi[o + q] = ai + ci;
      const er = br + dr;
      const ei = bi + di;
      const fr = ar - cr;
      const fi = ai - ci;
      const gr = br - dr;
      const gi = bi - di;
      yr[o1 + q] = er * c1 - ei * d1;
      yi[o1 + q] = er * d1 + ei * c1;
      yr[o2 + q] = fr * c2 - fi * d2;
      yi[o2 + q] = fr * d2 + fi * c2;
      yr[o3 + q] = gr * c3 - gi * d3;
      yi[o3 + q] = gr * d3 + gi * c3;
    }
  }
}

function radix5({ m, wr, wi, cr, ci }: Stage, s: number, ...[xr, xi, yr, yi]: Buffers): void {
  const [, a1, a2] = cr;
  const [, b1, b2] = ci;
  for (let p = 0; p < m; p++) {
    const t = 4 * p;
    const i0 = s * p;
    const i1 = s * (p + m);
    const i2 = s * (p + 2 * m);
    const i3 = s * (p + 3 * m);
    const i4 = s * (p + 4 * m);
    const o = 5 * s * p;
    for (let q = 0; q < s; q++) {
      const r0 = xr[i0 + q];
      const j0 = xi[i0 + q];
      const sr1 = xr[i1 + q] + xr[i4 + q];
      const si1 = xi[i1 + q] + xi[i4 + q];
      const dr1 = xr[i1 + q] - xr[i4 + q];
      const di1 = xi[i1 + q] - xi[i4 + q];
      const sr2 = xr[i2 + q] + xr[i3 + q];
      const si2 = xi[i2 + q] + xi[i3 + q];
      const dr2 = xr[i2 + q] - xr[i3 + q];
      const di2 = xi[i2 + q] - xi[i3 + q];
      yr[o + q] = r0 + sr1 + sr2;
      yi[o + q] = j0 + si1 + si2;
      const pr1 = r0 + a1 * sr1 + a2 * sr2;
      const pi1 = j0 + a1 * si1 + a2 * si2;
      const pr2 = r0 + a2 * sr1 + a1 * sr2;
      const pi2 = j0 + a2 * si1 + a1 * si2;
      // i·(b1·d1 + b2·d2) and i·(b2·d1 − b1·d2); b is −sin.
      const ur1 = -(b1 * di1 + b2 * di2);
      const ui1 = b1 * dr1 + b2 * dr2;
      const ur2 = -(b2 * di1 - b1 * di2);
      const ui2 = b2 * dr1 - b1 * dr2;
      let er = pr1 + ur1;
      let ei = pi1 + ui1;
      yr[o + s + q] = er * wr[t] - ei * wi[t];
      yi[o + s + q] = er * wi[t] + ei * wr[t];
      er = pr2 + ur2;
      ei = pi2 + ui2;
      yr[o + 2 * s + q] = er * wr[t + 1] - ei * wi[t + 1];
      yi[o + 2 * s + q] = er * wi[t + 1] + ei * wr[t + 1];
      er = pr2 - ur2;
      ei = pi2 - ui2;
      yr[o + 3 * s + q] = er * wr[t + 2] - ei * wi[t + 2];
      yi[o + 3 * s + q] = er * wi[t + 2] + ei * wr[t + 2];
      er = pr1 - ur1;
      ei = pi1 - ui1;
      yr[o + 4 * s + q] = er * wr[t + 3] - ei * wi[t + 3];
      yi[o + 4 * s + q] = er * wi[t + 3] + ei * wr[t + 3];
    }
  }
}

/** Any small odd radix by pairs of conjugate terms. */
function radixAny(
  { radix, m, wr, wi, cr, ci }: Stage,
  s: number,
  ...[xr, xi, yr, yi]: Buffers
): void {
  const half = (radix - 1) / 2;
  for (let p = 0; p < m; p++) {
    const o = radix * s * p;
    const i0 = s * p;
    for (let q = 0; q < s; q++) {
      let sumR = xr[i0 + q];
      let sumI = xi[i0 + q];
      for (let j = 1; j < radix; j++) {
        sumR += xr[s * (p + j * m) + q];
        sumI += xi[s * (p + j * m) + q];
      }
      yr[o + q] = sumR;
      yi[o + q] = sumI;
    }
    for (let k = 1; k <= half; k++) {
      const t1 = p * (radix - 1) + k - 1;
      const t2 = p * (radix - 1) + radix - k - 1;
      const o1 = o + k * s;
      const o2 = o + (radix - k) * s;
      for (let q = 0; q < s; q++) {
        let er = xr[i0 + q];
        let ei = xi[i0 + q];
        let fr = 0;
        let fi = 0;
        for (let j = 1; j <= half; j++) {
          const a = s * (p + j * m) + q;
          const b = s * (p + (radix - j) * m) + q;
          const c = cr[(j * k) % radix];
          const d = ci[(j * k) % radix];
          er += c * (xr[a] + xr[b]);
          ei += c * (xi[a] + xi[b]);
          fr -= d * (xi[a] - xi[b]);
          fi += d * (xr[a] - xr[b]);
        }
        yr[o1 + q] = (er + fr) * wr[t1] - (ei + fi) * wi[t1];
        yi[o1 + q] = (er + fr) * wi[t1] + (ei + fi) * wr[t1];
        yr[o2 + q] = (er - fr) * wr[t2] - (ei - fi) * wi[t2];
        yi[o2 + q] = (er - fr) * wi[t2] + (ei - fi) * wr[t2];
      }
    }
  }
}
