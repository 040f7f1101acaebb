import { fromFailure } from "#src/domain/errors.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import { estimateWarnings } from "#src/domain/records/estimatedReference.ts";
import type { EstimatedReference } from "#src/domain/records/estimatedReference.ts";
import { stableKey } from "#src/math/stableKey.ts";
import { keepReference } from "#src/platform/ownReferences.ts";
import { createAttempt } from "./attempt.ts";
import type { ActionContext } from "./context.ts";
import { COMBINED } from "./gainSlice.ts";
import { gainFileName } from "./gainExport.ts";
import { identityOf } from "./sessionSlice.ts";
import type { SessionActions, SessionState } from "./sessionState.ts";

export interface ReferenceActions {
  /** Takes an estimate, of a movie by its id or of all together, as the session's gain reference. */
  readonly useEstimateAsReference: (estimate: string) => Promise<void>;
  /** Puts back what the session used before the estimate that it uses now. */
  readonly undoEstimatedReference: () => void;
}

/** The same for the same estimate, whichever visit has made it. */
export function estimateMark({
  id,
  residual,
  movies,
  parameters,
  statistics,
  counts,
}: GainReport): string {
  return stableKey([id, residual, movies, parameters, statistics, counts.total]);
}

/** The estimate that serves as the reference now; null = none does. */
export function estimateInUse({
  reference,
  estimates,
}: Pick<SessionState, "reference" | "estimates">): EstimatedReference | null {
  return reference === null ? null : (estimates[reference] ?? null);
}

/**
 * Makes an estimated gain the session's reference: only ever because the user has said so
 * (docs/adr/0119). It is a file of the session like any other reference, kept by the browser with the session,
 * and its evidence goes with it into session.json and the report.
 */
export function createReferenceActions(
  { store, client, update, log }: ActionContext,
  openDropped: SessionActions["openDropped"],
): ReferenceActions {
  const attempt = createAttempt({ update, log });

  const about = (report: GainReport, name: string): EstimatedReference => {
    const { gain, session } = store.getState();
    const paths = new Map(session.files.map(({ id, path }) => [id, path]));
    const { movies, residual, verdict, counts, parameters } = report;
    const compared = gain.comparisons[report.id] ?? null;
    const r2 =
      compared !== null && compared.reference === session.reference ? compared.comparison.r2 : null;
    return {
      name,
      of: movies.length > 1 ? `${movies.length} movies` : report.name,
      movies: movies.map((id) => paths.get(id) ?? id),
      method: parameters.method,
      residual,
      answer: verdict.answer,
      verdict: verdict.text,
      counts: counts.total,
      r2,
      warnings: estimateWarnings(report),
      mark: estimateMark(report),
      before: {
        reference: session.reference,
        orientation: gain.orientation,
        residual: gain.residual,
      },
    };
  };

  /** The file of an estimate that was taken before; null = there is none any more. */
  const fileOfEstimate = (mark: string): string | null => {
    const { files, estimates } = store.getState().session;
    return files.find(({ id }) => estimates[id]?.mark === mark)?.id ?? null;
  };

  const take = (id: string, made: EstimatedReference): void => {
    update("session", ({ estimates }) => ({
      estimates: { ...estimates, [id]: made },
      reference: id,
    }));
    update("gain", () => ({
      orientation: { rotation90: 0, flip: "none", inverted: false } as const,
      comparisons: {},
      comparisonFailure: null,
    }));
    log(
      `${made.name}, estimated from ${made.of}, is the gain reference now. Corrections of motion that were made without it are outdated.`,
    );
    for (const warning of made.warnings) log(warning, { level: "warning", file: made.name });
  };

  return {
    useEstimateAsReference: (estimate) =>
      attempt(async () => {
        const { gain, session, project } = store.getState();
        const report = gain.reports[estimate];
        if (report === undefined || estimateInUse(session)?.mark === estimateMark(report)) return;
        const file = session.files.find(({ id }) => id === estimate);
        const name = gainFileName(
          estimate === COMBINED ? "combined" : (file?.name ?? report.name),
          report.residual,
          "C",
        );
        const made = about(report, name);
        const known = fileOfEstimate(made.mark);
        if (known !== null) {
          take(known, made);
          return;
        }
        const outcome = await client.call((api) => api.gain.exportMrc(report.kept, "C"));
        if (!outcome.ok) throw fromFailure(outcome.failure);
        const bytes = new Uint8Array(outcome.value);
        const picked = await keepReference(project.id, name, bytes);
        const { path } = picked;
        const { size, lastModified } = picked.file;
        // Known for what it is before it is opened: nobody searches for its pose.
        take(identityOf({ path, size, lastModified }), made);
        await openDropped({ files: [picked], folders: [] });
      }),
    undoEstimatedReference: () => {
      const { session } = store.getState();
      const made = estimateInUse(session);
      if (made === null) return;
      const { orientation, residual } = made.before;
      const reference = session.files.some(({ id }) => id === made.before.reference)
        ? made.before.reference
        : null;
      update("session", () => ({ reference }));
      update("gain", () => ({
        orientation,
        residual: residual && reference !== null,
        comparisons: {},
        comparisonFailure: null,
      }));
      log(`${made.name} is no longer the gain reference.`);
    },
  };
}
