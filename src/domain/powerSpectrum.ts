import type { Float32Pixels } from "./movie.ts";

/**
 * How a spectrum was made. `protocol`: FlexAlign's, sum of the amplitudes |F| of tapered pieces of 384 px
 * that overlap by 40 %, each scaled to sd 1. `reading`: mean of the powers |F|² of windowed pieces of
 * 512 px that overlap by half, for the eye and for radial curves.
 */
export type SpectrumKind = "protocol" | "reading";

/** A power spectrum of a micrograph, `[size, size]`, zero frequency at (size/2, size/2). */
export interface PowerSpectrum {
  readonly kind: SpectrumKind;
  /** px of a piece, even; smaller than usual where the micrograph is. */
  readonly size: number;
  readonly values: Float32Pixels;
  /** Pieces that were averaged or summed. */
  readonly pieces: number;
  /** Å/px of the micrograph, so that column i stands for (i − size/2)/(size·pixelSizeA) in 1/Å. */
  readonly pixelSizeA: number | null;
}

/** Mean of a spectrum over rings. */
export interface RadialCurve {
  /** Cycles per px of the micrograph, middle of each ring. */
  readonly frequency: readonly number[];
  readonly value: readonly number[];
}

/** Spectra of a movie's plain sum (before) and of its corrected micrograph (after), same scale. */
export interface SpectrumPair {
  readonly before: PowerSpectrum;
  readonly after: PowerSpectrum;
  readonly radialBefore: RadialCurve;
  readonly radialAfter: RadialCurve;
}

export interface MovieSpectra {
  readonly protocol: SpectrumPair;
  readonly reading: SpectrumPair;
}
