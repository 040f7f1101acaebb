import type { SessionFile } from "#src/domain/session.ts";
import type { AppState } from "#src/state/appTypes.ts";
import { keySource } from "#src/state/stepKeys.ts";
import { roleInUse, rowsOf } from "#src/state/sessionState.ts";
import type { SessionState } from "#src/state/sessionState.ts";
import { fixed } from "../shared/format.ts";
import type { RowFacts, Workspace } from "../workspace.ts";

const IN_USE = { gain: "gain reference", dark: "dark reference", defects: "bad pixels" } as const;

/** What references and lists are to the session, whichever workspace is open; null = its own words. */
function referenceNote(session: SessionState, file: SessionFile): string | null {
  if (file.failure !== null || (file.kind !== "image" && file.kind !== "defects")) return null;
  const use = roleInUse(session, file.id);
  if (use !== null) return `${IN_USE[use]}, in use`;
  if (file.role == null || file.role === "micrograph") return null;
  return `${file.kind === "image" ? "looks like " : ""}${IN_USE[file.role]}, not in use`;
}

/** Facts from the movie's record, where the full report has left memory; null = the workspace knows more. */
function recordFacts(state: AppState, workspace: string, file: SessionFile): RowFacts | null {
  const record = state.project.records[file.id];
  const here =
    workspace === "gain"
      ? (state.gain.reports[file.id] ?? state.gain.failures[file.id])
      : workspace === "motion"
        ? (state.motion.reports[file.id] ?? state.motion.failures[file.id])
        : null;
  if (record === undefined || here !== undefined || file.header === null) return null;
  if (file.failure !== null || state.runs.active?.fileId === file.id) return null;
  const step = workspace === "gain" ? "gain" : "motion";
  const result = record.steps[step];
  if (result === undefined) return null;
  const { metrics, track } = record;
  const number = step === "gain" ? metrics.gainSd : metrics.driftA;
  const value = number === null ? "" : fixed(number, step === "gain" ? 3 : 1);
  const base = { value, track: step === "gain" ? null : track };
  if (result.failure !== null)
    return { ...base, status: "failed", note: `failed: ${result.failure.message}` };
  if (result.key !== keySource(state)(file.id)[step])
    return { ...base, status: "outdated", note: "outdated" };
  return result.flags.length > 0
    ? { ...base, status: "warn", note: result.flags[0] }
    : { ...base, status: "pass", note: "processed" };
}

/** Keeps the last answer for as long as what decides it stays the same. */
function remembered<T>(
  deciding: (state: AppState) => readonly unknown[],
  make: (state: AppState) => T,
): (state: AppState) => T {
  let last: { readonly of: readonly unknown[]; readonly made: T } | null = null;
  return (state) => {
    const of = deciding(state);
    if (last?.of.every((value, i) => value === of[i]) === true) return last.made;
    const made = make(state);
    last = { of, made };
    return made;
  };
}

/** Rows of the session table. */
export const selectRows = remembered(
  ({ session }) => [session.files],
  ({ session }) => rowsOf(session),
);

/**
 * Facts of all rows. Progress within a stage of the running step decides none of them, so that a session
 * of thousands does not make thousands of rows anew several times a second.
 */
export function createRowFacts(workspace: Workspace): (state: AppState) => readonly RowFacts[] {
  return remembered(
    ({ session, gain, protocol, motion, micrograph, sampling, project, runs }) => [
      ...[session.files, session.reference, session.dark, session.defects, session.wishes],
      ...[gain, protocol.limits, motion, micrograph, sampling, project.records],
      ...[runs.waiting, runs.active?.id, runs.active?.progress?.step],
    ],
    (state) =>
      selectRows(state).map((file): RowFacts => {
        const note = referenceNote(state.session, file);
        return note === null
          ? (recordFacts(state, workspace.id, file) ?? workspace.row(state, file))
          : { status: "unprocessed", note, value: "", track: null };
      }),
  );
}
