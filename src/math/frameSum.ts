import type { PixelArray, PixelType } from "#src/domain/movie.ts";

/**
 * An empty sum of `pixels` pixels for `frames` frames, in the smallest type that cannot overflow:
 * integers stay integers, so that a sum of counts is ranked exactly; 32-bit frames are summed as floats.
 */
export function emptySum(type: PixelType, pixels: number, frames: number): PixelArray {
  switch (type) {
    case "uint8":
      return frames <= 257 ? new Uint16Array(pixels) : new Uint32Array(pixels);
    case "int8":
      return frames <= 256 ? new Int16Array(pixels) : new Int32Array(pixels);
    case "uint16":
      return new Uint32Array(pixels);
    case "int16":
      return new Int32Array(pixels);
    case "uint32":
    case "int32":
    case "float32":
      return new Float32Array(pixels);
  }
}

/** `sum += frame`, pixel by pixel. */
export function addFrame(sum: PixelArray, frame: PixelArray): void {
  for (let i = 0; i < sum.length; i++) sum[i] += frame[i];
}
