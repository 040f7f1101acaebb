/** Fourier transforms: everything that other modules need, in one place. */
export {
  createFft,
  frequencyOfIndex,
  halfWidth,
  indexOfFrequency,
  signedIndex,
} from "./complexFft.ts";
export type { BatchLayout, Fft, RealArray } from "./complexFft.ts";
export { nextFastSize, previousFastSize } from "./laneFft.ts";
export { createRealFft2, realFft2 } from "./realFft2.ts";
export type { RealFft2 } from "./realFft2.ts";
export { resampleSpectrum, shiftSpectrum } from "./spectrumResample.ts";
export type { ImageSize } from "./spectrumResample.ts";
