import type { SimulationOptions } from "./simulationOptions.ts";

/** A kind of movie on which the estimation of motion is tried. */
export interface StudyMovie {
  readonly name: string;
  readonly options: Partial<SimulationOptions> & { readonly seed: number };
  /** The true gain is given to the estimator. */
  readonly gainGiven?: boolean;
}

const counting = { camera: "counting", gain: "flat", deadPixels: 0, hotPixels: 0 } as const;

/** Scenes, tracks, doses, sizes and cameras unlike each other; all small, all seeded. */
export const STUDY_MOVIES: readonly StudyMovie[] = [
  {
    name: "smooth, odd size",
    options: {
      ...counting,
      width: 701,
      height: 643,
      frames: 20,
      electronsPerFrame: 1.5,
      seed: 301,
    },
  },
  {
    name: "low dose, long drift",
    options: {
      ...counting,
      ...{ width: 800, height: 760, frames: 40, electronsPerFrame: 0.3 },
      ...{ driftPx: 25, localPx: 4, seed: 302 },
    },
  },
  {
    name: "jerky local motion",
    options: {
      ...counting,
      ...{ width: 720, height: 700, frames: 24, electronsPerFrame: 1.2 },
      ...{ jerky: true, seed: 303 },
    },
  },
  {
    name: "jerky, low dose",
    options: {
      ...counting,
      ...{ width: 900, height: 800, frames: 40, electronsPerFrame: 0.4 },
      ...{ jerky: true, localPx: 2, seed: 304 },
    },
  },
  {
    name: "soft camera (MTF 0.1)",
    options: {
      ...counting,
      ...{ width: 768, height: 704, frames: 24, electronsPerFrame: 1 },
      ...{ mtfAtNyquist: 0.1, seed: 305 },
    },
  },
  {
    name: "soft camera, far defocus, low dose",
    options: {
      ...counting,
      ...{ width: 900, height: 840, frames: 30, electronsPerFrame: 0.5 },
      ...{ mtfAtNyquist: 0.15, defocusA: 28000, localPx: 2, seed: 306 },
    },
  },
  {
    name: "contamination and carbon",
    options: {
      ...counting,
      ...{ width: 760, height: 720, frames: 20, electronsPerFrame: 1.2 },
      ...{ contamination: 10, carbonEdge: true, seed: 307 },
    },
  },
  {
    name: "contamination, low dose",
    options: {
      ...counting,
      ...{ width: 860, height: 720, frames: 30, electronsPerFrame: 0.4 },
      ...{ contamination: 15, seed: 308 },
    },
  },
  {
    name: "gain missing, small drift",
    options: {
      ...{ width: 700, height: 720, frames: 20, electronsPerFrame: 4 },
      ...{ gain: "tiles", driftPx: 2, localPx: 2, deadPixels: 0, hotPixels: 0, seed: 309 },
    },
  },
  {
    name: "gain missing, high dose",
    options: {
      ...{ width: 720, height: 700, frames: 16, electronsPerFrame: 10 },
      ...{ gain: "tiles", driftPx: 6, seed: 310 },
    },
  },
  {
    name: "gain missing, low dose",
    options: {
      ...{ width: 900, height: 820, frames: 30, electronsPerFrame: 0.8 },
      ...{ gain: "lines", driftPx: 4, seed: 311 },
    },
  },
  {
    name: "nothing local",
    options: {
      ...counting,
      ...{ width: 720, height: 740, frames: 20, electronsPerFrame: 1, localPx: 0, seed: 312 },
    },
  },
  {
    name: "nothing local, low dose",
    options: {
      ...counting,
      ...{ width: 820, height: 780, frames: 40, electronsPerFrame: 0.25, localPx: 0, seed: 313 },
    },
  },
  {
    name: "nothing local, gain missing",
    options: {
      ...{ width: 720, height: 740, frames: 20, electronsPerFrame: 3, localPx: 0 },
      ...{ gain: "lines", driftPx: 3, seed: 314 },
    },
  },
  {
    name: "no particles",
    options: {
      ...counting,
      ...{ width: 720, height: 730, frames: 24, electronsPerFrame: 1, particles: false, seed: 315 },
    },
  },
  {
    name: "five frames",
    options: {
      ...counting,
      ...{ width: 800, height: 760, frames: 5, electronsPerFrame: 6, driftPx: 4, seed: 316 },
    },
  },
  {
    name: "large local motion",
    options: {
      ...counting,
      ...{ width: 900, height: 860, frames: 24, electronsPerFrame: 1.5 },
      ...{ driftPx: 20, localPx: 7, seed: 317 },
    },
  },
  {
    name: "eighty faint frames",
    options: {
      ...counting,
      ...{ width: 700, height: 690, frames: 80, electronsPerFrame: 0.2, localPx: 2, seed: 318 },
    },
  },
  {
    name: "small: smooth",
    options: {
      ...counting,
      ...{ width: 270, height: 251, frames: 14, electronsPerFrame: 4, localPx: 2, seed: 319 },
    },
  },
  {
    name: "small: jerky",
    options: {
      ...counting,
      ...{ width: 289, height: 270, frames: 14, electronsPerFrame: 5, localPx: 2 },
      ...{ jerky: true, seed: 321 },
    },
  },
  {
    name: "small: gain missing",
    options: {
      ...{ width: 290, height: 281, frames: 14, electronsPerFrame: 6, localPx: 2 },
      ...{ gain: "tiles", driftPx: 3, seed: 322 },
    },
  },
  {
    name: "small: nothing local",
    options: {
      ...counting,
      ...{ width: 300, height: 260, frames: 14, electronsPerFrame: 4, localPx: 0, seed: 323 },
    },
  },
  {
    name: "weak contrast",
    options: {
      ...counting,
      ...{ width: 800, height: 790, frames: 24, electronsPerFrame: 1, contrast: 0.07, seed: 320 },
    },
  },
  {
    name: "weak high frequencies (B 120)",
    options: {
      ...counting,
      ...{ width: 760, height: 730, frames: 24, electronsPerFrame: 1 },
      ...{ bFactorA2: 120, seed: 324 },
    },
  },
  {
    name: "weak high frequencies, low dose",
    options: {
      ...counting,
      ...{ width: 860, height: 800, frames: 30, electronsPerFrame: 0.3 },
      ...{ bFactorA2: 90, mtfAtNyquist: 0.3, localPx: 2, seed: 325 },
    },
  },
  {
    name: "bright contamination",
    options: {
      ...counting,
      ...{ width: 740, height: 720, frames: 20, electronsPerFrame: 1.2 },
      ...{ contamination: 12, contaminationTransmission: 1.9, seed: 326 },
    },
  },
  {
    name: "sliding crystals",
    options: {
      ...counting,
      ...{ width: 760, height: 740, frames: 24, electronsPerFrame: 1.2 },
      ...{ slidingCrystals: 8, seed: 327 },
    },
  },
  {
    name: "sliding crystals, low dose",
    options: {
      ...counting,
      ...{ width: 860, height: 820, frames: 30, electronsPerFrame: 0.3 },
      ...{ slidingCrystals: 10, localPx: 2, seed: 328 },
    },
  },
  {
    name: "sliding crystals, nothing local",
    options: {
      ...counting,
      ...{ width: 760, height: 700, frames: 24, electronsPerFrame: 1 },
      ...{ slidingCrystals: 8, localPx: 0, seed: 329 },
    },
  },
  {
    name: "dirt on the camera, gain missing",
    options: {
      ...{ deadPixels: 0, hotPixels: 0 },
      ...{ width: 740, height: 730, frames: 20, electronsPerFrame: 2 },
      ...{ gain: "lines", cameraDirt: 25, driftPx: 5, seed: 330 },
    },
  },
  {
    name: "thick ice edge",
    options: {
      ...counting,
      ...{ width: 760, height: 720, frames: 20, electronsPerFrame: 1.2 },
      ...{ iceEdge: "thick", seed: 331 },
    },
  },
  {
    name: "empty beyond the ice",
    options: {
      ...counting,
      ...{ width: 760, height: 720, frames: 24, electronsPerFrame: 1 },
      ...{ iceEdge: "empty", seed: 332 },
    },
  },
  {
    name: "strong gain, given",
    gainGiven: true,
    options: {
      ...{ deadPixels: 0, hotPixels: 0 },
      ...{ width: 730, height: 700, frames: 20, electronsPerFrame: 3 },
      ...{ gain: "tiles", gainStrength: 3, driftPx: 3, seed: 333 },
    },
  },
  {
    name: "strong gain missing",
    options: {
      ...{ deadPixels: 0, hotPixels: 0 },
      ...{ width: 730, height: 700, frames: 20, electronsPerFrame: 3 },
      ...{ gain: "tiles", gainStrength: 3, driftPx: 5, seed: 334 },
    },
  },
  {
    name: "strong gain missing, low dose",
    options: {
      ...{ deadPixels: 0, hotPixels: 0 },
      ...{ width: 840, height: 800, frames: 30, electronsPerFrame: 0.4 },
      ...{ gain: "lines", gainStrength: 3, driftPx: 8, seed: 335 },
    },
  },
  {
    name: "fast drift",
    options: {
      ...counting,
      ...{ width: 760, height: 730, frames: 16, electronsPerFrame: 1.2 },
      ...{ driftPx: 60, localPx: 3, seed: 336 },
    },
  },
  {
    name: "ten frames, low dose",
    options: {
      ...counting,
      ...{ width: 840, height: 820, frames: 10, electronsPerFrame: 0.3 },
      ...{ driftPx: 10, seed: 337 },
    },
  },
  {
    name: "hundred frames, few counts",
    options: {
      ...counting,
      ...{ width: 760, height: 740, frames: 100, electronsPerFrame: 0.08 },
      ...{ driftPx: 12, localPx: 2, seed: 338 },
    },
  },
  {
    name: "wide, nothing local",
    options: {
      ...counting,
      ...{ width: 1300, height: 420, frames: 24, electronsPerFrame: 0.8 },
      ...{ localPx: 0, seed: 339 },
    },
  },
  {
    name: "tall",
    options: {
      ...counting,
      ...{ width: 420, height: 1240, frames: 24, electronsPerFrame: 0.8 },
      ...{ seed: 340 },
    },
  },
  {
    name: "super-resolution",
    options: {
      ...counting,
      ...{ width: 1560, height: 1500, frames: 24, electronsPerFrame: 0.15 },
      ...{
        pixelSizeA: 0.6,
        mtfAtNyquist: 0.05,
        defocusA: 9000,
        driftPx: 16,
        localPx: 6,
        seed: 341,
      },
    },
  },
];
