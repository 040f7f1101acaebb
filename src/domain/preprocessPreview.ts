import type { Histogram, PictureKey, PictureSummary } from "./picture.ts";
import type { ImageStatistics, PreprocessRecipe, PreprocessReport } from "./preprocess.ts";

/** A rectangle of the micrograph, px. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Power by spatial frequency, in cycles per pixel of the micrograph before downsampling. */
export interface RadialPower {
  readonly frequency: readonly number[];
  readonly power: readonly number[];
}

/** What is plotted of one side of the comparison. */
export interface PreviewCurves {
  readonly statistics: ImageStatistics;
  /** Of values in standard deviations from the mean; counts sum to 1. */
  readonly histogram: Histogram;
  readonly radialPower: RadialPower;
}

/** What is plotted of both sides. */
export interface ComparedCurves {
  readonly before: PreviewCurves;
  /** Its power is scaled so that both curves agree where nothing is filtered away. */
  readonly after: PreviewCurves;
}

/** One side of the comparison, px. */
export interface PreviewSide {
  readonly width: number;
  readonly height: number;
}

/** What operations do to a micrograph, or to a region of it alone. */
export interface PreprocessPreview {
  /** "region": the operations saw this region only; "whole": they saw the whole micrograph. */
  readonly scope: "region" | "whole";
  /** The part of the micrograph that both pictures show, px before downsampling. */
  readonly region: Region;
  /** The region is all that cropping leaves. */
  readonly coversAll: boolean;
  readonly before: PreviewSide;
  readonly after: PreviewSide;
  readonly report: PreprocessReport;
  readonly milliseconds: number;
}

/** A preview with the names of its two pictures. */
export interface NamedPreview extends PreprocessPreview {
  /** Ids of "stored" pictures. The one before keeps its id while the field stays. */
  readonly beforeId: string;
  readonly afterId: string;
  /** Enough of them to choose greys by. */
  readonly beforeSummary: PictureSummary;
  readonly afterSummary: PictureSummary;
}

/** What the operations do to one micrograph; null region = to the whole. */
export interface PreviewRequest {
  /** Names the picture after; of each slot (the part before "/") the last two are kept. */
  readonly id: string;
  readonly source: PictureKey;
  /** Tells results of one name apart. */
  readonly version: string;
  readonly region: Region | null;
  readonly recipe: PreprocessRecipe;
  /** Iterations of the denoiser that are enough for now; null = all. The report says how many were done. */
  readonly enough: number | null;
}

/** A processed micrograph without its pixels: what the table and the report show. */
export interface MicrographResult {
  readonly fileId: string;
  readonly input: string;
  /** File name of the result. */
  readonly output: string;
  readonly width: number;
  readonly height: number;
  readonly pixelSizeA: number | null;
  readonly cropOffsetPx: number;
  readonly report: PreprocessReport;
  readonly warnings: readonly string[];
}
