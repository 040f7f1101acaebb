import type { Float32Pixels } from "./movie.ts";

/**
 * Names a picture that the compute worker can show. Frames count from 0. `stored` pictures are results
 * that a step has put away under an id of its own ("gain/<movie>/G", "motion/<movie>/after").
 */
export type PictureKey =
  | { readonly kind: "frame"; readonly movie: string; readonly frame: number }
  /** Plain sum of frames 0 to `lastFrame` inclusive. */
  | { readonly kind: "sum"; readonly movie: string; readonly lastFrame: number }
  | { readonly kind: "stored"; readonly id: string };

/** A text that is equal exactly for equal keys: cache index and React key. */
export function pictureId(key: PictureKey): string {
  switch (key.kind) {
    case "frame":
      return `frame/${key.movie}/${key.frame}`;
    case "sum":
      return `sum/${key.movie}/${key.lastFrame}`;
    case "stored":
      return `stored/${key.id}`;
  }
}

/** Longer side of a micrograph that is kept to be looked at when its pixels are not kept, px. */
const REDUCED_SIDE = 420;

/** Size of an image reduced to be kept; never larger than it is. */
export function reducedSize(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, REDUCED_SIDE / Math.max(width, height));
  const of = (side: number): number => Math.max(1, Math.round(side * scale));
  return { width: of(width), height: of(height) };
}

/** Name under which a gain is kept between visits, from the beginning of the names of its pictures. */
export function keptGainName(pictures: string): string {
  return `gain/${pictures.split("/").at(-2) ?? ""}`;
}

const SPECTRUM_PREFIX = "spectrum/";

/** The power spectrum of a single image, drawn for its rings; the worker makes it when it is asked for. */
export function spectrumOf(image: string): PictureKey {
  return { kind: "stored", id: `${SPECTRUM_PREFIX}${image}` };
}

/** The image whose spectrum a stored picture is, or null. */
export function imageOfSpectrum(id: string): string | null {
  return id.startsWith(SPECTRUM_PREFIX) ? id.slice(SPECTRUM_PREFIX.length) : null;
}

/** Counts over equal bins; `counts[i]` is of `[from + i·step, from + (i+1)·step)`. */
export interface Histogram {
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
}

/** What the viewer must know of a picture before it shows a part of it. Good pixels only. */
export interface PictureSummary {
  readonly width: number;
  readonly height: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
  /** Values at 0.5 % and 99.5 %: the automatic contrast. */
  readonly low: number;
  readonly high: number;
  /** From the 0.05 % to the 99.95 % value, of at most about 130 000 pixels on a regular grid. */
  readonly histogram: Histogram;
  readonly badPixels: number;
  /** All values are integers (counts). */
  readonly integer: boolean;
}

/** A part of a picture at screen resolution: `[x, x + width) × [y, y + height)` in px of the picture. */
export interface RasterRequest {
  readonly key: PictureKey;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Pixels wanted. Above 1:1 each picture pixel fills a block; below, area means are taken. */
  readonly columns: number;
  readonly rows: number;
}

export interface Raster {
  readonly columns: number;
  readonly rows: number;
  /** `[rows, columns]`; 0 where `bad`. */
  readonly values: Float32Pixels;
  /** 1 = the cell holds only bad pixels, 2 = some; null = none in the picture. */
  readonly bad: Uint8Array<ArrayBuffer> | null;
}

/** Means over rows and columns of the good pixels; a line without good pixels holds NaN. */
export interface Profiles {
  /** Mean of each column, `[width]`. */
  readonly columns: Float64Array<ArrayBuffer>;
  /** Mean of each row, `[height]`. */
  readonly rows: Float64Array<ArrayBuffer>;
}

/** One pixel, for the readout under the cursor. */
export interface PixelReading {
  readonly x: number;
  readonly y: number;
  readonly value: number;
  readonly bad: boolean;
}
