import { BatchFft, isShortFftLength } from "./batchFft.ts";
import type { SpectrumShape } from "./displacementMaps.ts";
import { edgeTaper, GLOBAL_LIMIT } from "./globalSpectra.ts";
import type { Spectrum } from "./globalSpectra.ts";
import { createFrameTransform } from "../wasm/frameKernel.ts";
import type { FrameTransform } from "../wasm/frameKernel.ts";

/** Lines that are transformed side by side: a block stays in the second-level cache. */
const BLOCK = 32;

/** Smallest even length ≥ n with factors 2, 3 and 5 only. */
export function paddedLength(n: number): number {
  let length = Math.max(2, n + (n % 2));
  while (!isShortFftLength(length)) length += 2;
  return length;
}

/**
 * Low frequencies of a whole frame, tapered at the edges and padded with zeros (the taper ends at 0) to a
 * length that transforms fast: any frame size works.
 */
export class FrameSpectrum {
  /** Spectra are of the padded frame. */
  readonly shape: SpectrumShape;
  /** Σ over pixels of the squared taper. */
  readonly windowEnergy: number;
  readonly taperX: Float64Array;
  readonly taperY: Float64Array;
  /** Kernels, made with the first frame; null where they cannot run. */
  private fast: FrameTransform | null | undefined;
  readonly width: number;
  readonly height: number;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    const paddedWidth = paddedLength(width);
    const paddedHeight = paddedLength(height);
    this.shape = {
      width: paddedWidth,
      height: paddedHeight,
      kx: Math.min(Math.floor(GLOBAL_LIMIT * paddedWidth), paddedWidth / 2 - 1),
      ky: Math.min(Math.floor(GLOBAL_LIMIT * paddedHeight), paddedHeight / 2 - 1),
    };
    this.taperX = edgeTaper(width);
    this.taperY = edgeTaper(height);
    const energy = (taper: Float64Array): number => taper.reduce((sum, v) => sum + v * v, 0);
    this.windowEnergy = energy(this.taperX) * energy(this.taperY);
  }

  /** Spectrum of an image `[height, width]`. */
  transform(image: Float32Array): Spectrum {
    const { kx, ky } = this.shape;
    const out: Spectrum = {
      re: new Float32Array((2 * ky + 1) * (kx + 1)),
      im: new Float32Array((2 * ky + 1) * (kx + 1)),
    };
    if (this.fast === undefined) this.fast = createFrameTransform(this);
    if (this.fast === null) this.transformSlowly(image, out);
    else this.fast(image, out.re, out.im);
    return out;
  }

  /** The twin of wasm/frameKernel.ts. */
  private transformSlowly(image: Float32Array, out: Spectrum): void {
    const { width, height, shape, taperX, taperY } = this;
    const { kx, ky } = shape;
    const rows = new BatchFft(shape.width, BLOCK);
    const columns = new BatchFft(shape.height, BLOCK);
    const halfRe = new Float32Array(height * (kx + 1));
    const halfIm = new Float32Array(height * (kx + 1));
    for (let first = 0; first < height; first += 2 * BLOCK) {
      rows.re.fill(0);
      rows.im.fill(0);
      for (let b = 0; b < BLOCK; b++) {
        const y = first + 2 * b;
        if (y >= height) break;
        const wa = taperY[y];
        const wb = y + 1 < height ? taperY[y + 1] : 0;
        const other = y + 1 < height ? (y + 1) * width : 0;
        for (let x = 0, o = b; x < width; x++, o += BLOCK) {
          rows.re[o] = wa * taperX[x] * image[y * width + x];
          rows.im[o] = wb * taperX[x] * image[other + x];
        }
      }
      rows.transform();
      const { re, im } = rows;
      for (let b = 0; b < BLOCK; b++) {
        const y = first + 2 * b;
        if (y >= height) break;
        for (let i = 0; i <= kx; i++) {
          const plus = i * BLOCK + b;
          const minus = ((shape.width - i) % shape.width) * BLOCK + b;
          const at = y * (kx + 1) + i;
          halfRe[at] = 0.5 * (re[plus] + re[minus]);
          halfIm[at] = 0.5 * (im[plus] - im[minus]);
          if (y + 1 >= height) continue;
          halfRe[at + kx + 1] = 0.5 * (im[plus] + im[minus]);
          halfIm[at + kx + 1] = 0.5 * (re[minus] - re[plus]);
        }
      }
    }
    for (let first = 0; first <= kx; first += BLOCK) {
      const n = Math.min(BLOCK, kx + 1 - first);
      columns.re.fill(0);
      columns.im.fill(0);
      for (let y = 0; y < height; y++)
        for (let i = 0; i < n; i++) {
          columns.re[y * BLOCK + i] = halfRe[y * (kx + 1) + first + i];
          columns.im[y * BLOCK + i] = halfIm[y * (kx + 1) + first + i];
        }
      columns.transform();
      for (let k = -ky; k <= ky; k++) {
        const from = ((k + shape.height) % shape.height) * BLOCK;
        const at = (k + ky) * (kx + 1) + first;
        for (let i = 0; i < n; i++) {
          out.re[at + i] = columns.re[from + i];
          out.im[at + i] = columns.im[from + i];
        }
      }
    }
  }
}
