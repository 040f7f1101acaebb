import type { Failure } from "#src/domain/errors.ts";
import type { GainOrientation } from "#src/domain/gain.ts";
import type { OrientationReport } from "#src/domain/orientation.ts";
import { canonicalPose, samePose } from "#src/math/pose.ts";
import type { ActionContext } from "./context.ts";
import type { GainActions } from "./gainSlice.ts";
import { saveBytes } from "./saving.ts";
import { isOwnEstimate, moviesOf } from "./sessionState.ts";
import type { FileListener } from "./sessionSlice.ts";

/** Movies that a search may take before it gives up on certainty. */
const MOST_MOVIES = 8;

/** The pose of the session's reference: what was found, and which poses are looked at. */
export interface OrientationState {
  readonly report: OrientationReport | null;
  readonly failure: Failure | null;
  /** Candidates shown left and right, positions in `report.candidates`. */
  readonly left: number;
  readonly right: number;
  /** Ids of the corrected averages of both sides, once they are made. */
  readonly pictures: { readonly left: string; readonly right: string } | null;
}

export const initialOrientation: OrientationState = {
  report: null,
  failure: null,
  left: 0,
  right: 1,
  pictures: null,
};

export interface OrientationActions {
  readonly findOrientation: () => Promise<void>;
  /** Chooses the left picture; the right one stays the best. */
  readonly lookAtPose: (candidate: number) => Promise<void>;
  /** Takes a candidate as the pose of the reference. */
  readonly takePose: (candidate: number) => void;
  readonly saveOrientedGain: (orientation: GainOrientation) => Promise<void>;
}

/** Position of the best candidate, or −1. */
export function bestCandidate(report: OrientationReport): number {
  const { best, candidates } = report;
  if (best === null) return -1;
  return candidates.findIndex(
    (c) => c.rotation90 === best.rotation90 && c.flip === best.flip && c.inverted === best.inverted,
  );
}

/** The same pose by the name that the command and other programs' words go by. */
export function namedAlike(orientation: GainOrientation): GainOrientation {
  return { ...orientation, ...canonicalPose(orientation) };
}

/** Whether two orientations are the same; twelve names of turn and flip name eight poses. */
export function sameOrientation(a: GainOrientation, b: GainOrientation): boolean {
  return samePose(a, b) && a.inverted === b.inverted;
}

export function createOrientationActions(
  { store, client, queue, pictures, update, log }: ActionContext,
  gain: GainActions,
): OrientationActions {
  const showPictures = async (): Promise<void> => {
    const { report, left, right } = store.getState().orientation;
    if (report === null) return;
    const ask = async (at: number): Promise<string | null> => {
      const orientation = report.candidates[at];
      const outcome = await client.call((api) =>
        api.orientation.corrected(report.movie, report.reference, orientation),
      );
      if (outcome.ok) return outcome.value;
      log(outcome.failure.message, { level: "error" });
      return null;
    };
    const [a, b] = [await ask(left), await ask(right)];
    const now = store.getState().orientation;
    if (now.report === report && now.left === left && a !== null && b !== null)
      update("orientation", () => ({ pictures: { left: a, right: b } }));
  };

  const takePose = (candidate: number): void => {
    const { report } = store.getState().orientation;
    if (report === null) return;
    const { rotation90, flip, inverted } = report.candidates[candidate];
    gain.setReferencePose({ rotation90, flip, inverted });
    log(`The pose of ${report.referenceName} was set.`);
  };

  return {
    findOrientation: async () => {
      const { session } = store.getState();
      const { reference } = session;
      const movies = moviesOf(session).filter((f) => f.failure === null && f.header !== null);
      if (reference === null || movies.length === 0) return;
      const first = movies.find((m) => m.id === session.selected) ?? movies[0];
      const ordered = [first, ...movies.filter((m) => m !== first)].slice(0, MOST_MOVIES);
      const name = session.files.find((f) => f.id === reference)?.name ?? "the reference";
      update("orientation", () => ({ failure: null }));
      const outcome = await queue.add({
        title: `Orientation of ${name}`,
        step: "orientation",
        fileId: reference,
        fileName: name,
        ask: (api, runId, callbacks) =>
          api.orientation.find(runId, callbacks, { movies: ordered.map((m) => m.id), reference }),
      });
      if (!outcome.ok) {
        if (outcome.failure.code !== "cancelled")
          update("orientation", () => ({ failure: outcome.failure }));
        await gain.compareShown();
        return;
      }
      const report = outcome.value;
      pictures.forget("stored/orientation/");
      const best = bestCandidate(report);
      const possible = report.candidates.findIndex((c, i) => c.score !== null && i !== best);
      update("orientation", () => ({
        report,
        left: Math.max(0, possible),
        right: best < 0 ? Math.max(0, possible) : best,
        pictures: null,
      }));
      if (report.confident && best >= 0) takePose(best);
      else await gain.compareShown();
      if (possible >= 0) await showPictures();
    },
    lookAtPose: async (candidate) => {
      const { report } = store.getState().orientation;
      if (report === null || report.candidates[candidate]?.score === null) return;
      update("orientation", () => ({ left: candidate }));
      await showPictures();
    },
    takePose,
    saveOrientedGain: async (orientation) => {
      const { reference } = store.getState().session;
      if (reference === null) return;
      const outcome = await client.call((api) => api.orientation.exportMrc(reference, orientation));
      if (outcome.ok) saveBytes("oriented_gain.mrc", outcome.value);
      else log(outcome.failure.message, { level: "error" });
    },
  };
}

/** A reference and a movie together start the search by themselves, once for each reference. */
export function createOrientationFileListener(
  { store }: ActionContext,
  actions: OrientationActions,
): FileListener {
  let searched: string | null = null;
  return () => {
    const { session, orientation, project } = store.getState();
    if (session.reference === null || searched === session.reference) return;
    if (isOwnEstimate(session, session.reference)) return;
    // A session that runs its plan searches by itself, and one that is taken up again has searched.
    if (project.run === "running" || orientation.report?.reference === session.reference) return;
    const ready = moviesOf(session).some((m) => m.header !== null && m.failure === null);
    if (!ready) return;
    searched = session.reference;
    void actions.findOrientation();
  };
}
