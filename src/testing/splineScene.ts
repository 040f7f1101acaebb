import { cubicWeights } from "#src/math/bspline.ts";
import { createFieldEvaluator } from "#src/math/motionField.ts";
import type { MotionField } from "#src/domain/motion.ts";
import { createRandom } from "#src/math/random.ts";
import { memoryMovie } from "./memoryMovie.ts";
import type { MovieReader } from "#src/domain/movie.ts";

/** Spacing of the scene's white coefficients, px. */
export const SCENE_GRID = 4;
const MARGIN = 40;

/**
 * A movie without noise whose scene is known everywhere: white coefficients of cubic B-splines every 4 px,
 * so that its spectrum is sinc(4w)⁸ in power and it can be moved by any field exactly.
 */
export function splineSceneMovie(
  field: MotionField,
  pixelSizeA: number,
  seed: number,
): MovieReader {
  const { width, height } = field;
  const random = createRandom(seed);
  const columns = Math.ceil((width + 2 * MARGIN) / SCENE_GRID) + 4;
  const rows = Math.ceil((height + 2 * MARGIN) / SCENE_GRID) + 4;
  const white = Float64Array.from({ length: columns * rows }, () => random.normal());
  const wx = new Float64Array(4);
  const wy = new Float64Array(4);
  const scene = (x: number, y: number): number => {
    const u = (x + MARGIN) / SCENE_GRID;
    const v = (y + MARGIN) / SCENE_GRID;
    const i = Math.floor(u);
    const j = Math.floor(v);
    cubicWeights(u - i, wx);
    cubicWeights(v - j, wy);
    let sum = 0;
    for (let b = 0; b < 4; b++)
      for (let a = 0; a < 4; a++) sum += wy[b] * wx[a] * white[(j + b) * columns + i + a];
    return sum;
  };
  const evaluator = createFieldEvaluator(field);
  const out = { x: 0, y: 0 };
  const frames = field.frameIndices.map((_, t) => {
    const image = new Float32Array(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        evaluator.displacement(t, x, y, out);
        image[y * width + x] = scene(x - out.x, y - out.y);
      }
    return image;
  });
  return memoryMovie(frames, width, height, { pixelSizeA });
}
