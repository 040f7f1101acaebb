import type { Float32Pixels } from "#src/domain/movie.ts";
import { parsePreprocessRecipe } from "#src/domain/preprocessCheck.ts";
import { createRandom } from "#src/math/random.ts";
import { createPreprocessChain } from "#src/math/preprocess/runStages.ts";
import type { PreprocessedImage } from "#src/math/preprocess/runStages.ts";
import { directTransform } from "./directTransform.ts";

/** Runs operations given as in a recipe file by the twins. */
export function runOperations(
  pixels: Float32Pixels,
  width: number,
  height: number,
  operations: Record<string, unknown>,
): PreprocessedImage {
  const chain = createPreprocessChain(
    pixels.slice(),
    { width, height },
    parsePreprocessRecipe(operations),
    directTransform,
  );
  while (chain.position.stage !== "done") chain.advance();
  return chain.result();
}

/** Seeded normal noise. */
export function noiseImage(count: number, seed: number, mean = 100, std = 10): Float32Pixels {
  const random = createRandom(seed);
  return new Float32Array(count).map(() => mean + std * random.normal());
}

/** Image from a function of the place. */
export function imageOf(
  width: number,
  height: number,
  f: (x: number, y: number) => number,
): Float32Pixels {
  return new Float32Array(width * height).map((_, i) => f(i % width, Math.floor(i / width)));
}
