/** Half the side of the neighbourhood, px. */
const REACH = 4;

/**
 * Replaces bad pixels, in place, by the mean of the good ones in 9 × 9; where there are none, by 0.
 * @param image `[height, width]`
 * @param bad 1 = bad
 */
export function fillBadPixels(
  image: Float32Array,
  bad: Uint8Array,
  width: number,
  height: number,
): void {
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (bad[i] === 0) continue;
      let sum = 0;
      let count = 0;
      for (let v = Math.max(0, y - REACH); v <= Math.min(height - 1, y + REACH); v++)
        for (let u = Math.max(0, x - REACH); u <= Math.min(width - 1, x + REACH); u++) {
          const k = v * width + u;
          if (bad[k] === 0) {
            sum += image[k];
            count++;
          }
        }
      image[i] = count > 0 ? sum / count : 0;
    }
}
