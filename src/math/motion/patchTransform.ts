import { BatchFft } from "./batchFft.ts";
import type { SpectrumShape } from "./displacementMaps.ts";

/**
 * Half spectra of square real patches, two at a time as one complex transform. Frequencies up to
 * P/2 − 1 are kept (no Nyquist row or column), planar, `[2k + 1][k + 1]`, rows ky from −k to k.
 *
 *   F(k) = Σ_x f(x) e^{−2πi k·x/P}, x counted from the patch's corner.
 */
export class PatchTransform {
  readonly side: number;
  readonly shape: SpectrumShape;
  /** Values of one spectrum plane. */
  readonly plane: number;
  private readonly first: BatchFft;
  private readonly second: BatchFft;

  constructor(side: number, kept = side / 2 - 1) {
    this.side = side;
    this.shape = { width: side, height: side, ky: kept, kx: kept };
    this.plane = (2 * kept + 1) * (kept + 1);
    this.first = new BatchFft(side, side);
    this.second = new BatchFft(side, 2 * kept + 1);
  }

  /** Where the next two patches are to be written, **transposed**: `[x][y]`. */
  get inputA(): Float32Array {
    return this.first.re;
  }
  get inputB(): Float32Array {
    return this.first.im;
  }

  /** Transforms the patches in `inputA`, `inputB` (used up) into planes at `aAt`, `bAt` of `re`, `im`. */
  transform(re: Float32Array, im: Float32Array, aAt: number, bAt: number): void {
    const { first, second, side } = this;
    const kept = this.shape.kx;
    const wide = 2 * kept + 1;
    first.transform();
    // [kx][y] → [y][kx], kx from −kept to kept.
    for (let k = 0; k < wide; k++) {
      const row = ((k - kept + side) % side) * side;
      const { re: fr, im: fi } = first;
      const { re: sr, im: si } = second;
      for (let y = 0, o = k; y < side; y++, o += wide) {
        sr[o] = fr[row + y];
        si[o] = fi[row + y];
      }
    }
    second.transform();
    const { re: zr, im: zi } = second;
    const columns = kept + 1;
    for (let k = -kept; k <= kept; k++) {
      const plus = ((k + side) % side) * wide + kept;
      const minus = ((side - k) % side) * wide + kept;
      const out = (k + kept) * columns;
      for (let x = 0; x < columns; x++) {
        const ar = zr[plus + x];
        const ai = zi[plus + x];
        const br = zr[minus - x];
        const bi = zi[minus - x];
        re[aAt + out + x] = 0.5 * (ar + br);
        im[aAt + out + x] = 0.5 * (ai - bi);
        re[bAt + out + x] = 0.5 * (ai + bi);
        im[bAt + out + x] = 0.5 * (br - ar);
      }
    }
  }
}

/** Real patch `[y][x]` of a half spectrum as {@link PatchTransform} makes it (inverse, divided by P²). */
export function inversePatch(
  side: number,
  kept: number,
  re: ArrayLike<number>,
  im: ArrayLike<number>,
): Float32Array {
  // Forward transforms of the conjugate, conjugated: the imaginary part is not needed.
  const columns = new BatchFft(side, side);
  for (let k = -kept; k <= kept; k++)
    for (let i = 0; i <= kept; i++) {
      const from = (k + kept) * (kept + 1) + i;
      const at = ((k + side) % side) * side + i;
      columns.re[at] = re[from];
      columns.im[at] = -im[from];
      if (i === 0) continue;
      const mirror = ((side - k) % side) * side + side - i;
      columns.re[mirror] = re[from];
      columns.im[mirror] = im[from];
    }
  columns.transform();
  const rows = new BatchFft(side, side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      rows.re[x * side + y] = columns.re[y * side + x];
      rows.im[x * side + y] = columns.im[y * side + x];
    }
  rows.transform();
  const out = new Float32Array(side * side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) out[y * side + x] = rows.re[x * side + y] / (side * side);
  return out;
}
