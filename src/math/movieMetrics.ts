import type { GainStatistics } from "#src/domain/gain.ts";
import type { GainCheck } from "#src/domain/gainEstimate.ts";
import type { MetricValues } from "#src/domain/records/metrics.ts";

/**
 * What the session keeps of a gain estimate: the paper's figures on G, and the counts of a frame. sd and
 * p97.5/p2.5 are taken with their noise off where it was measured, because as read shot noise alone exceeds
 * the paper's limits at low counts and follows the counts; max/p97.5 has no such form.
 */
export function gainMetrics(estimate: {
  readonly statistics: GainStatistics;
  readonly counts: { readonly perFrame: number };
  readonly verdict?: { readonly checks: readonly Pick<GainCheck, "name" | "signal">[] };
}): Pick<MetricValues, "gainSd" | "gainSpread" | "gainPeak" | "meanCounts"> {
  const s = estimate.statistics;
  const signal = (name: "std" | "spread"): number | null =>
    estimate.verdict?.checks.find((check) => check.name === name)?.signal ?? null;
  return {
    gainSd: finite(signal("std") ?? s.std),
    gainSpread: finite(signal("spread") ?? s.p97_5 / s.p2_5),
    gainPeak: finite(s.max / s.p97_5),
    meanCounts: finite(estimate.counts.perFrame),
  };
}

/**
 * What the session keeps of a movie's motion, in Å; nothing without a pixel size. A movie whose motion could
 * not be measured has fields of zeros and a flag: it must not stand as the stillest of all.
 */
export function motionMetrics(motion: {
  readonly pixelSizeA: number | null;
  /** Path lengths in px of the unbinned movie. */
  readonly totalPx: number;
  readonly earlyPx: number | null;
  readonly localRmsPx: number;
}): Pick<MetricValues, "driftA" | "earlyA" | "lateA" | "localRmsA"> {
  const { pixelSizeA, totalPx, earlyPx, localRmsPx } = motion;
  const measured = totalPx > 0 || localRmsPx > 0;
  const inA = (px: number | null): number | null =>
    px === null || pixelSizeA === null || !measured ? null : finite(px * pixelSizeA);
  return {
    driftA: inA(totalPx),
    earlyA: inA(earlyPx),
    lateA: inA(earlyPx === null ? null : Math.max(0, totalPx - earlyPx)),
    localRmsA: inA(localRmsPx),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
