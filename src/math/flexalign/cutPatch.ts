import type { Float32Pixels } from "#src/domain/movie.ts";
import { realFft2 } from "#src/math/fft.ts";
import type { ReducedSize } from "./correlationSize.ts";

/** (raw − dark)·gain, `[height, width]`; a bad pixel's gain is 0 and FlexAlign leaves it so. */
export function correctFrame(
  raw: ArrayLike<number>,
  correction: Float32Array | null,
  dark: Float32Array | null,
): Float32Pixels {
  const out = new Float32Array(raw.length);
  for (let i = 0; i < out.length; i++)
    out[i] = (raw[i] - (dark === null ? 0 : dark[i])) * (correction === null ? 1 : correction[i]);
  return out;
}

/**
 * Low frequencies of an image, filtered: half spectrum `[reducedHeight, floor(reducedWidth/2) + 1]`
 * interleaved, scaled so that its inverse keeps grey values.
 */
export function reducedSpectrum(
  image: Float32Pixels,
  size: ReducedSize,
  filter: Float32Array,
): Float32Pixels {
  const { width, height, reducedWidth, reducedHeight } = size;
  const out = realFft2(width, height).forwardCropped(image, reducedWidth, reducedHeight);
  for (let i = 0; i < filter.length; i++) {
    out[2 * i] *= filter[i];
    out[2 * i + 1] *= filter[i];
  }
  return out;
}

/** The part of an image `[…, width]` that starts at (x, y). */
export function cutPatch(
  image: Float32Pixels,
  width: number,
  x: number,
  y: number,
  patch: { readonly width: number; readonly height: number },
): Float32Pixels {
  const out = new Float32Array(patch.width * patch.height);
  for (let j = 0; j < patch.height; j++) {
    const from = (y + j) * width + x;
    out.set(image.subarray(from, from + patch.width), j * patch.width);
  }
  return out;
}
