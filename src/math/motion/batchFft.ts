/**
 * Many short forward FFTs side by side: Stockham's autosort algorithm over `[n, batch]`, so that every
 * inner loop runs over neighbours in memory with constant twiddles. Radices 4, 2, 3, 5.
 *
 *   X_k = Σ_j x_j e^{−2πi jk/n} for each column of the batch.
 */

interface Stage {
  readonly radix: number;
  /** Length of the sub-transforms still to do, n_left = radix · m. */
  readonly m: number;
  /** Product of the radices done. */
  readonly done: number;
  /** e^{−2πi jp/n_left}, `[p][j]`, j = 1 … radix − 1: re, im. */
  readonly twiddles: Float64Array;
}

/** True for lengths whose only factors are 2, 3 and 5. */
export function isShortFftLength(n: number): boolean {
  let rest = n;
  for (const f of [2, 3, 5]) while (rest % f === 0) rest /= f;
  return rest === 1 && n > 1;
}

export class BatchFft {
  /** After {@link transform}: the result, `[n, batch]`. */
  re: Float32Array;
  im: Float32Array;
  readonly n: number;
  readonly batch: number;
  private otherRe: Float32Array;
  private otherIm: Float32Array;
  private readonly stages: readonly Stage[];

  constructor(n: number, batch: number) {
    if (!isShortFftLength(n)) throw new RangeError(`No short FFT of length ${n}`);
    this.n = n;
    this.batch = batch;
    this.re = new Float32Array(n * batch);
    this.im = new Float32Array(n * batch);
    this.otherRe = new Float32Array(n * batch);
    this.otherIm = new Float32Array(n * batch);
    const stages: Stage[] = [];
    let left = n;
    let done = 1;
    while (left > 1) {
      const radix = left % 4 === 0 ? 4 : left % 2 === 0 ? 2 : left % 3 === 0 ? 3 : 5;
      const m = left / radix;
      const twiddles = new Float64Array(2 * m * (radix - 1));
      for (let p = 0; p < m; p++)
        for (let j = 1; j < radix; j++) {
          const angle = (-2 * Math.PI * j * p) / left;
          twiddles[2 * (p * (radix - 1) + j - 1)] = Math.cos(angle);
          twiddles[2 * (p * (radix - 1) + j - 1) + 1] = Math.sin(angle);
        }
      stages.push({ radix, m, done, twiddles });
      left = m;
      done *= radix;
    }
    this.stages = stages;
  }

  /** Transforms what stands in `re`, `im`. The arrays change places: read them again afterwards. */
  transform(): void {
    for (const stage of this.stages) {
      if (stage.radix === 4) this.radix4(stage);
      else if (stage.radix === 2) this.radix2(stage);
      else this.radixAny(stage);
      [this.re, this.otherRe] = [this.otherRe, this.re];
      [this.im, this.otherIm] = [this.otherIm, this.im];
    }
  }

  private radix4({ m, done, twiddles }: Stage): void {
    const { re, im, otherRe, otherIm } = this;
    const s = done * this.batch;
    const quarter = s * m;
    for (let p = 0; p < m; p++) {
      const w1r = twiddles[6 * p];
      const w1i = twiddles[6 * p + 1];
      const w2r = twiddles[6 * p + 2];
      const w2i = twiddles[6 * p + 3];
      const w3r = twiddles[6 * p + 4];
      const w3i = twiddles[6 * p + 5];
      let i0 = s * p;
      let o0 = 4 * s * p;
      for (const end = i0 + s; i0 < end; i0++, o0++) {
        const i1 = i0 + quarter;
        const i2 = i1 + quarter;
        const i3 = i2 + quarter;
        const ar = re[i0] + re[i2];
        const ai = im[i0] + im[i2];
        const br = re[i0] - re[i2];
        const bi = im[i0] - im[i2];
        const cr = re[i1] + re[i3];
        const ci = im[i1] + im[i3];
        // −i (x1 − x3)
        const dr = im[i1] - im[i3];
        const di = re[i3] - re[i1];
        otherRe[o0] = ar + cr;
        otherIm[o0] = ai + ci;
        const o1 = o0 + s;
        const er = br + dr;
        const ei = bi + di;
        otherRe[o1] = er * w1r - ei * w1i;
        otherIm[o1] = er * w1i + ei * w1r;
        const o2 = o1 + s;
        const fr = ar - cr;
        const fi = ai - ci;
        otherRe[o2] = fr * w2r - fi * w2i;
        otherIm[o2] = fr * w2i + fi * w2r;
        const o3 = o2 + s;
        const gr = br - dr;
        const gi = bi - di;
        otherRe[o3] = gr * w3r - gi * w3i;
        otherIm[o3] = gr * w3i + gi * w3r;
      }
    }
  }

  private radix2({ m, done, twiddles }: Stage): void {
    const { re, im, otherRe, otherIm } = this;
    const s = done * this.batch;
    const half = s * m;
    for (let p = 0; p < m; p++) {
      const wr = twiddles[2 * p];
      const wi = twiddles[2 * p + 1];
      let i0 = s * p;
      let o0 = 2 * s * p;
      for (const end = i0 + s; i0 < end; i0++, o0++) {
        const i1 = i0 + half;
        const br = re[i0] - re[i1];
        const bi = im[i0] - im[i1];
        otherRe[o0] = re[i0] + re[i1];
        otherIm[o0] = im[i0] + im[i1];
        otherRe[o0 + s] = br * wr - bi * wi;
        otherIm[o0 + s] = br * wi + bi * wr;
      }
    }
  }

  private radixAny({ radix, m, done, twiddles }: Stage): void {
    const { re, im, otherRe, otherIm } = this;
    const s = done * this.batch;
    for (let p = 0; p < m; p++)
      for (let j = 0; j < radix; j++) {
        const tr = j === 0 ? 1 : twiddles[2 * (p * (radix - 1) + j - 1)];
        const ti = j === 0 ? 0 : twiddles[2 * (p * (radix - 1) + j - 1) + 1];
        const out = s * (radix * p + j);
        for (let k = 0; k < radix; k++) {
          const angle = (-2 * Math.PI * ((j * k) % radix)) / radix;
          const cr = Math.cos(angle);
          const ci = Math.sin(angle);
          const wr = cr * tr - ci * ti;
          const wi = cr * ti + ci * tr;
          const from = s * (p + m * k);
          if (k === 0)
            for (let q = 0; q < s; q++) {
              otherRe[out + q] = re[from + q] * wr - im[from + q] * wi;
              otherIm[out + q] = re[from + q] * wi + im[from + q] * wr;
            }
          else
            for (let q = 0; q < s; q++) {
              otherRe[out + q] += re[from + q] * wr - im[from + q] * wi;
              otherIm[out + q] += re[from + q] * wi + im[from + q] * wr;
            }
        }
      }
  }
}
