import type { Float32Pixels } from "#src/domain/movie.ts";
import { createRandom } from "#src/math/random.ts";

/** Dark shells on noise with a slow gradient and a few hot pixels: a micrograph made for tests. */
export function syntheticMicrograph(width: number, height: number, seed: number): Float32Pixels {
  const random = createRandom(seed);
  const centres = Array.from({ length: Math.ceil((width * height) / 9000) }, () => [
    random.integer(width),
    random.integer(height),
  ]);
  const pixels = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      pixels[y * width + x] = 500 + (40 * x) / width + (25 * y) / height + 45 * random.normal();
  const reach = 22;
  for (const [cx, cy] of centres)
    for (let y = Math.max(0, cy - reach); y < Math.min(height, cy + reach); y++)
      for (let x = Math.max(0, cx - reach); x < Math.min(width, cx + reach); x++) {
        const r = Math.hypot(x - cx, y - cy);
        pixels[y * width + x] -= 40 * Math.exp(-(((r - 14) / 4) ** 2));
      }
  for (let k = 0; k < 12; k++) pixels[random.integer(pixels.length)] = 5000;
  return pixels;
}
