import { scaleToMeanOne } from "./statistics.ts";

/**
 * The estimate of Afanasyev et al. 2015 (Sci. Rep. 5, 10317): the standard deviation of each pixel over
 * the frames, taken as its gain. Frames are scaled to mean 1 first, so that dose changes are no noise.
 * It measures what flickers, so it shows dead and hot pixels better than the gain.
 */
export interface PixelDeviations {
  add(frame: ArrayLike<number>): void;
  /** G-type, mean 1 over good pixels; null with fewer than three frames. */
  finish(bad: Uint8Array): Float32Array<ArrayBuffer> | null;
}

export function createPixelDeviations(pixels: number): PixelDeviations {
  const sums = new Float32Array(pixels);
  const squares = new Float32Array(pixels);
  let frames = 0;
  return {
    add: (frame) => {
      let total = 0;
      for (let i = 0; i < pixels; i++) total += frame[i];
      if (!(total > 0)) return;
      const scale = pixels / total;
      // About 1, so that squares and sums stay near each other and their difference keeps its digits.
      for (let i = 0; i < pixels; i++) {
        const v = frame[i] * scale - 1;
        sums[i] += v;
        squares[i] += v * v;
      }
      frames++;
    },
    finish: (bad) => {
      if (frames < 3) return null;
      const result = new Float32Array(pixels);
      for (let i = 0; i < pixels; i++) {
        const mean = sums[i] / frames;
        result[i] = bad[i] === 0 ? Math.sqrt(Math.max(0, squares[i] / frames - mean * mean)) : 0;
      }
      scaleToMeanOne(result, bad);
      return result;
    },
  };
}
