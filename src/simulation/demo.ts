import { createSimulatedMovie } from "./simulatedMovie.ts";
import type { SimulatedMovie } from "./simulatedMovie.ts";
import type { SimulationOptions } from "./simulationOptions.ts";

/** The demo movie: not square, an integrating camera, a reference that lies turned and mirrored. */
export const DEMO_OPTIONS = {
  width: 1024,
  height: 960,
  frames: 24,
  pixelSizeA: 1.4,
  electronsPerFrame: 4,
  camera: "integrating",
  unitsPerElectron: 32,
  seed: 2018,
  gain: "tiles",
  deadPixels: 60,
  hotPixels: 20,
  referencePose: { rotation90: 1, flip: "left-right", inverted: false },
  driftPx: 9,
  jitterPx: 0.2,
  localPx: 3,
  defocusA: 14000,
  mtfAtNyquist: 0.5,
} as const satisfies Partial<SimulationOptions>;

export const DEMO_MOVIE_NAME = "demo_movie.mrcs";
export const DEMO_REFERENCE_NAME = "demo_gain_reference.mrc";

/** The demo: everything that it shows is made here, from its seed. */
export function createDemo(): SimulatedMovie {
  return createSimulatedMovie(DEMO_OPTIONS);
}
