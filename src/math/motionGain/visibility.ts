import type { MotionField } from "#src/domain/motion.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { cubicWeights } from "../bspline.ts";
import { createFieldEvaluator } from "../motionField.ts";
import type { GainResidual } from "../gainParts/gainResidual.ts";
import { atFrequency, forEachFrequency } from "../gainParts/radialBins.ts";
import { highPass } from "./residual.ts";
import type { SpecimenPrediction } from "./residual.ts";

/** Places a side at which local motion is looked at: it bends over a good part of the frame. */
const PLACES = 3;
/** Longest side of the grid of frequencies: what depends on the motion bends over 1/drift. */
const MOST_FREQUENCIES = 512;

/**
 * What the way to the canvas and back does to a wave, means over places: with weights w_t of the frames,
 * U = Σ w_t·b_t·exp(2πi k·d_t), b the interpolation's transfer, and ρ* = Σ w_t·exp(2πi k·d_t).
 */
interface Waves {
  /** |U|². */
  readonly back: Float32Pixels;
  /** |U|²·V, V = mean |b|²: noise of the average that comes back. */
  readonly noise: Float32Pixels;
  /** |ρ|², Re(ρ*·U*·X) and |U·X|², X = mean |b|: the specimen. */
  readonly still: Float32Pixels;
  readonly cross: Float32Pixels;
  readonly predicted: Float32Pixels;
}

/** Half spectra of a coarse grid of frequencies. */
interface Passage {
  readonly width: number;
  readonly height: number;
  /** Of the mean of all frames, and of half the difference of the means of odd and even ones. */
  readonly mean: Waves;
  readonly difference: Waves;
  /** X². */
  readonly transfer: Float32Pixels;
}

/** Complex values along one axis of the half spectrum or the whole one. */
interface Axis {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/**
 * Share of the specimen's power in the mean frame that its prediction misses at the borders of the frame,
 * beyond which the rings of the contrast transfer reach; more of its slow waves. `side` in px.
 */
const missed = (f: number, side: number): number => (2.5 + 75 * (1 - highPass(f))) / side;

const signed = (k: number, n: number): number => (k <= (n - 1) / 2 ? k : k - n);

/** exp(2πi f d) along an axis, exact and as cubic B-spline interpolation does it: b·exp(2πi f d). */
function shifts(d: number, length: number, count: number): { exact: Axis; spline: Axis } {
  const axis = (): Axis => ({ re: new Float64Array(count), im: new Float64Array(count) });
  const [exact, spline] = [axis(), axis()];
  const whole = Math.floor(d);
  const weights = new Float64Array(4);
  cubicWeights(d - whole, weights);
  for (let k = 0; k < count; k++) {
    const w = (2 * Math.PI * signed(k, length)) / length;
    exact.re[k] = Math.cos(w * d);
    exact.im[k] = Math.sin(w * d);
    const prefilter = 3 / (2 + Math.cos(w));
    for (let tap = 0; tap < 4; tap++) {
      const a = w * (whole + tap - 1);
      spline.re[k] += weights[tap] * prefilter * Math.cos(a);
      spline.im[k] += weights[tap] * prefilter * Math.sin(a);
    }
  }
  return { exact, spline };
}

function passage(field: MotionField): Passage {
  const evaluator = createFieldEvaluator(field);
  const width = Math.min(field.width, MOST_FREQUENCIES);
  const height = Math.min(field.height, MOST_FREQUENCIES);
  const half = Math.floor(width / 2) + 1;
  const size = half * height;
  const image = () => new Float32Array(size);
  const waves = (): Waves => ({
    ...{ back: image(), noise: image(), still: image(), cross: image(), predicted: image() },
  });
  const out = { width, height, mean: waves(), difference: waves(), transfer: image() };
  const side = field.local === null ? 1 : PLACES;
  const share = 1 / (side * side);
  const { frames } = evaluator;
  const inHalf = [Math.ceil(frames / 2), Math.floor(frames / 2)];
  const d = { x: 0, y: 0 };
  for (let place = 0; place < side * side; place++) {
    // Σ over even and over odd positions, re and im: of the interpolated way, and of the exact one.
    const sums = [0, 1].map(() => ({ ur: image(), ui: image(), rr: image(), ri: image() }));
    const [xs, vs] = [image(), image()];
    for (let t = 0; t < frames; t++) {
      const x = (((place % side) + 0.5) / side) * field.width;
      const y = ((Math.floor(place / side) + 0.5) / side) * field.height;
      evaluator.gather(t, x, y, d);
      const a = shifts(d.x, width, half);
      const b = shifts(d.y, height, height);
      const squares = Float64Array.from(a.spline.re, (re, k) => re * re + a.spline.im[k] ** 2);
      const { ur, ui, rr, ri } = sums[t % 2];
      for (let ky = 0, i = 0; ky < height; ky++) {
        const [er, ei] = [b.exact.re[ky], b.exact.im[ky]];
        const [sr, si] = [b.spline.re[ky], b.spline.im[ky]];
        const square = sr * sr + si * si;
        for (let k = 0; k < half; k++, i++) {
          ur[i] += a.spline.re[k] * sr - a.spline.im[k] * si;
          ui[i] += a.spline.re[k] * si + a.spline.im[k] * sr;
          rr[i] += a.exact.re[k] * er - a.exact.im[k] * ei;
          ri[i] += a.exact.re[k] * ei + a.exact.im[k] * er;
          const v = squares[k] * square;
          vs[i] += v;
          xs[i] += Math.sqrt(v);
        }
      }
    }
    const [even, odd] = sums;
    const add = (to: Waves, p: number, q: number): void => {
      for (let i = 0; i < size; i++) {
        const [ur, ui] = [p * even.ur[i] + q * odd.ur[i], p * even.ui[i] + q * odd.ui[i]];
        const [rr, ri] = [p * even.rr[i] + q * odd.rr[i], p * even.ri[i] + q * odd.ri[i]];
        const back = ur * ur + ui * ui;
        const x = xs[i] / frames;
        to.back[i] += share * back;
        to.noise[i] += (share * back * vs[i]) / frames;
        to.still[i] += share * (rr * rr + ri * ri);
        to.cross[i] += share * (rr * ur + ri * ui) * x;
        to.predicted[i] += share * back * x * x;
      }
    };
    add(out.mean, 1 / frames, 1 / frames);
    add(out.difference, 0.5 / inHalf[0], -0.5 / inHalf[1]);
    for (let i = 0; i < size; i++) out.transfer[i] += share * (xs[i] / frames) ** 2;
  }
  return out;
}

/** A half spectrum of the coarse grid at any frequency, linear between its values. */
function sampler({ width, height }: Passage): (of: Float32Array, fx: number, fy: number) => number {
  const half = Math.floor(width / 2) + 1;
  return (of, fx, fy) => {
    const u = Math.min(Math.abs(fx) * width, half - 1);
    const v = fy * height;
    const x0 = Math.min(Math.floor(u), half - 2);
    const y0 = Math.floor(v);
    const [a, b] = [u - x0, v - y0];
    const row0 = (((y0 % height) + height) % height) * half;
    const row1 = ((((y0 + 1) % height) + height) % height) * half;
    return (
      (1 - b) * ((1 - a) * of[row0 + x0] + a * of[row0 + x0 + 1]) +
      b * ((1 - a) * of[row1 + x0] + a * of[row1 + x0 + 1])
    );
  };
}

/**
 * Visibility c(k) of the detector's pattern in e, and the noise of e beyond c·ν (gain recipe §1, 2.3), with
 * interpolation and local motion: of the average, a = weight·h comes back, so with {@link Waves} of the mean
 * c = 1 − a|U|², noise ν(1 − 2a|U|² + a²|U|²V) + P|ρ* − a·U·X|². The same of the difference of the halves
 * tells ν itself, since their predictions share its noise.
 * @param differenceVariance  var(odd − even)/4 of e
 */
export function patternVisibility(
  field: MotionField,
  specimen: SpecimenPrediction,
  differenceVariance: number,
): Pick<GainResidual, "visibility" | "left" | "noiseShare"> {
  const { width, height } = field;
  const size = (Math.floor(width / 2) + 1) * height;
  const visibility = new Float32Array(size);
  const left = new Float32Array(size);
  const way = passage(field);
  const side = 2 / (1 / width + 1 / height);
  const at = sampler(way);
  const specimenLeft = (waves: Waves, a: number, f: number, fx: number, fy: number): number => {
    const power = atFrequency(specimen.power, f) / Math.max(at(way.transfer, fx, fy), 0.1);
    const rest =
      at(waves.still, fx, fy) -
      2 * a * at(waves.cross, fx, fy) +
      a * a * at(waves.predicted, fx, fy);
    return power * (Math.max(0, rest) + missed(f, side) * at(waves.still, fx, fy));
  };
  const noiseLeft = (waves: Waves, a: number, fx: number, fy: number): number =>
    1 - 2 * a * at(waves.back, fx, fy) + a * a * at(waves.noise, fx, fy);
  let [ownNoise, ownSpecimen] = [0, 0];
  forEachFrequency(width, height, (_i, fx, fy, f) => {
    const a = atFrequency(specimen.weight, f) * highPass(f);
    ownNoise += noiseLeft(way.difference, a, fx, fy) / size;
    ownSpecimen += specimenLeft(way.difference, a, f, fx, fy) / size;
  });
  // Specimen that was not found to move as it does cannot make the noise less than half of what is seen.
  const noiseVariance = Math.max(
    differenceVariance / 2,
    (differenceVariance - ownSpecimen) / ownNoise,
  );
  forEachFrequency(width, height, (i, fx, fy, f) => {
    const a = atFrequency(specimen.weight, f) * highPass(f);
    const c = Math.min(1, Math.max(0.02, 1 - a * at(way.mean.back, fx, fy)));
    visibility[i] = c;
    left[i] =
      noiseVariance * (noiseLeft(way.mean, a, fx, fy) - c) + specimenLeft(way.mean, a, f, fx, fy);
  });
  return { visibility, left, noiseShare: noiseVariance / differenceVariance };
}
