import { prefilterLine } from "../bspline.ts";
import { DisplacementMaps } from "./displacementMaps.ts";
import { inversePatch, PatchTransform } from "./patchTransform.ts";
import { isShortFftLength } from "./batchFft.ts";
import { FastPatches } from "./fastPatches.ts";
import type { PatchSums, RestSums } from "./fastPatches.ts";

/**
 * Spectra and correlation surfaces of patches (alignment recipe, steps 3 and 4), for the part of the
 * binned movie that one worker holds: full rows `firstRow … firstRow + rows − 1` of every frame.
 * Displacements are px of the binned frame, `[t][x, y]` flattened per patch.
 */
export interface MovieBand {
  readonly width: number;
  /** Height of the whole binned frame. */
  readonly height: number;
  readonly firstRow: number;
  readonly rows: number;
  readonly frames: number;
  /** `[frames][rows][width]`, changed in place when a pattern is taken out. */
  readonly pixels: Float32Array<ArrayBuffer>;
}

/** Corner of a patch and where its content is in each frame. */
export interface PatchPlace {
  readonly x: number;
  readonly y: number;
  readonly displacement: Float64Array;
}

/** Largest side ≤ limit that is a multiple of 4 and has a short FFT; 0 where there is none. */
export function patchSideBelow(limit: number): number {
  for (let side = Math.floor(limit / 4) * 4; side >= 8; side -= 4)
    if (isShortFftLength(side)) return side;
  return 0;
}

/** sin(π(n + ½)/P): windows at half overlap add up to 1 in energy. */
export function sineWindow(side: number): Float64Array {
  return Float64Array.from({ length: side }, (_, n) => Math.sin((Math.PI * (n + 0.5)) / side));
}

/** Rings of patch spectra: round(f·P), the corner beyond P/2 in the last. */
export function patchRingCount(side: number): number {
  return side / 2 + 2;
}

/** Per ring: Σ m|Σ_t F_t|² and Σ m Σ_t |F_t|², m = 1 for kx = 0, else 2. */
export interface RingSums {
  readonly together: Float64Array;
  readonly single: Float64Array;
}

/** Kernels are asked for with this radius where no surfaces are wanted. */
const NO_SURFACE = 1;

export class PatchEngine {
  readonly band: MovieBand;
  readonly side: number;
  private readonly window: Float64Array;
  private transform: PatchTransform;
  private re: Float32Array = new Float32Array(0);
  private im: Float32Array = new Float32Array(0);
  /** Kernels for sums and for surfaces, made when first needed; null where they do not suit. */
  private readonly fast = new Map<"sums" | "surfaces", FastPatches | null>();

  constructor(band: MovieBand, side: number) {
    this.band = band;
    this.side = side;
    this.window = sineWindow(side);
    this.transform = new PatchTransform(side);
  }

  private kernels(use: "sums" | "surfaces", kept: number, radius: number): FastPatches | null {
    const made = this.fast.get(use);
    if (made !== undefined && (made === null || (made.kept === kept && made.radius === radius)))
      return made;
    const created = FastPatches.create(this.band, this.window, kept, radius);
    this.fast.set(use, created);
    return created;
  }

  /** Keeps only frequencies up to `kept`/P. */
  private keep(kept: number): void {
    if (this.transform.shape.kx !== kept) this.transform = new PatchTransform(this.side, kept);
    const size = (this.band.frames + 1) * this.transform.plane;
    if (this.re.length !== size) {
      this.re = new Float32Array(size);
      this.im = new Float32Array(size);
    }
  }

  /** Windowed pixels of a patch of a frame, transposed, 0 outside the band. */
  private load(t: number, x0: number, y0: number, into: Float32Array): void {
    const { band, side, window } = this;
    const { width, rows, pixels } = band;
    const left = Math.max(0, -x0);
    const right = Math.min(side, width - x0);
    const base = t * rows * width;
    const inside = left === 0 && right === side;
    for (let y = 0; y < side; y++) {
      const row = y0 + y - band.firstRow;
      if (row < 0 || row >= rows || right <= left) {
        for (let x = 0, o = y; x < side; x++, o += side) into[o] = 0;
        continue;
      }
      const from = base + row * width + x0;
      const wy = window[y];
      if (inside)
        for (let x = 0, o = y; x < side; x++, o += side)
          into[o] = wy * window[x] * pixels[from + x];
      else
        for (let x = 0, o = y; x < side; x++, o += side)
          into[o] = x >= left && x < right ? wy * window[x] * pixels[from + x] : 0;
    }
  }

  /** Spectra of a patch in all frames, cut at the rounded displacement, the rest of it undone by phase. */
  private cut(patch: PatchPlace): void {
    const { band, transform, re, im } = this;
    const { frames } = band;
    const { plane } = transform;
    const d = patch.displacement;
    for (let t = 0; t < frames; t += 2) {
      const u = Math.min(t + 1, frames - 1);
      this.load(
        t,
        patch.x + Math.round(d[2 * t]),
        patch.y + Math.round(d[2 * t + 1]),
        transform.inputA,
      );
      this.load(
        u,
        patch.x + Math.round(d[2 * u]),
        patch.y + Math.round(d[2 * u + 1]),
        transform.inputB,
      );
      // The second of the last, odd pair goes to the spare plane.
      transform.transform(re, im, t * plane, (t + 1) * plane);
    }
    for (let t = 0; t < frames; t++)
      this.undo(
        t * plane,
        d[2 * t] - Math.round(d[2 * t]),
        d[2 * t + 1] - Math.round(d[2 * t + 1]),
      );
  }

  /** Multiplies a spectrum by e^{2πi(kx·dx + ky·dy)/P}. */
  private undo(at: number, dx: number, dy: number): void {
    if (dx === 0 && dy === 0) return;
    const { re, im, side } = this;
    const { kx: kept } = this.transform.shape;
    const columns = kept + 1;
    const xr = new Float64Array(columns);
    const xi = new Float64Array(columns);
    for (let i = 0; i < columns; i++) {
      xr[i] = Math.cos((2 * Math.PI * i * dx) / side);
      xi[i] = Math.sin((2 * Math.PI * i * dx) / side);
    }
    for (let k = -kept; k <= kept; k++) {
      const yr = Math.cos((2 * Math.PI * k * dy) / side);
      const yi = Math.sin((2 * Math.PI * k * dy) / side);
      const row = at + (k + kept) * columns;
      for (let i = 0; i < columns; i++) {
        const pr = yr * xr[i] - yi * xi[i];
        const pi = yr * xi[i] + yi * xr[i];
        const fr = re[row + i];
        const fi = im[row + i];
        re[row + i] = fr * pr - fi * pi;
        im[row + i] = fr * pi + fi * pr;
      }
    }
  }

  /** Σ_t F_t of the spectra at hand. */
  private total(): { re: Float64Array; im: Float64Array } {
    const { plane } = this.transform;
    const sr = new Float64Array(plane);
    const si = new Float64Array(plane);
    for (let t = 0; t < this.band.frames; t++)
      for (let i = 0, at = t * plane; i < plane; i++, at++) {
        sr[i] += this.re[at];
        si[i] += this.im[at];
      }
    return { re: sr, im: si };
  }

  /** Sums of a patch with its displacements undone; the twin of FastPatches. */
  private sums(patch: PatchPlace): PatchSums {
    this.keep(this.side / 2 - 1);
    this.cut(patch);
    return { ...this.total(), power: this.power() };
  }

  /** Σ_t |F_t|² of the spectra at hand. */
  private power(): Float64Array {
    const { plane } = this.transform;
    const out = new Float64Array(plane);
    for (let t = 0; t < this.band.frames; t++)
      for (let i = 0, at = t * plane; i < plane; i++, at++)
        out[i] += this.re[at] * this.re[at] + this.im[at] * this.im[at];
    return out;
  }

  /** Signal and noise by ring, summed over patches. */
  measure(patches: readonly PatchPlace[]): RingSums {
    const kept = this.side / 2 - 1;
    const rings = patchRingCount(this.side);
    const together = new Float64Array(rings);
    const single = new Float64Array(rings);
    const plane = (2 * kept + 1) * (kept + 1);
    const ring = new Uint16Array(plane);
    for (let k = -kept; k <= kept; k++)
      for (let i = 0; i <= kept; i++)
        ring[(k + kept) * (kept + 1) + i] = Math.min(Math.round(Math.hypot(k, i)), rings - 1);
    const fast = this.kernels("sums", kept, NO_SURFACE);
    for (const patch of patches) {
      const { re, im, power } = fast?.sums(patch) ?? this.sums(patch);
      for (let i = 0; i < plane; i++) {
        const m = i % (kept + 1) === 0 ? 1 : 2;
        together[ring[i]] += m * (re[i] ** 2 + im[i] ** 2);
        single[ring[i]] += m * power[i];
      }
    }
    return { together, single };
  }

  /**
   * Correlation surfaces of each frame against the sum of the others, as cubic B-spline coefficients
   * `[patch][t][2r + 1][2r + 1]`; `weight` by coefficient, `[2·kept + 1][kept + 1]`.
   */
  surfaces(
    patches: readonly PatchPlace[],
    weight: Float32Array,
    kept: number,
    radius: number,
  ): Float32Array<ArrayBuffer> {
    const fast = kept > 0 ? this.kernels("surfaces", kept, radius) : null;
    if (fast !== null) return fast.surfaces(patches, weight);
    this.keep(kept);
    const { transform, side } = this;
    const { frames } = this.band;
    const { plane } = transform;
    const maps = new DisplacementMaps(transform.shape, {
      radiusX: radius,
      radiusY: radius,
      step: 1,
    });
    const width = 2 * radius + 1;
    const size = width * width;
    const out = new Float32Array(patches.length * frames * size);
    const xr = new Float32Array(plane);
    const xi = new Float32Array(plane);
    patches.forEach((patch, p) => {
      this.cut(patch);
      const sum = this.total();
      const { re, im } = this;
      for (let t = 0; t < frames; t++) {
        for (let i = 0, at = t * plane; i < plane; i++, at++) {
          const ar = re[at];
          const ai = im[at];
          const br = sum.re[i] - ar;
          const bi = sum.im[i] - ai;
          xr[i] = weight[i] * (ar * br + ai * bi);
          xi[i] = weight[i] * (ai * br - ar * bi);
        }
        const start = (p * frames + t) * size;
        maps.evaluate(xr, xi, out, start, 1 / (side * side));
        for (let j = 0; j < width; j++) prefilterLine(out, start + j * width, 1, width);
        for (let j = 0; j < width; j++) prefilterLine(out, start + j, width, width);
      }
    });
    return out;
  }

  /**
   * Second moments, by ring, of patches at rest (cut without displacement) against the specimen moving by
   * `displacement`: Σ m|ΣF|², Σ m|ΣF·phase|², Σ mΣ|F|², Σ m|Σphase|²; ring = ⌊2f·P/4⌋ at most P/4.
   */
  restMoments(patches: readonly PatchPlace[]): Float64Array[] {
    const rings = this.side / 4 + 1;
    const out = Array.from({ length: 4 }, () => new Float64Array(rings));
    const kept = this.side / 2 - 1;
    for (const patch of patches) {
      const q = this.restSums(patch);
      for (let k = -kept; k <= kept; k++)
        for (let i = 0; i <= kept; i++) {
          const at = (k + kept) * (kept + 1) + i;
          const ring = Math.min(Math.floor(Math.hypot(k, i) / 2), rings - 1);
          const m = i === 0 ? 1 : 2;
          out[0][ring] += m * (q.still.re[at] ** 2 + q.still.im[at] ** 2);
          out[1][ring] += m * (q.aligned.re[at] ** 2 + q.aligned.im[at] ** 2);
          out[2][ring] += m * q.still.power[at];
          out[3][ring] += m * (q.phaseRe[at] ** 2 + q.phaseIm[at] ** 2);
        }
    }
    return out;
  }

  /**
   * Wiener estimate of what is at rest in these patches, windowed and added up over the rows of the band,
   * `[rows][width]`. `still`, `moving`: T + N/P and T + N/S by ring; P = 0 is Infinity.
   */
  restPattern(
    patches: readonly PatchPlace[],
    still: Float64Array,
    moving: Float64Array,
  ): Float32Array<ArrayBuffer> {
    const { band, side, window } = this;
    const rings = side / 4 + 1;
    const kept = side / 2 - 1;
    const out = new Float32Array(band.rows * band.width);
    const re = new Float64Array((2 * kept + 1) * (kept + 1));
    const im = new Float64Array(re.length);
    for (const patch of patches) {
      const q = this.restSums(patch);
      for (let k = -kept; k <= kept; k++)
        for (let i = 0; i <= kept; i++) {
          const at = (k + kept) * (kept + 1) + i;
          const ring = Math.min(Math.floor(Math.hypot(k, i) / 2), rings - 1);
          const ar = q.phaseRe[at];
          const ai = q.phaseIm[at];
          const b = moving[ring];
          const scale = Number.isFinite(still[ring])
            ? 1 / (still[ring] * b - ar * ar - ai * ai)
            : 0;
          re[at] = scale * (b * q.still.re[at] - (ar * q.aligned.re[at] + ai * q.aligned.im[at]));
          im[at] = scale * (b * q.still.im[at] - (ar * q.aligned.im[at] - ai * q.aligned.re[at]));
        }
      const pixels = inversePatch(side, kept, re, im);
      for (let y = 0; y < side; y++) {
        const row = patch.y + y - band.firstRow;
        if (row < 0 || row >= band.rows) continue;
        for (let x = 0; x < side; x++)
          out[row * band.width + patch.x + x] += window[y] * window[x] * pixels[y * side + x];
      }
    }
    return out;
  }

  private restSums(patch: PatchPlace): RestSums & {
    /** Σ_t e^{…} of the specimen's motion. */
    readonly phaseRe: Float64Array;
    readonly phaseIm: Float64Array;
  } {
    const kept = this.side / 2 - 1;
    const sums =
      this.kernels("sums", kept, NO_SURFACE)?.restSums(patch) ?? this.slowRestSums(patch, kept);
    const { frames } = this.band;
    const phaseRe = new Float64Array((2 * kept + 1) * (kept + 1));
    const phaseIm = new Float64Array(phaseRe.length);
    const xr = new Float64Array(kept + 1);
    const xi = new Float64Array(kept + 1);
    const d = patch.displacement;
    for (let t = 0; t < frames; t++) {
      for (let i = 0; i <= kept; i++) {
        const angle = (2 * Math.PI * i * d[2 * t]) / this.side;
        xr[i] = Math.cos(angle);
        xi[i] = Math.sin(angle);
      }
      for (let k = -kept; k <= kept; k++) {
        const angle = (2 * Math.PI * k * d[2 * t + 1]) / this.side;
        const yr = Math.cos(angle);
        const yi = Math.sin(angle);
        const row = (k + kept) * (kept + 1);
        for (let i = 0; i <= kept; i++) {
          phaseRe[row + i] += yr * xr[i] - yi * xi[i];
          phaseIm[row + i] += yr * xi[i] + yi * xr[i];
        }
      }
    }
    return { ...sums, phaseRe, phaseIm };
  }

  /** The twin of FastPatches. */
  private slowRestSums(patch: PatchPlace, kept: number): RestSums {
    this.keep(kept);
    const { re, im, transform } = this;
    const { frames } = this.band;
    const { plane } = transform;
    for (let t = 0; t < frames; t += 2) {
      const u = Math.min(t + 1, frames - 1);
      this.load(t, patch.x, patch.y, transform.inputA);
      this.load(u, patch.x, patch.y, transform.inputB);
      transform.transform(re, im, t * plane, (t + 1) * plane);
    }
    const still = { ...this.total(), power: this.power() };
    const d = patch.displacement;
    for (let t = 0; t < frames; t++) this.undo(t * plane, d[2 * t], d[2 * t + 1]);
    return { still, aligned: this.total() };
  }

  /** Subtracts an image of the band's rows from every frame. */
  subtract(image: Float32Array): void {
    const { pixels, frames, rows, width } = this.band;
    for (let t = 0; t < frames; t++)
      for (let i = 0, at = t * rows * width; i < rows * width; i++, at++) pixels[at] -= image[i];
  }
}
