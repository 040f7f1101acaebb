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

/** What the way to the canvas and back does to a wave, means over places. Half spectra of a coarse grid. */
interface Passage {
  readonly width: number;
  readonly height: number;
  /** |U|², U = mean over t of b_t·exp(2πi k·d_t); b is the interpolation's transfer. */
  readonly back: Float32Pixels;
  /** |U|²·mean |b|²: noise of the average that comes back. */
  readonly noise: Float32Pixels;
  /** |ρ|², Re(ρ*·U·X) and |U·X|², ρ = mean exp(−2πi k·d_t), X = mean b: the specimen. */
  readonly still: Float32Pixels;
  readonly cross: Float32Pixels;
  readonly predicted: Float32Pixels;
  /** X². */
  readonly transfer: Float32Pixels;
}

/** Complex values along one axis of the half spectrum or the whole one. */
interface Axis {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

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
  const out = {
    ...{ width, height, back: image(), noise: image(), still: image() },
    ...{ cross: image(), predicted: image(), transfer: image() },
  };
  const side = field.local === null ? 1 : PLACES;
  const share = 1 / (side * side);
  const { frames } = evaluator;
  const d = { x: 0, y: 0 };
  for (let place = 0; place < side * side; place++) {
    const [ur, ui, rr, ri, xs, vs] = [image(), image(), image(), image(), image(), image()];
    for (let t = 0; t < frames; t++) {
      const x = (((place % side) + 0.5) / side) * field.width;
      const y = ((Math.floor(place / side) + 0.5) / side) * field.height;
      evaluator.gather(t, x, y, d);
      const a = shifts(d.x, width, half);
      const b = shifts(d.y, height, height);
      const size2 = Float64Array.from(a.spline.re, (re, k) => re * re + a.spline.im[k] ** 2);
      for (let ky = 0, i = 0; ky < height; ky++) {
        const [er, ei] = [b.exact.re[ky], b.exact.im[ky]];
        const [sr, si] = [b.spline.re[ky], b.spline.im[ky]];
        const s2 = sr * sr + si * si;
        for (let k = 0; k < half; k++, i++) {
          ur[i] += a.spline.re[k] * sr - a.spline.im[k] * si;
          ui[i] += a.spline.re[k] * si + a.spline.im[k] * sr;
          rr[i] += a.exact.re[k] * er - a.exact.im[k] * ei;
          ri[i] += a.exact.re[k] * ei + a.exact.im[k] * er;
          const v = size2[k] * s2;
          vs[i] += v;
          xs[i] += Math.sqrt(v);
        }
      }
    }
    const mean = 1 / frames;
    for (let i = 0; i < size; i++) {
      const back = (ur[i] ** 2 + ui[i] ** 2) * mean * mean;
      const x = xs[i] * mean;
      out.back[i] += share * back;
      out.noise[i] += share * back * vs[i] * mean;
      out.still[i] += share * (rr[i] ** 2 + ri[i] ** 2) * mean * mean;
      out.cross[i] += share * (rr[i] * ur[i] + ri[i] * ui[i]) * mean * mean * x;
      out.predicted[i] += share * back * x * x;
      out.transfer[i] += share * x * x;
    }
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
 * interpolation and local motion: of the average, a = W·h comes back, so with the means of {@link Passage}
 * c = 1 − a|U|², noise ν(1 − 2a|U|² + a²|U|²V) + P|ρ − a·U*·X|².
 * @param noiseVariance ν, of the mean frame
 */
export function patternVisibility(
  field: MotionField,
  specimen: SpecimenPrediction,
  noiseVariance: number,
): Pick<GainResidual, "visibility" | "left"> {
  const { width, height } = field;
  const size = (Math.floor(width / 2) + 1) * height;
  const visibility = new Float32Array(size);
  const left = new Float32Array(size);
  const way = passage(field);
  const at = sampler(way);
  forEachFrequency(width, height, (i, fx, fy, f) => {
    const a = atFrequency(specimen.wiener, f) * highPass(f);
    const back = at(way.back, fx, fy);
    const c = Math.min(1, Math.max(0.02, 1 - a * back));
    const power = atFrequency(specimen.power, f) / Math.max(at(way.transfer, fx, fy), 0.1);
    const rest =
      at(way.still, fx, fy) - 2 * a * at(way.cross, fx, fy) + a * a * at(way.predicted, fx, fy);
    const noise = 1 - 2 * a * back + a * a * at(way.noise, fx, fy);
    visibility[i] = c;
    left[i] = noiseVariance * (noise - c) + power * Math.max(0, rest);
  });
  return { visibility, left };
}
