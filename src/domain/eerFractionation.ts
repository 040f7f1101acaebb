/** How raw EER frames become the frames of a movie. Raw frames count from 0 here. */
export interface EerFractionation {
  readonly rawFrames: number;
  readonly groupSize: number;
  readonly fractions: number;
  /** Raw frames at the end that fill no fraction and are dropped. */
  readonly leftover: number;
}

/** Fractions when nothing is asked for: about as many as movies of other detectors have frames. */
const USUAL_FRACTIONS = 40;

/**
 * Groups raw frames. A group size is RELION's `--eer_grouping` and wins; a number of fractions is
 * Xmipp's. Leftover raw frames at the end are dropped in both, as in RELION, Xmipp and Warp.
 */
export function fractionate(
  rawFrames: number,
  wish: { readonly groupSize?: number; readonly fractions?: number } = {},
): EerFractionation {
  const wanted = Math.max(1, Math.min(wish.fractions ?? USUAL_FRACTIONS, rawFrames));
  const groupSize = Math.max(
    1,
    Math.min(wish.groupSize ?? Math.floor(rawFrames / wanted), rawFrames),
  );
  const fractions = wish.groupSize === undefined ? wanted : Math.floor(rawFrames / groupSize);
  return { rawFrames, groupSize, fractions, leftover: rawFrames - fractions * groupSize };
}

/** Group size that brings a fraction nearest to the wished dose (both in e⁻/Å²). */
export function groupSizeForDose(dosePerRawFrame: number, dosePerFraction: number): number {
  return Math.max(1, Math.round(dosePerFraction / dosePerRawFrame));
}
