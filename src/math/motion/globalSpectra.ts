import { DisplacementMaps } from "./displacementMaps.ts";
import type { MapGrid, SpectrumShape } from "./displacementMaps.ts";
import { FastSpectra } from "./fastSpectra.ts";

/**
 * Low-pass spectra of whole frames (alignment recipe, steps 2 and 3): planar, `[2·ky + 1][kx + 1]`.
 * Displacements are px of the binned frame; `d[2t]` = x, `d[2t + 1]` = y.
 */

/** Frequencies used for the global search, cycles/px. */
export const GLOBAL_LIMIT = 0.15;
/** Rings of the global stage. */
export const GLOBAL_RINGS = 24;
/** Spacing of correlation maps, px: a little finer than half a period of the limit. */
const MAP_STEP = 3.2;

/** A complex spectrum; both planes have `(2·ky + 1)(kx + 1)` values. */
export interface Spectrum {
  readonly re: Float32Array<ArrayBuffer>;
  readonly im: Float32Array<ArrayBuffer>;
}

/** Maps that reach `maxShift` px, or half the frame. */
export function globalMapGrid(shape: SpectrumShape, maxShift: number): MapGrid {
  const radius = (size: number): number =>
    Math.max(
      1,
      Math.min(Math.floor(maxShift / MAP_STEP) + 1, Math.floor(size / (2 * MAP_STEP)) - 1),
    );
  return { radiusX: radius(shape.width), radiusY: radius(shape.height), step: MAP_STEP };
}

/** Window of the whole frame along one side: sin² over a twelfth at each end. */
export function edgeTaper(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, n) => {
    const u = Math.min(1, Math.max(0, (Math.min(n + 0.5, size - 0.5 - n) * 12) / size));
    return Math.sin((Math.PI / 2) * u) ** 2;
  });
}

/** Which ring a coefficient belongs to, how often it counts, and whether it is used at all. */
export interface RingTable {
  readonly ring: Uint16Array;
  /** 1 for kx = 0, else 2: the other half of the plane. */
  readonly multiplicity: Float32Array;
  /** Cycles/px. */
  readonly frequency: Float32Array;
  /** 0 for the two lowest periods (ice, illumination) and beyond the limit, else 1. */
  readonly highPass: Uint8Array;
  readonly rings: number;
}

/** `side`: the shorter side of the frame itself, px. `limit`: cycles/px beyond which nothing is used. */
export function globalRings(shape: SpectrumShape, side: number, limit = 0.5): RingTable {
  const { width, height, kx, ky } = shape;
  const columns = kx + 1;
  const count = (2 * ky + 1) * columns;
  const table: RingTable = {
    ring: new Uint16Array(count),
    multiplicity: new Float32Array(count),
    frequency: new Float32Array(count),
    highPass: new Uint8Array(count),
    rings: GLOBAL_RINGS + 1,
  };
  for (let j = -ky; j <= ky; j++)
    for (let i = 0; i <= kx; i++) {
      const at = (j + ky) * columns + i;
      const f = Math.hypot(j / height, i / width);
      table.frequency[at] = f;
      table.ring[at] = Math.min(Math.floor((f / GLOBAL_LIMIT) * GLOBAL_RINGS), GLOBAL_RINGS);
      table.multiplicity[at] = i === 0 ? 1 : 2;
      table.highPass[at] = f > 2 / side && f <= limit ? 1 : 0;
    }
  return table;
}

/** Σ_t F_t e^{2πi k·d_t} (less Σ_t base e^{…}), and Σ_t e^{2πi k·d_t}. */
export interface AlignedSums {
  readonly sumRe: Float64Array;
  readonly sumIm: Float64Array;
  readonly phaseRe: Float64Array;
  readonly phaseIm: Float64Array;
}

/** What the maps of a round are to be made from. */
export interface MapRequest {
  /** Displacements of all frames. */
  readonly shifts: Float64Array;
  /** Weight of each coefficient. */
  readonly weight: Float32Array;
  /** Subtracted from every frame (the time mean, or a fixed pattern), or null. */
  readonly base: Spectrum | null;
  /**
   * `others`: each frame against the sum of the others. `others-mended`: the same for frames whose time
   * mean was subtracted; what each frame has left of itself in the others is put back. `chain`: each
   * frame against the one before it (frame 0 is skipped), mended likewise.
   */
  readonly kind: "others" | "others-mended" | "chain";
  readonly grid: MapGrid;
}

export class GlobalSpectra {
  readonly count: number;
  private readonly expX: Float64Array;
  private readonly expY: Float64Array;
  private maps: DisplacementMaps | null = null;
  /** Kernels for the grid of the last request; undefined before the first, null where they cannot run. */
  private fast: FastSpectra | null | undefined;
  readonly shape: SpectrumShape;
  readonly frames: readonly Spectrum[];

  constructor(shape: SpectrumShape, frames: readonly Spectrum[]) {
    this.shape = shape;
    this.frames = frames;
    this.count = (2 * shape.ky + 1) * (shape.kx + 1);
    this.expX = new Float64Array(2 * (shape.kx + 1));
    this.expY = new Float64Array(2 * (2 * shape.ky + 1));
  }

  /** Phase factors e^{2πi kx dx/width} and e^{2πi ky dy/height}. */
  private setPhase(dx: number, dy: number): void {
    const { width, height, kx, ky } = this.shape;
    for (let i = 0; i <= kx; i++) {
      const angle = (2 * Math.PI * i * dx) / width;
      this.expX[2 * i] = Math.cos(angle);
      this.expX[2 * i + 1] = Math.sin(angle);
    }
    for (let j = -ky; j <= ky; j++) {
      const angle = (2 * Math.PI * j * dy) / height;
      this.expY[2 * (j + ky)] = Math.cos(angle);
      this.expY[2 * (j + ky) + 1] = Math.sin(angle);
    }
  }

  alignedSums(shifts: Float64Array, base: Spectrum | null): AlignedSums {
    const { count, expX, expY } = this;
    const columns = this.shape.kx + 1;
    const out: AlignedSums = {
      sumRe: new Float64Array(count),
      sumIm: new Float64Array(count),
      phaseRe: new Float64Array(count),
      phaseIm: new Float64Array(count),
    };
    const { sumRe, sumIm, phaseRe, phaseIm } = out;
    this.frames.forEach(({ re, im }, t) => {
      this.setPhase(shifts[2 * t], shifts[2 * t + 1]);
      for (let j = 0, at = 0; at < count; j++) {
        const yr = expY[2 * j];
        const yi = expY[2 * j + 1];
        for (let i = 0; i < columns; i++, at++) {
          const xr = expX[2 * i];
          const xi = expX[2 * i + 1];
          const pr = yr * xr - yi * xi;
          const pi = yr * xi + yi * xr;
          const fr = re[at];
          const fi = im[at];
          sumRe[at] += fr * pr - fi * pi;
          sumIm[at] += fr * pi + fi * pr;
          phaseRe[at] += pr;
          phaseIm[at] += pi;
        }
      }
    });
    if (base !== null)
      for (let at = 0; at < count; at++) {
        sumRe[at] -= base.re[at] * phaseRe[at] - base.im[at] * phaseIm[at];
        sumIm[at] -= base.re[at] * phaseIm[at] + base.im[at] * phaseRe[at];
      }
    return out;
  }

  /** Σ_t |F_t − base|². */
  power(base: Spectrum | null): Float64Array {
    const out = new Float64Array(this.count);
    for (const { re, im } of this.frames)
      for (let at = 0; at < out.length; at++) {
        const fr = re[at] - (base === null ? 0 : base.re[at]);
        const fi = im[at] - (base === null ? 0 : base.im[at]);
        out[at] += fr * fr + fi * fi;
      }
    return out;
  }

  /** Maps of the frames `from … to − 1`, one after the other, `[to − from][height][width]` of the grid. */
  correlate(request: MapRequest, from: number, to: number): Float32Array<ArrayBuffer> {
    const { grid, kind, base, weight } = request;
    if (this.fast === undefined || (this.fast !== null && !sameGrid(this.fast.grid, grid)))
      this.fast = FastSpectra.create(this.shape, this.frames, grid);
    if (this.fast !== null) return this.fast.correlate(request, from, to);
    if (this.maps === null || !sameGrid(this.maps.grid, grid))
      this.maps = new DisplacementMaps(this.shape, grid);
    const { maps, count } = this;
    const size = maps.mapWidth * maps.mapHeight;
    const out = new Float32Array(size * (to - from));
    const re = new Float32Array(count);
    const im = new Float32Array(count);
    const mend = kind === "others" ? null : this.power(base);
    if (mend !== null) {
      const T = this.frames.length;
      for (let at = 0; at < count; at++) mend[at] /= T * Math.max(1, T - 1);
    }
    const sums = kind === "chain" ? null : this.alignedSums(request.shifts, base);
    for (let t = from; t < to; t++) {
      if (sums === null) {
        if (t === 0) continue;
        this.againstPrevious(t, base, weight, mend, re, im);
      } else this.againstOthers(t, request, sums, mend, re, im);
      maps.evaluate(re, im, out, (t - from) * size);
    }
    return out;
  }

  /** w · F_t e^{…} · conj(Σ_s≠t F_s e^{…}), in px against where the frame is now. */
  private againstOthers(
    t: number,
    { shifts, base, weight }: MapRequest,
    sums: AlignedSums,
    mend: Float64Array | null,
    re: Float32Array,
    im: Float32Array,
  ): void {
    const { count, expX, expY } = this;
    const columns = this.shape.kx + 1;
    const { sumRe, sumIm, phaseRe, phaseIm } = sums;
    const frame = this.frames[t];
    this.setPhase(shifts[2 * t], shifts[2 * t + 1]);
    for (let j = 0, at = 0; at < count; j++) {
      const yr = expY[2 * j];
      const yi = expY[2 * j + 1];
      for (let i = 0; i < columns; i++, at++) {
        const w = weight[at];
        if (w === 0) {
          re[at] = 0;
          im[at] = 0;
          continue;
        }
        const xr = expX[2 * i];
        const xi = expX[2 * i + 1];
        const pr = yr * xr - yi * xi;
        const pi = yr * xi + yi * xr;
        const fr = frame.re[at] - (base === null ? 0 : base.re[at]);
        const fi = frame.im[at] - (base === null ? 0 : base.im[at]);
        const ar = fr * pr - fi * pi;
        const ai = fr * pi + fi * pr;
        const or = sumRe[at] - ar;
        const oi = sumIm[at] - ai;
        let xre = ar * or + ai * oi;
        let xim = ai * or - ar * oi;
        if (mend !== null) {
          const qr = phaseRe[at] - pr;
          const qi = phaseIm[at] - pi;
          xre += mend[at] * (pr * qr + pi * qi);
          xim += mend[at] * (pi * qr - pr * qi);
        }
        re[at] = w * xre;
        im[at] = w * xim;
      }
    }
  }

  /** w · (F_t · conj(F_(t−1)) + V). */
  private againstPrevious(
    t: number,
    base: Spectrum | null,
    weight: Float32Array,
    mend: Float64Array | null,
    re: Float32Array,
    im: Float32Array,
  ): void {
    const a = this.frames[t];
    const b = this.frames[t - 1];
    for (let at = 0; at < this.count; at++) {
      const br = base === null ? 0 : base.re[at];
      const bi = base === null ? 0 : base.im[at];
      const ar = a.re[at] - br;
      const ai = a.im[at] - bi;
      const cr = b.re[at] - br;
      const ci = b.im[at] - bi;
      re[at] = weight[at] * (ar * cr + ai * ci + (mend === null ? 0 : mend[at]));
      im[at] = weight[at] * (ai * cr - ar * ci);
    }
  }
}

function sameGrid(a: MapGrid, b: MapGrid): boolean {
  return a.radiusX === b.radiusX && a.radiusY === b.radiusY && a.step === b.step;
}

/** Medians of (max − mean)/sd of maps below this are too weak to stand alone. */
const CLEAR_PEAK = 8;

/**
 * Peak of each map, px per axis (x, y), by a parabola through the maximum. While the peaks are weak, the
 * maps (not the peaks) are smoothed over time with a Gaussian of 1, 2, 4, 8 frames.
 */
export function mapPeaks(
  maps: Float32Array,
  frames: number,
  grid: MapGrid,
): { readonly peaks: Float64Array; readonly smoothing: number } {
  const width = 2 * grid.radiusX + 1;
  const height = 2 * grid.radiusY + 1;
  const size = width * height;
  let used = maps;
  let smoothing = 0;
  for (const sigma of [0, 1, 2, 4, 8]) {
    used = sigma === 0 ? maps : smoothInTime(maps, frames, size, sigma);
    smoothing = sigma;
    if (medianClarity(used, frames, size) > CLEAR_PEAK) break;
  }
  const peaks = new Float64Array(2 * frames);
  for (let t = 0; t < frames; t++) {
    let best = t * size;
    for (let i = t * size; i < (t + 1) * size; i++) if (used[i] > used[best]) best = i;
    // A map without any peak (a blank frame) says nothing.
    if (!(used[best] > Math.min(used[t * size], used[(t + 1) * size - 1]))) continue;
    const x = (best - t * size) % width;
    const y = Math.floor((best - t * size) / width);
    const vertex = (i: number, n: number, stride: number): number => {
      if (i === 0 || i === n - 1) return 0;
      const [a, b, c] = [used[best - stride], used[best], used[best + stride]];
      const q = a - 2 * b + c;
      return q < 0 ? (0.5 * (a - c)) / q : 0;
    };
    peaks[2 * t] = (x - grid.radiusX + vertex(x, width, 1)) * grid.step;
    peaks[2 * t + 1] = (y - grid.radiusY + vertex(y, height, width)) * grid.step;
  }
  return { peaks, smoothing };
}

function medianClarity(maps: Float32Array, frames: number, size: number): number {
  const clarity: number[] = [];
  for (let t = 0; t < frames; t++) {
    let max = -Infinity;
    let sum = 0;
    for (let i = t * size; i < (t + 1) * size; i++) {
      max = Math.max(max, maps[i]);
      sum += maps[i];
    }
    const mean = sum / size;
    let square = 0;
    for (let i = t * size; i < (t + 1) * size; i++) square += (maps[i] - mean) ** 2;
    clarity.push(square > 0 ? (max - mean) / Math.sqrt(square / size) : 0);
  }
  clarity.sort((a, b) => a - b);
  const middle = clarity.length >> 1;
  return clarity.length % 2 === 1 ? clarity[middle] : (clarity[middle - 1] + clarity[middle]) / 2;
}

/** Gaussian over frames, ends held (scipy "nearest"), to 4 sigma. */
function smoothInTime(
  maps: Float32Array,
  frames: number,
  size: number,
  sigma: number,
): Float32Array {
  const reach = Math.floor(4 * sigma + 0.5);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)),
  );
  const total = weights.reduce((a, b) => a + b, 0);
  const out = new Float32Array(maps.length);
  for (let t = 0; t < frames; t++)
    for (let k = -reach; k <= reach; k++) {
      const from = Math.min(frames - 1, Math.max(0, t + k)) * size;
      const w = weights[k + reach] / total;
      for (let i = 0; i < size; i++) out[t * size + i] += w * maps[from + i];
    }
  return out;
}
