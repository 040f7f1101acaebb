/** A micrograph as RELION's table of corrected micrographs (`corrected_micrographs.star`) has it. */
export interface CorrectedRow {
  /** Path of the micrograph that the next jobs take: the dose-weighted one where there is one. */
  readonly micrographName: string;
  /** Path of the sum without dose weighting, when both were written. */
  readonly unweightedName: string | null;
  /** Path of the movie's STAR file. */
  readonly metadataName: string;
  readonly pixelSizeA: number | null;
  readonly binnedPixelSizeA: number | null;
  readonly voltageKv: number;
  /** Global displacements of the aligned frames, px of the unbinned movie. */
  readonly globalX: readonly number[];
  readonly globalY: readonly number[];
  /** Aligned frames up to which motion counts as early. */
  readonly earlyFrames: number;
}
