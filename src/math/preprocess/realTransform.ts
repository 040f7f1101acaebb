import { realFft2 } from "../fft.ts";
import type { RealTransform } from "./runStages.ts";

/** Fast transforms of any size; plans are kept by `realFft2`. Made where it is used: plans hold buffers. */
export function createRealTransform(): RealTransform {
  return {
    forward: (pixels, { width, height }) => realFft2(width, height).forward(pixels),
    inverse: (spectrum, { width, height }) => realFft2(width, height).inverse(spectrum),
  };
}
