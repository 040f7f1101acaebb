import { patchRingCount } from "./patchEngine.ts";
import type { RingSums } from "./patchEngine.ts";

/** Weights of patch correlations, measured from the movie (alignment recipe, step 4a). */
export interface PatchWeights {
  /** α = specimen over noise power by ring. */
  readonly alpha: Float64Array;
  readonly noise: Float64Array;
  /** Largest frequency index with a weight. */
  readonly kept: number;
  /** w = α/(N(1 + Tα)) by coefficient, `[2·kept + 1][kept + 1]`. */
  readonly weight: Float32Array<ArrayBuffer>;
  /** Expected curvature of one surface at its peak, nats/px²: ¼ Σ w αN (T − 1)(2πf)²/2. */
  readonly curvature: number;
}

/** The weight tapers to 0 from here to Nyquist, cycles/px. */
const TAPER_FROM = 0.45;
const TAPER = 0.05;

/**
 * @param sums over `patches` patches of side `side`, `frames` frames
 * @param limit no weight beyond this, cycles/px of the binned frame
 */
export function patchWeights(
  sums: RingSums,
  side: number,
  patches: number,
  frames: number,
  limit: number,
): PatchWeights {
  const T = frames;
  const rings = patchRingCount(side);
  const full = side / 2 - 1;
  const counts = new Float64Array(rings);
  for (let k = -full; k <= full; k++)
    for (let i = 0; i <= full; i++)
      counts[Math.min(Math.round(Math.hypot(k, i)), rings - 1)] += i === 0 ? 1 : 2;
  const energy = (side * side) / 4;
  const alpha = new Float64Array(rings);
  const noise = new Float64Array(rings);
  for (let r = 0; r < rings; r++) {
    const scale = 1 / (Math.max(1e-9, counts[r]) * patches * energy);
    const r2 = sums.together[r] * scale;
    const f2 = sums.single[r] * scale;
    const signal = (r2 - f2) / (T * (T - 1));
    noise[r] = Math.max((T * f2 - r2) / (T * (T - 1)), 1e-30);
    const a = signal / noise[r];
    const uncertain = 2 / T / Math.sqrt(Math.max(1e-9, counts[r] * patches * 0.2));
    alpha[r] = r >= 2 && r < rings - 1 && a > uncertain ? a : 0;
  }
  const weightAt = (k: number, i: number): number => {
    const distance = Math.hypot(k, i);
    const f = distance / side;
    const r = Math.min(Math.round(distance), rings - 1);
    if (alpha[r] === 0 || f > limit) return 0;
    const taper = Math.min(1, Math.max(0, (TAPER_FROM + TAPER - f) / TAPER));
    return (taper * alpha[r]) / (noise[r] * (1 + T * alpha[r]));
  };
  let kept = 0;
  let curvature = 0;
  for (let k = -full; k <= full; k++)
    for (let i = 0; i <= full; i++) {
      const w = weightAt(k, i);
      if (w === 0) continue;
      kept = Math.max(kept, i, Math.abs(k));
      const distance = Math.hypot(k, i);
      const r = Math.min(Math.round(distance), rings - 1);
      const m = i === 0 ? 1 : 2;
      curvature +=
        (w * alpha[r] * noise[r] * (T - 1) * (2 * Math.PI * (distance / side)) ** 2 * m) / 8;
    }
  const weight = new Float32Array((2 * kept + 1) * (kept + 1));
  for (let k = -kept; k <= kept; k++)
    for (let i = 0; i <= kept; i++) weight[(k + kept) * (kept + 1) + i] = weightAt(k, i);
  return { alpha, noise, kept, weight, curvature };
}
