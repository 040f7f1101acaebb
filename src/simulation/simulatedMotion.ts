import type { MotionField } from "#src/domain/motion.ts";
import { prefilterLine } from "#src/math/bspline.ts";
import { createRandom } from "#src/math/random.ts";
import { SEEDS } from "./cameraGain.ts";
import type { SimulationOptions } from "./simulationOptions.ts";

type Motion = Pick<
  SimulationOptions,
  | "width"
  | "height"
  | "frames"
  | "seed"
  | "movieIndex"
  | "driftPx"
  | "jitterPx"
  | "localPx"
  | "jerky"
>;

/** Control points across the picture: quadratics are exact with any number from 4. */
const POINTS = 5;

/**
 * A movement that is 0 in frame 0. Global part: a drift that settles, 1 − e^{−4t}, a steady drift and
 * jitter. Local part: a quadratic in place times a quadratic in time (or a random walk when jerky),
 * which cubic B-splines hold exactly, so that the field is the truth in both of its forms.
 */
export function simulateMotion(options: Motion): MotionField {
  const { width, height, frames, seed, movieIndex, driftPx, jitterPx, localPx, jerky } = options;
  const random = createRandom(seed + SEEDS.motion + 97 * movieIndex);
  const time = (t: number): number => t / Math.max(1, frames - 1);
  const axis = (): Float64Array => {
    const settle = (0.5 + 0.5 * random.uniform()) * driftPx * (random.uniform() < 0.5 ? -1 : 1);
    const steady = (random.normal() * driftPx) / 4;
    const path = Float64Array.from(
      { length: frames },
      (_, t) =>
        (1 - Math.exp(-4 * time(t))) * settle + time(t) * steady + jitterPx * random.normal(),
    );
    return path.map((value) => value - path[0]);
  };
  const globalX = axis();
  const globalY = axis();

  const course = (): Float64Array => {
    const [a, b] = [random.normal(), random.normal()];
    const steps = Float64Array.from({ length: frames }, (_, t) => a * time(t) + b * time(t) ** 2);
    if (!jerky) return steps;
    let walk = 0;
    for (let t = 1; t < frames; t++) {
      walk += random.normal() / Math.sqrt(frames);
      steps[t] = walk;
    }
    return steps;
  };
  const surface = (): Float64Array => {
    const c = Array.from({ length: 5 }, () => (random.normal() * localPx) / 2);
    return Float64Array.from({ length: POINTS * POINTS }, (_, i) => {
      // In ξ = 2x/width − 1 the spacing is 1; the spline of coefficients ξ_i² is ξ² + 1/3.
      const x = (i % POINTS) - 2;
      const y = Math.floor(i / POINTS) - 2;
      return c[0] * x + c[1] * y + c[2] * (x * x - 2 / 3) + c[3] * x * y + c[4] * (y * y - 2 / 3);
    });
  };
  const field = {
    width,
    height,
    frameIndices: Array.from({ length: frames }, (_, t) => t),
    referenceFrame: 0,
    globalX,
    globalY,
  };
  if (localPx === 0) return { ...field, local: null };
  const x = timesCourse(surface(), course());
  const y = timesCourse(surface(), course());
  return {
    ...field,
    local: {
      controlPoints: { x: POINTS, y: POINTS, t: frames + 3 },
      coefficientsX: x,
      coefficientsY: y,
    },
  };
}

/** Coefficients `[t][y][x]` whose spline takes the value course[t] · surface at frame t (spacing 1). */
function timesCourse(surface: Float64Array, course: Float64Array): Float64Array {
  const frames = course.length;
  const inner = course.slice();
  prefilterLine(inner, 0, 1, frames);
  const mirrored = (k: number): number => {
    const last = frames - 1;
    return inner[Math.min(last, Math.max(0, last - Math.abs(last - Math.abs(k))))];
  };
  const out = new Float64Array((frames + 3) * surface.length);
  for (let k = 0; k < frames + 3; k++)
    for (let i = 0; i < surface.length; i++)
      out[k * surface.length + i] = mirrored(k - 1) * surface[i];
  return out;
}
