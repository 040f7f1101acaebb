import type { CancelSignal } from "#src/domain/cancel.ts";
import type { SpectraCorrelation } from "#src/compute/motionCompute.ts";
import {
  gaussianWeight,
  globalLikelihood,
  globalMoments,
  globalPattern,
  likelihoodWeight,
} from "#src/math/motion/globalLikelihood.ts";
import type { GlobalLikelihood, GlobalMoments } from "#src/math/motion/globalLikelihood.ts";
import {
  globalMapGrid,
  globalRings,
  GlobalSpectra,
  mapPeaks,
} from "#src/math/motion/globalSpectra.ts";
import type { MapRequest, RingTable, Spectrum } from "#src/math/motion/globalSpectra.ts";
import type { MapGrid } from "#src/math/motion/displacementMaps.ts";
import type { PreparedMovie } from "./prepareMovie.ts";

/** Displacements of whole frames, px of the binned frame, mean 0: `[t][x, y]`. */
export interface GlobalAlignment {
  readonly shifts: Float64Array;
  readonly likelihood: GlobalLikelihood;
  /** Which start won. */
  readonly start: "raw" | "mean subtracted";
}

/** First rounds of a start, and rounds of each refinement. */
const START_ROUNDS = 10;
const REFINE_ROUNDS = 3;
const REFINEMENTS = 3;
/** rms change below which rounds stop, px. */
const SETTLED = 0.02;
/** σ of the first weight, cycles/px; twice that for frames whose time mean was subtracted. */
const FIRST_SIGMA = 0.05;
/** Nats that a refinement must gain to go on. */
const WORTHWHILE = 5;

export class GlobalAligner {
  readonly spectra: GlobalSpectra;
  readonly rings: RingTable;
  private readonly moments: GlobalMoments;
  private readonly grid: MapGrid;
  private readonly correlation: SpectraCorrelation;
  private readonly signal: CancelSignal | undefined;

  /** `maxShift`: px of the binned frame; `limit`: cycles per binned px. */
  constructor(
    movie: PreparedMovie,
    correlation: SpectraCorrelation,
    maxShift: number,
    limit: number,
    signal: CancelSignal | undefined,
  ) {
    const { transform, spectra, width, height } = movie;
    this.spectra = new GlobalSpectra(transform.shape, spectra);
    this.rings = globalRings(transform.shape, Math.min(width, height), limit);
    this.moments = globalMoments(this.spectra, transform.windowEnergy);
    this.grid = globalMapGrid({ ...transform.shape, width, height }, maxShift);
    this.correlation = correlation;
    this.signal = signal;
  }

  likelihood(shifts: Float64Array | null): GlobalLikelihood {
    return globalLikelihood(this.spectra, this.moments, this.rings, shifts);
  }

  /** Refines displacements with the weight that a likelihood suggests. */
  async refine(shifts: Float64Array, { powers }: GlobalLikelihood): Promise<Float64Array> {
    const weight = likelihoodWeight(powers, this.rings, this.spectra.frames.length);
    return await this.rounds(shifts, weight, null, "others", REFINE_ROUNDS);
  }

  /** Two starts, each refined with pattern and specimen taken turn by turn; the likelier wins. */
  async search(): Promise<GlobalAlignment> {
    const T = this.spectra.frames.length;
    let best: GlobalAlignment | null = null;
    for (const start of ["raw", "mean subtracted"] as const) {
      const mended = start === "mean subtracted";
      const weight = gaussianWeight(this.rings, mended ? 2 * FIRST_SIGMA : FIRST_SIGMA);
      let shifts: Float64Array = new Float64Array(2 * T);
      const base = mended ? scaled(this.moments.still, 1 / T) : null;
      if (mended) shifts = await this.chain(weight, base);
      shifts = await this.rounds(
        shifts,
        weight,
        base,
        mended ? "others-mended" : "others",
        START_ROUNDS,
      );
      let last = -Infinity;
      for (let k = 0; k <= REFINEMENTS; k++) {
        const likelihood = this.likelihood(shifts);
        if (k > 0 && likelihood.logLikelihood < last + WORTHWHILE) break;
        last = likelihood.logLikelihood;
        if (best === null || last > best.likelihood.logLikelihood)
          best = { shifts, likelihood, start };
        if (k === REFINEMENTS) break;
        const pattern = globalPattern(this.spectra, this.moments, this.rings, likelihood);
        const refined = likelihoodWeight(likelihood.powers, this.rings, T);
        shifts = await this.rounds(shifts, refined, pattern, "others", REFINE_ROUNDS);
      }
    }
    if (best === null) throw new Error("unreachable");
    return best;
  }

  /** Displacements summed up from pairs of neighbouring frames. */
  private async chain(weight: Float32Array, base: Spectrum | null): Promise<Float64Array> {
    const T = this.spectra.frames.length;
    const out = new Float64Array(2 * T);
    if (T < 2) return out;
    const maps = await this.maps({ shifts: out, weight, base, kind: "chain", grid: this.grid });
    const size = maps.length / T;
    const { peaks } = mapPeaks(maps.subarray(size), T - 1, this.grid);
    for (let t = 1; t < T; t++)
      for (const axis of [0, 1])
        out[2 * t + axis] = out[2 * t - 2 + axis] + peaks[2 * t - 2 + axis];
    return withoutMean(out);
  }

  private async rounds(
    start: Float64Array,
    weight: Float32Array,
    base: Spectrum | null,
    kind: MapRequest["kind"],
    most: number,
  ): Promise<Float64Array> {
    const T = this.spectra.frames.length;
    let shifts = start;
    for (let round = 0; round < most; round++) {
      const maps = await this.maps({ shifts, weight, base, kind, grid: this.grid });
      const { peaks } = mapPeaks(maps, T, this.grid);
      const next = withoutMean(shifts.map((v, i) => v + peaks[i]));
      let change = 0;
      for (let i = 0; i < next.length; i++) change += (next[i] - shifts[i]) ** 2;
      shifts = next;
      if (Math.sqrt(change / T) < SETTLED) break;
    }
    return shifts;
  }

  private async maps(request: MapRequest): Promise<Float32Array> {
    return await this.correlation.correlate(request, this.signal);
  }
}

function scaled({ re, im }: Spectrum, factor: number): Spectrum {
  return { re: re.map((v) => v * factor), im: im.map((v) => v * factor) };
}

function withoutMean(shifts: Float64Array): Float64Array {
  const T = shifts.length / 2;
  const mean = [0, 0];
  for (let t = 0; t < T; t++) for (const axis of [0, 1]) mean[axis] += shifts[2 * t + axis] / T;
  return shifts.map((v, i) => v - mean[i % 2]);
}
