import type { MotionReport } from "#src/domain/motionReport.ts";
import type { SessionFile, StatusKind } from "#src/domain/session.ts";
import type { AppState } from "#src/state/appTypes.ts";
import { motionSettingsKey } from "#src/state/motionSlice.ts";
import { fixed } from "../shared/format.ts";
import type { RowFacts } from "../workspace.ts";

export function shownMotion(state: AppState): MotionReport | null {
  const { selected } = state.session;
  return selected === null ? null : (state.motion.reports[selected] ?? null);
}

/** Factor by which trajectories are drawn larger: chosen, or such that they do not meet. */
export function magnificationOf({ motion }: AppState, report: MotionReport): number {
  const automatic =
    motion.localOnly && report.localRmsPx > 0
      ? (report.magnifyLocal ?? report.magnify)
      : report.magnify;
  return motion.magnify ?? automatic;
}

/** Parameters or reference have changed since the report was made. */
export function isMotionOutdated(state: AppState, id: string): boolean {
  const made = state.motion.madeWith[id];
  return made !== undefined && made !== motionSettingsKey(state, id);
}

/** Something about the result asks for a look. */
export function hasWarning(report: MotionReport): boolean {
  return report.flags.length > 0;
}

export function motionRow(state: AppState, file: SessionFile): RowFacts {
  const { motion, runs } = state;
  const base = { track: null, value: "" };
  if (file.failure !== null)
    return { ...base, status: "failed", note: `failed: ${file.failure.message}` };
  if (file.header === null) return { ...base, status: "running", note: "reading the header" };
  if (runs.active?.fileId === file.id)
    return { ...base, status: "running", note: runs.active.progress?.step ?? "running" };
  if (runs.waiting.some((run) => run.fileId === file.id))
    return { ...base, status: "unprocessed", note: "waiting" };
  if (file.kind === "image") return { ...base, status: "unprocessed", note: "single image" };
  const failure = motion.failures[file.id];
  if (failure !== undefined)
    return { ...base, status: "failed", note: `failed: ${failure.message}` };
  const report = motion.reports[file.id];
  if (report === undefined)
    return { ...base, status: "unprocessed", note: file.simulated ? "simulated" : "unprocessed" };
  const outdated = isMotionOutdated(state, file.id);
  return {
    status: outdated ? "outdated" : hasWarning(report) ? "warn" : "pass",
    note: outdated ? "outdated" : `${report.frameIndices.length} frames`,
    // The column's head says Å.
    value:
      report.pixelSizeA === null
        ? `${fixed(report.totalPx, 1)} px`
        : fixed(report.totalPx * report.pixelSizeA, 1),
    track: { x: report.globalX, y: report.globalY },
  };
}

/** Glyph in the top bar: running, else the worst of the results. */
export function motionMark(state: AppState): StatusKind | null {
  const { motion, runs } = state;
  if (runs.active?.title.startsWith("Motion of") === true) return "running";
  const reports = Object.values(motion.reports);
  if (Object.keys(motion.failures).length > 0) return "failed";
  if (reports.some(hasWarning)) return "warn";
  return reports.length > 0 ? "pass" : null;
}
