import type { GainReport } from "#src/domain/gainReport.ts";
import type { SessionFile, StatusKind } from "#src/domain/session.ts";
import type { AppState } from "#src/state/appTypes.ts";
import { COMBINED, gainSettingsKey } from "#src/state/gainSlice.ts";
import { beyondSetLimits } from "#src/state/overTime.ts";
import { fixed } from "../shared/format.ts";
import type { RowFacts } from "../workspace.ts";
import { answerStatus, answerWord } from "./gainText.ts";

/** The estimate that viewer and panel show: of the selected movie, or of all together. */
export function shownEstimate(state: AppState): string | null {
  const { gain, session } = state;
  // A file that could not be read says so, whatever else there is to show.
  const broken = session.files.some((f) => f.id === session.selected && f.failure !== null);
  if (broken) return session.selected;
  if (gain.scope === "combined" && gain.reports[COMBINED] !== undefined) return COMBINED;
  return session.selected;
}

export function shownReport(state: AppState): GainReport | null {
  const id = shownEstimate(state);
  return id === null ? null : (state.gain.reports[id] ?? null);
}

/** Parameters or reference have changed since the report was made. */
export function isOutdated(state: AppState, id: string): boolean {
  const report = state.gain.reports[id];
  if (report === undefined) return false;
  const made = state.gain.madeWith[report.kept];
  return made !== undefined && made !== gainSettingsKey(state.gain, state.session, report.residual);
}

export function gainRow(state: AppState, file: SessionFile): RowFacts {
  const { gain, runs, session } = state;
  const base = { track: null, value: "" };
  if (file.failure !== null)
    return { ...base, status: "failed", note: `failed: ${file.failure.message}` };
  if (file.header === null) return { ...base, status: "running", note: "reading the header" };
  if (runs.active?.fileId === file.id)
    return { ...base, status: "running", note: runs.active.progress?.step ?? "running" };
  if (runs.waiting.some((run) => run.fileId === file.id))
    return { ...base, status: "unprocessed", note: "waiting" };
  if (file.kind === "image")
    return {
      ...base,
      status: "unprocessed",
      note: session.reference === file.id ? "gain reference" : "single image",
    };
  const failure = gain.failures[file.id];
  if (failure !== undefined)
    return { ...base, status: "failed", note: `failed: ${failure.message}` };
  const report = gain.reports[file.id];
  if (report === undefined)
    return { ...base, status: "unprocessed", note: file.simulated ? "simulated" : "unprocessed" };
  const beyond = beyondSetLimits(state.protocol.limits, report);
  if (beyond.length > 0)
    return {
      ...base,
      status: "filtered",
      note: `filtered: ${beyond.join(", ")}`,
      value: fixed(report.statistics.std, 3),
    };
  const status = isOutdated(state, file.id) ? "outdated" : answerStatus[report.verdict.answer];
  return {
    status,
    note: status === "outdated" ? "outdated" : answerWord[report.verdict.answer],
    value: fixed(report.statistics.std, 3),
    track: null,
  };
}

/** Glyph in the top bar: running, else the worst of the answers. */
export function gainMark(state: AppState): StatusKind | null {
  const { gain, runs } = state;
  if (runs.active !== null && /gain/i.test(runs.active.title)) return "running";
  const answers = Object.values(gain.reports).map((report) => report.verdict.answer);
  if (Object.keys(gain.failures).length > 0 && answers.length === 0) return "failed";
  if (answers.includes("warn")) return "warn";
  if (answers.includes("not-decidable")) return "undecided";
  return answers.length > 0 ? "pass" : null;
}
