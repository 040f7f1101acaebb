import type { CancelSignal } from "#src/domain/cancel.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";

/** An image `[height, width]`, or the size of one. */
export interface FourierSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Real 2-D Fourier transforms of whole images, any size; conventions of `createRealFft2` in
 * src/math/realFft2.ts (forward e^{−2πi} unnormalised, half spectra `[height, floor(width/2) + 1]`
 * interleaved, inverse divided by width·height). Buffers that are handed in may be moved away. Several
 * calls may run at once. Relative rms error: 1e-7 on the CPU, below 1e-6 on WebGPU.
 */
export interface FourierCompute {
  forward(image: Float32Pixels, size: FourierSize, signal?: CancelSignal): Promise<Float32Pixels>;
  inverse(
    spectrum: Float32Pixels,
    size: FourierSize,
    signal?: CancelSignal,
  ): Promise<Float32Pixels>;
  /** The spectrum cut to the band of a smaller image, scaled so that its inverse keeps grey values. */
  forwardCropped(
    image: Float32Pixels,
    size: FourierSize,
    crop: FourierSize,
    signal?: CancelSignal,
  ): Promise<Float32Pixels>;
}
