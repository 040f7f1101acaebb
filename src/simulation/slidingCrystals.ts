import type { FieldEvaluator } from "#src/math/motionField.ts";
import { createRandom } from "#src/math/random.ts";
import { SEEDS } from "./cameraGain.ts";
import type { SimulationOptions } from "./simulationOptions.ts";

/**
 * Crystals that lie on the specimen and slide over it, each its own way and at a steady pace: they darken
 * the expected picture of frame `t` by 55 %, `[height, width]`, in place.
 */
export function coverBySliding(
  options: SimulationOptions,
  field: FieldEvaluator,
  t: number,
  expectation: Float32Array,
): void {
  const { width, height, frames, seed, movieIndex, slidingCrystals, slidePx } = options;
  const random = createRandom(seed + SEEDS.crystals + 131 * movieIndex);
  const at = { x: 0, y: 0 };
  for (let k = 0; k < slidingCrystals; k++) {
    const homeX = random.uniform() * width;
    const homeY = random.uniform() * height;
    const radius = 12 + 25 * random.uniform();
    const way = 2 * Math.PI * random.uniform();
    const gone = (slidePx * (0.5 + random.uniform()) * t) / Math.max(1, frames - 1);
    field.displacement(t, homeX, homeY, at);
    const x0 = homeX + at.x + gone * Math.cos(way);
    const y0 = homeY + at.y + gone * Math.sin(way);
    const reach = radius + 20;
    for (let y = Math.max(0, Math.ceil(y0 - reach)); y <= Math.min(height - 1, y0 + reach); y++)
      for (let x = Math.max(0, Math.ceil(x0 - reach)); x <= Math.min(width - 1, x0 + reach); x++) {
        const outside = Math.hypot(x - x0, y - y0) - radius;
        expectation[y * width + x] *= 1 - 0.55 / (1 + Math.exp(outside));
      }
  }
}
