import type { GainOrientation } from "#src/domain/gain.ts";

/** What a simulated movie shows; every number has a default in {@link DEFAULT_SIMULATION}. */
export interface SimulationOptions {
  /** px */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Å/px */
  readonly pixelSizeA: number;
  /** Mean electrons of a pixel in one frame. */
  readonly electronsPerFrame: number;
  /** Counting: electrons as uint8. Integrating: electrons · G · `unitsPerElectron` as uint16. */
  readonly camera: "counting" | "integrating";
  readonly unitsPerElectron: number;
  readonly seed: number;
  /** Index of this movie in its session: same camera, new specimen, drifted gain. */
  readonly movieIndex: number;

  readonly gain: "flat" | "lines" | "tiles";
  /** Deviations of the gain from 1, relative to those of the usual camera. */
  readonly gainStrength: number;
  /** Grains of dirt on the camera: darker by 30 %, part of the gain. */
  readonly cameraDirt: number;
  readonly deadPixels: number;
  readonly hotPixels: number;
  /** Relative change of the gain from one movie to the next, standard deviation. */
  readonly gainDrift: number;
  /** How the shipped reference has to be turned to fit the movie. */
  readonly referencePose: GainOrientation;
  /** Relative noise of the shipped reference. */
  readonly referenceNoise: number;
  /** Ship the reference of another camera. */
  readonly wrongReference: boolean;

  /** Drift over the movie, px. */
  readonly driftPx: number;
  /** Frame to frame jitter, px rms. */
  readonly jitterPx: number;
  /** Local motion near the edge, px. */
  readonly localPx: number;
  /** Local motion that jumps from frame to frame instead of growing smoothly. */
  readonly jerky: boolean;

  /** Particles, or ice alone. */
  readonly particles: boolean;
  /** Contrast: standard deviation of the scene relative to its mean. */
  readonly contrast: number;
  readonly defocusA: number;
  readonly voltageKv: number;
  readonly sphericalAberrationMm: number;
  /** Transfer of the camera at Nyquist (1 = ideal), Gaussian in frequency. */
  readonly mtfAtNyquist: number;
  /** Fall-off of the specimen's high frequencies, Å²: exp(−B s²/4). */
  readonly bFactorA2: number;
  /** Ice crystals on the specimen. */
  readonly contamination: number;
  /** What a crystal lets through: below 1 dark, above 1 bright. */
  readonly contaminationTransmission: number;
  /** Crystals that slide over the specimen, each its own way, by about {@link slidePx} over the movie. */
  readonly slidingCrystals: number;
  readonly slidePx: number;
  /** Edge of the carbon film through the picture. */
  readonly carbonEdge: boolean;
  /** Wedge of ice: fall of the transmitted beam from the left edge of the picture to the right. */
  readonly iceWedge: number;
  /** An edge in the ice beyond which it is thick (half the beam is lost), or gone (nothing to be seen). */
  readonly iceEdge: "none" | "thick" | "empty";
}

export const DEFAULT_SIMULATION: SimulationOptions = {
  width: 1024,
  height: 960,
  frames: 20,
  pixelSizeA: 1.2,
  electronsPerFrame: 3,
  camera: "integrating",
  unitsPerElectron: 32,
  seed: 1,
  movieIndex: 0,
  gain: "lines",
  gainStrength: 1,
  cameraDirt: 0,
  deadPixels: 40,
  hotPixels: 10,
  gainDrift: 0,
  referencePose: { rotation90: 0, flip: "none", inverted: false },
  referenceNoise: 0.003,
  wrongReference: false,
  driftPx: 8,
  jitterPx: 0.15,
  localPx: 3,
  jerky: false,
  particles: true,
  contrast: 0.15,
  defocusA: 12000,
  voltageKv: 300,
  sphericalAberrationMm: 2.7,
  mtfAtNyquist: 1,
  bFactorA2: 20,
  contamination: 0,
  contaminationTransmission: 0.45,
  slidingCrystals: 0,
  slidePx: 6,
  carbonEdge: false,
  iceWedge: 0,
  iceEdge: "none",
};
