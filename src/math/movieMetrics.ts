import type { GainStatistics } from "#src/domain/gain.ts";
import type { MetricValues } from "#src/domain/records/metrics.ts";

/** What the session keeps of a gain estimate: the paper's figures on G, and the counts of a frame. */
export function gainMetrics(estimate: {
  readonly statistics: GainStatistics;
  readonly counts: { readonly perFrame: number };
}): Pick<MetricValues, "gainSd" | "gainSpread" | "gainPeak" | "meanCounts"> {
  const s = estimate.statistics;
  return {
    gainSd: finite(s.std),
    gainSpread: finite(s.p97_5 / s.p2_5),
    gainPeak: finite(s.max / s.p97_5),
    meanCounts: finite(estimate.counts.perFrame),
  };
}

/** What the session keeps of a movie's motion, in Å; nothing without a pixel size. */
export function motionMetrics(motion: {
  readonly pixelSizeA: number | null;
  /** Path lengths in px of the unbinned movie. */
  readonly totalPx: number;
  readonly earlyPx: number | null;
  readonly localRmsPx: number;
}): Pick<MetricValues, "driftA" | "earlyA" | "lateA" | "localRmsA"> {
  const { pixelSizeA, totalPx, earlyPx, localRmsPx } = motion;
  const inA = (px: number | null): number | null =>
    px === null || pixelSizeA === null ? null : finite(px * pixelSizeA);
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
