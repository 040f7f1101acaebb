import type { Float32Pixels } from "#src/domain/movie.ts";
import type { PreprocessArithmetic, PreprocessOperations } from "#src/domain/preprocess.ts";

/** The three filters of one pass through Fourier space; `null` = that one is off. */
export interface FourierFilter {
  /** Factor k of exp(−k·w²), w in cycles per pixel. */
  readonly gaussian: number | null;
  readonly highPass: { readonly cutoff: number; readonly transition: number } | null;
  readonly lowPass: { readonly cutoff: number; readonly transition: number } | null;
}

/**
 * The filters that a recipe has on, or `null` when none is. A Gaussian of standard deviation σ px is
 * exp(−2π²σ²w²) in Fourier space; Xmipp multiplies by exp(−π²σ²w²), whose standard deviation is σ/√2.
 */
export function fourierFilterOf(
  { gaussian, highPass, lowPass }: PreprocessOperations,
  arithmetic: PreprocessArithmetic,
): FourierFilter | null {
  if (gaussian === null && highPass === null && lowPass === null) return null;
  const exponent = (arithmetic === "xmipp" ? 1 : 2) * Math.PI ** 2;
  return {
    gaussian: gaussian === null ? null : exponent * gaussian.sigma ** 2,
    highPass,
    lowPass,
  };
}

/** Passes w > cutoff; raised cosine for cutoff − transition < w ≤ cutoff; nothing below. */
export function highPassResponse(w: number, cutoff: number, transition: number): number {
  if (w > cutoff) return 1;
  if (w <= cutoff - transition) return 0;
  return 0.5 * (1 + Math.cos((Math.PI * (cutoff - w)) / transition));
}

/** Passes w < cutoff; raised cosine for cutoff ≤ w < cutoff + transition; nothing above. */
export function lowPassResponse(w: number, cutoff: number, transition: number): number {
  if (w < cutoff) return 1;
  if (w >= cutoff + transition) return 0;
  return 0.5 * (1 + Math.cos((Math.PI * (w - cutoff)) / transition));
}

/** What the filters multiply the coefficient at frequency w (cycles per pixel, up to √½) by. */
export function filterResponse({ gaussian, highPass, lowPass }: FourierFilter, w: number): number {
  return (
    (gaussian === null ? 1 : Math.exp(-gaussian * w * w)) *
    (highPass === null ? 1 : highPassResponse(w, highPass.cutoff, highPass.transition)) *
    (lowPass === null ? 1 : lowPassResponse(w, lowPass.cutoff, lowPass.transition))
  );
}

/** Size of an image and of its half-spectrum. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Cuts the low frequencies of a smaller image out of a half-spectrum and multiplies by the filters and
 * by `scale`. Rows 0 … h/2 and the last h − h/2 − 1 rows, columns 0 … w/2 (whole-number halves): the
 * coefficient at the new Nyquist is copied once, as Xmipp's Fourier downsampling does. With equal sizes
 * it works in place.
 * @param spectrum [from.height, from.width/2 + 1] complex, interleaved re/im, zero frequency first
 * @returns        [to.height, to.width/2 + 1] complex
 */
export function filterSpectrum(
  spectrum: Float32Pixels,
  from: ImageSize,
  to: ImageSize,
  filter: FourierFilter | null,
  scale: number,
): Float32Pixels {
  const fromColumns = (from.width >> 1) + 1;
  const columns = (to.width >> 1) + 1;
  const same = from.width === to.width && from.height === to.height;
  const out = same ? spectrum : new Float32Array(2 * columns * to.height);
  const half = to.height >> 1;
  const gaussianX = new Float64Array(columns);
  for (let u = 0; u < columns; u++)
    gaussianX[u] = filter?.gaussian == null ? 1 : Math.exp(-filter.gaussian * (u / to.width) ** 2);
  const bands = filter === null ? null : { ...filter, gaussian: null };
  const banded = bands !== null && (bands.highPass !== null || bands.lowPass !== null);
  for (let v = 0; v < to.height; v++) {
    const frequency = v <= half ? v : v - to.height;
    const source = 2 * fromColumns * (frequency >= 0 ? frequency : from.height + frequency);
    const target = 2 * columns * v;
    const y2 = (frequency / to.height) ** 2;
    const rowFactor = scale * (filter?.gaussian == null ? 1 : Math.exp(-filter.gaussian * y2));
    for (let u = 0; u < columns; u++) {
      let factor = rowFactor * gaussianX[u];
      if (banded) factor *= filterResponse(bands, Math.sqrt((u / to.width) ** 2 + y2));
      out[target + 2 * u] = factor * spectrum[source + 2 * u];
      out[target + 2 * u + 1] = factor * spectrum[source + 2 * u + 1];
    }
  }
  return out;
}
