import type { Float32Pixels } from "#src/domain/movie.ts";
import type { DenoiseReport, ImageStatistics } from "#src/domain/preprocess.ts";
import { createDenoiseBand, sumBands } from "./denoiseBand.ts";
import type { Reals } from "./denoiseBand.ts";
import { imageStatistics } from "./imageStatistics.ts";

/**
 * Total-variation denoising of Poisson-Gaussian images after the generalised Anscombe transform (Bajić,
 * Lindblad & Sladoje, ISBI 2016), with the constants of Xmipp's `--denoiseTV`.
 *
 * With u = 255·(I − min)/(max − min), v = 2·√(u + K), s = max v, Y = v/s, it minimises over 0 ≤ X ≤ 1
 *   E(X) = ½ Σ (2·√(k2·X + k1) − Y)² + μ Σ √(dx² + dy² + β²),  k1 = K/s², k2 = 255/s²,
 * dx, dy forward differences with periodic wrap, by projected gradient with the spectral step and an
 * Armijo line search. X is the clean image in units where 1 stands for 255.
 */
export const GAUSSIAN_NOISE = 5.8;
/** K = 3/8·λ² + σ_g² with λ = 1, σ_g = 5.8, no offset. */
export const ANSCOMBE_OFFSET = 3 / 8 + GAUSSIAN_NOISE * GAUSSIAN_NOISE;
export const GREY_LEVELS = 255;

const SUFFICIENT_DECREASE = 1e-4;
const SHORTEST_CUT = 0.1;
const LONGEST_CUT = 0.9;
const MIN_STEP = 1e-3;
const MAX_STEP = 1e3;
/** Trial steps in one line search: 0.5⁴⁰ is below the resolution of a pixel. Xmipp has no limit. */
const MAX_TRIALS = 40;

/** The scale of an image for the functional; `null` for a constant image. */
export interface DenoiseScale {
  readonly min: number;
  readonly range: number;
  /** s, the largest transformed value. */
  readonly s: number;
  readonly k1: number;
  readonly k2: number;
}

export function denoiseScale({ min, max }: ImageStatistics): DenoiseScale | null {
  const range = max - min;
  if (!(range > 0) || !Number.isFinite(range)) return null;
  const s = 2 * Math.sqrt(GREY_LEVELS + ANSCOMBE_OFFSET);
  const s2 = s * s;
  return { min, range, s, k1: ANSCOMBE_OFFSET / s2, k2: GREY_LEVELS / s2 };
}

/** Sums of one trial: the functional's value at X + ξ·d and ⟨∇, d⟩. */
export interface TrialSums {
  /** E(X + ξ·d) − E(X) */
  readonly change: number;
  /** δ = ⟨∇, d⟩ with d = clamp(X − θ·∇, 0, 1) − X */
  readonly slope: number;
}

/** Sums after a step: ⟨Δ, ∇new − ∇⟩, ⟨Δ, Δ⟩ and the largest Δ with its sign. */
export interface StepSums {
  readonly curvature: number;
  readonly squares: number;
  readonly largest: number;
}

/** The two sweeps over the image that the minimiser needs; on the CPU below, on the GPU elsewhere. */
export interface DenoiseSweeps<Wait> {
  /** Makes the trial image X + ξ·d and returns its sums. */
  trial(theta: number, xi: number): Wait extends true ? Promise<TrialSums> : TrialSums;
  /** Takes the trial image as X, and its gradient. */
  accept(): Wait extends true ? Promise<StepSums> : StepSums;
}

/** State of the minimiser between sweeps: the same arithmetic on every backend. */
export class DenoiseSteps {
  theta = 1;
  xi = 1;
  #trials = 0;
  #iterations = 0;
  #energies: number[];
  #ended: DenoiseReport["ended"] | null = null;
  #limit: number;

  constructor(startEnergy: number, iterations: number) {
    this.#energies = [startEnergy];
    this.#limit = iterations;
  }

  get ended(): boolean {
    return this.#ended !== null;
  }

  /** Sets another limit; a minimiser that had ended at the old one goes on. Not below what was done. */
  extend(iterations: number): void {
    this.#limit = Math.max(iterations, this.#iterations);
    if (this.#ended === "iterations" && this.#iterations < this.#limit) this.#ended = null;
  }

  /** Judges a trial; true = take it, false = try again with the new ξ (or ended). */
  judge({ change, slope }: TrialSums): boolean {
    // Written so that a change that is no number is never accepted.
    if (change <= SUFFICIENT_DECREASE * this.xi * slope) {
      this.#energies.push(this.#energies[this.#energies.length - 1] + change);
      return true;
    }
    if (++this.#trials >= MAX_TRIALS || !(slope < 0)) {
      this.#ended = slope === 0 ? "converged" : "no-descent";
      return false;
    }
    const next = (-0.5 * this.xi * this.xi * slope) / (change - this.xi * slope);
    this.xi = next >= SHORTEST_CUT && next <= LONGEST_CUT * this.xi ? next : this.xi / 2;
    return false;
  }

  /** Chooses the next step length after an accepted trial. */
  advance({ curvature, squares, largest }: StepSums): void {
    this.theta =
      curvature > 0 ? Math.min(MAX_STEP, Math.max(MIN_STEP, squares / curvature)) : MAX_STEP;
    this.xi = 1;
    this.#trials = 0;
    this.#iterations++;
    // The program's criterion: the signed maximum below its tolerance 0. Nothing moved ends it as well.
    if (largest < 0 || squares === 0) this.#ended = "converged";
    else if (this.#iterations >= this.#limit) this.#ended = "iterations";
  }

  report(): DenoiseReport {
    return {
      iterations: this.#iterations,
      energies: this.#energies,
      ended: this.#ended ?? "iterations",
    };
  }
}

/** A denoiser that can be advanced bit by bit, so that a preview shows its first result early. */
export interface Denoiser {
  readonly ended: boolean;
  /** Runs up to `iterations` more iterations. */
  advance(iterations: number): void;
  /** Lets it run to another number of iterations in all, not below what it has done. */
  extend(iterations: number): void;
  /** The clean image as it is now: X in [0, 1], or on the input's scale (min + X·(max − min)). */
  result(scale: "unit" | "input"): Float32Pixels;
  report(): DenoiseReport;
}

/**
 * Denoiser of an image in memory (one band of all rows), the twin of shaders/denoiseTrial.wgsl and
 * denoiseGradient.wgsl. Sums
 * and terms are computed in double; the images between sweeps are kept in single precision, or in double
 * for parity (the iteration amplifies rounding: single precision ends 7e-4 sd rms away after 50 steps). A constant image stays as it is
 * (Xmipp divides by zero there). Pixels must be finite.
 * @param pixels [height, width]; not changed
 */
export function createDenoiser(
  pixels: Float32Pixels,
  width: number,
  iterations: number,
  precision: "single" | "double" = "single",
): Denoiser {
  const make = (): Reals =>
    precision === "double" ? new Float64Array(pixels.length) : new Float32Array(pixels.length);
  const scale = denoiseScale(imageStatistics(pixels));
  if (scale === null)
    return {
      ended: true,
      advance: () => undefined,
      extend: () => undefined,
      result: (kind) => (kind === "input" ? pixels.slice() : new Float32Array(pixels.length)),
      report: () => ({ iterations: 0, energies: [], ended: "constant" }),
    };
  const band = createDenoiseBand(anscombe(pixels, scale, make()), width, scale);
  const attempt = (theta: number, xi: number): ReturnType<typeof sumBands> => {
    const trial = band.trial(theta, xi);
    // Periodic: above the first row lies the last.
    return sumBands([trial], [band.sweep(trial.last, trial.first)]);
  };
  // A trial of length 0 gives the energy of the start, and its gradient.
  let { energy } = attempt(0, 0);
  band.accept();
  const steps = new DenoiseSteps(energy, iterations);
  const iterate = (): void => {
    while (!steps.ended) {
      const tried = attempt(steps.theta, steps.xi);
      if (!steps.judge({ change: tried.energy - energy, slope: tried.slope })) continue;
      energy = tried.energy;
      steps.advance(tried.step);
      band.accept();
      return;
    }
  };
  return {
    get ended() {
      return steps.ended;
    },
    advance: (count) => {
      for (let i = 0; i < count && !steps.ended; i++) iterate();
    },
    extend: (limit) => steps.extend(limit),
    result: (kind) => cleanImage(band.x, kind === "input" ? scale : null),
    report: () => steps.report(),
  };
}

/** Y = 2·√(max(0, u + K))/s with u = 255·(I − min)/(max − min). */
export function anscombe<T extends Reals>(
  pixels: Float32Pixels,
  { min, range, s }: DenoiseScale,
  out: T,
): T {
  for (let i = 0; i < pixels.length; i++) {
    const u = (GREY_LEVELS * (pixels[i] - min)) / range;
    out[i] = (2 * Math.sqrt(Math.max(0, u + ANSCOMBE_OFFSET))) / s;
  }
  return out;
}

/** X as it is, or on the scale of the input. */
export function cleanImage(x: Reals, scale: DenoiseScale | null): Float32Pixels {
  const out = Float32Array.from(x);
  if (scale !== null)
    for (let i = 0; i < out.length; i++) out[i] = scale.min + scale.range * out[i];
  return out;
}
