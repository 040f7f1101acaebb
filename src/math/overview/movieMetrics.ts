import type { GainReport } from "#src/domain/gainReport.ts";
import type { MotionReport } from "#src/domain/motionReport.ts";
import type { MetricValues } from "#src/domain/records/metrics.ts";

type GainPart = Pick<MetricValues, "gainSd" | "gainSpread" | "gainPeak" | "meanCounts">;
type MotionPart = Pick<MetricValues, "driftA" | "earlyA" | "lateA" | "localRmsA">;

/**
 * The gain's share of a movie's numbers. sd and p97.5/p2.5 are those of G with its noise taken off (the
 * figure as read where the noise was not measured): as read, shot noise alone exceeds the paper's limits at
 * low counts and follows the counts. max/p97.5 has no such form. Counts are electrons a pixel and frame.
 */
export function gainMetrics(
  report: Pick<GainReport, "statistics" | "counts"> & {
    readonly verdict: Pick<GainReport["verdict"], "checks">;
  },
): GainPart {
  const { statistics: s, verdict, counts } = report;
  const signal = (name: "std" | "spread"): number | null =>
    verdict.checks.find((check) => check.name === name)?.signal ?? null;
  return {
    gainSd: signal("std") ?? s.std,
    gainSpread: signal("spread") ?? finite(s.p97_5 / s.p2_5),
    gainPeak: finite(s.max / s.p97_5),
    meanCounts: finite(counts.perFrame),
  };
}

/**
 * Motion's share, Å: sums of the steps of the mean motion from frame to frame, in all, up to 4 e⁻/Å² and
 * beyond, and the rms of the local motion. null without a pixel size; early and late also without a dose.
 */
export function motionMetrics(
  report: Pick<MotionReport, "pixelSizeA" | "totalPx" | "earlyPx" | "localRmsPx">,
): MotionPart {
  const { pixelSizeA, totalPx, earlyPx, localRmsPx } = report;
  if (pixelSizeA === null) return { driftA: null, earlyA: null, lateA: null, localRmsA: null };
  return {
    driftA: totalPx * pixelSizeA,
    earlyA: earlyPx === null ? null : earlyPx * pixelSizeA,
    lateA: earlyPx === null ? null : Math.max(0, totalPx - earlyPx) * pixelSizeA,
    localRmsA: localRmsPx * pixelSizeA,
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
