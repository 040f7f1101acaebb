import { finalGainIn } from "#src/domain/records/resultLayout.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { GainOrientation } from "#src/domain/gain.ts";
import { DEFAULT_MOTION_PARAMETERS } from "#src/domain/motionReport.ts";
import type { MotionParameters, MotionReport } from "#src/domain/motionReport.ts";
import type { SessionFile } from "#src/domain/session.ts";
import { motionKeyText } from "#src/math/sessionKeys.ts";
import type { MotionRequest } from "#workers/contracts.ts";
import { contentsOf } from "./cameraContent.ts";
import type { ActionContext } from "./context.ts";
import { saveBytes } from "./saving.ts";
import { moviesOf } from "./sessionState.ts";
import { keySource } from "./stepKeys.ts";
import type { SessionState } from "./sessionState.ts";

export type MotionTabId = "alignment" | "dose" | "patches" | "outputs";
/** What the map of the patches tab shows. */
export type PatchMapId = "residuals" | "trust" | "field" | "error";
export type MotionPicture = "after" | "before" | "weighted" | "compare" | "spectra";

/** What the motion workspace remembers: parameters, results by movie, choices of the view. */
export interface MotionState {
  readonly tab: MotionTabId;
  readonly picture: MotionPicture;
  readonly overlay: "trajectories" | "residuals" | "off";
  /** Trajectories without the motion of the whole frame. */
  readonly localOnly: boolean;
  /** Factor by which motion is drawn larger than it is; null = so that trajectories do not meet. */
  readonly magnify: number | null;
  /** Frame up to which trajectories are drawn, position among the aligned; null = all. */
  readonly upTo: number | null;
  /** Patch whose residual is shown, by its index; null = none. */
  readonly patch: number | null;
  readonly patchMap: PatchMapId;
  readonly unit: "Å" | "px";
  readonly spectrum: "reading" | "protocol";
  readonly spectrumView: "split" | "side" | "blink";
  readonly parameters: MotionParameters;
  /** By file id. */
  readonly reports: Readonly<Record<string, MotionReport>>;
  readonly failures: Readonly<Record<string, Failure>>;
  /** What each report was made with, to tell outdated ones. */
  readonly madeWith: Readonly<Record<string, string>>;
}

export const initialMotion: MotionState = {
  tab: "alignment",
  picture: "after",
  overlay: "trajectories",
  localOnly: false,
  magnify: null,
  upTo: null,
  patch: null,
  patchMap: "residuals",
  unit: "Å",
  spectrum: "reading",
  spectrumView: "split",
  parameters: DEFAULT_MOTION_PARAMETERS,
  reports: {},
  failures: {},
  madeWith: {},
};

type MotionView = Pick<
  MotionState,
  | "tab"
  | "picture"
  | "overlay"
  | "localOnly"
  | "magnify"
  | "upTo"
  | "patch"
  | "patchMap"
  | "unit"
  | "spectrum"
  | "spectrumView"
>;

export interface MotionActions {
  readonly setMotionView: (change: Partial<MotionView>) => void;
  readonly setMotionParameters: (change: Partial<MotionParameters>) => void;
  readonly resetMotionParameter: (name: keyof MotionParameters) => void;
  /** Corrects the selected movie, or the given ones. */
  readonly correctMotion: (ids?: readonly string[]) => Promise<void>;
  /** Every movie that has no result of the present settings. */
  readonly correctAllMotion: () => Promise<void>;
  readonly saveMotionFile: (id: string, name: string) => Promise<void>;
  readonly saveAllMotionFiles: (id: string) => Promise<void>;
}

interface Settings {
  readonly motion: MotionState;
  readonly session: Pick<SessionState, "reference" | "dark" | "defects" | "wishes" | "prints">;
  readonly gain: { readonly orientation: GainOrientation };
}

let lastKey: { readonly of: readonly unknown[]; readonly key: string } | null = null;

/**
 * Everything that decides what comes out of a movie: reports made with another text are outdated. Asked
 * for every row of a table, so the text of movies without wishes of their own is kept.
 */
export function motionSettingsKey({ motion, session, gain }: Settings, id: string): string {
  const { parameters } = motion;
  const reference = parameters.useReference ? session.reference : null;
  const { dark, defects, wishes, prints } = session;
  const of = [parameters, reference, gain.orientation, dark, defects, prints];
  const plain = wishes[id] === undefined;
  if (plain && lastKey !== null && of.every((value, i) => value === lastKey?.of[i]))
    return lastKey.key;
  const files = contentsOf(session, { reference, dark, defects });
  const camera = { ...files, orientation: gain.orientation };
  const key = motionKeyText(parameters, camera, wishes[id] ?? null);
  if (plain) lastKey = { of, key };
  return key;
}

export function createMotionActions(
  { store, client, queue, pictures, steps, update, log }: ActionContext,
  /** A file of a result that was written on this visit or an earlier one; null = it is not there. */
  written: (id: string, name: string) => Promise<File | null>,
): MotionActions {
  const without = <T>(record: Readonly<Record<string, T>>, id: string): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => name !== id));

  const requestFor = (file: SessionFile): MotionRequest => {
    const { motion, session, gain, project } = store.getState();
    const { parameters } = motion;
    const base = project.records[file.id]?.base;
    const id = parameters.useReference ? session.reference : null;
    // In a results folder the gain is a file of its own, in the pose of the movies.
    const name = finalGainIn(project.results) ?? session.files.find((f) => f.id === id)?.name ?? "";
    return {
      id: file.id,
      name: file.name,
      path: file.path,
      ...(base === undefined ? {} : { base }),
      spectra: project.plan.spectra,
      looked: session.selected,
      reference: id === null ? null : { id, name, orientation: gain.orientation },
      dark: session.dark,
      defects: session.defects,
      parameters,
    };
  };

  const correct = async (file: SessionFile): Promise<void> => {
    let key = "";
    let stepKey = "";
    let started = 0;
    update("motion", ({ failures }) => ({ failures: without(failures, file.id) }));
    const outcome = await queue.add({
      title: `Motion of ${file.name}`,
      step: "motion",
      fileId: file.id,
      fileName: file.name,
      ask: (api, runId, callbacks) => {
        // As things stand when the movie's turn comes: the pose of the reference may be found until then.
        key = motionSettingsKey(store.getState(), file.id);
        stepKey = keySource(store.getState())(file.id).motion;
        started = performance.now();
        return api.motion.align(runId, callbacks, requestFor(file));
      },
    });
    const seconds = (performance.now() - started) / 1000;
    const done = { step: "motion", id: file.id, key: stepKey, seconds, outcome } as const;
    if (!outcome.ok) {
      const { failure } = outcome;
      if (failure.code !== "cancelled")
        update("motion", ({ failures }) => ({ failures: { ...failures, [file.id]: failure } }));
      await steps.done(done);
      return;
    }
    pictures.forget(`stored/motion/${file.id}/`);
    update("motion", (motion) => ({
      reports: { ...motion.reports, [file.id]: outcome.value },
      madeWith: { ...motion.madeWith, [file.id]: key },
    }));
    for (const flag of outcome.value.flags) log(flag, { level: "warning", file: file.name });
    await steps.done(done);
  };

  const save = async (id: string, name: string): Promise<void> => {
    const outcome = await client.call((api) => api.motion.file(id, name));
    if (outcome.ok) {
      saveBytes(name, outcome.value);
      return;
    }
    const file = await written(id, name);
    if (file !== null) saveBytes(name, new Uint8Array(await file.arrayBuffer()));
    else log(outcome.failure.message, { level: "error" });
  };

  return {
    setMotionView: (change) => update("motion", () => change),
    setMotionParameters: (change) =>
      update("motion", ({ parameters }) => ({ parameters: { ...parameters, ...change } })),
    resetMotionParameter: (name) =>
      update("motion", ({ parameters }) => ({
        parameters: { ...parameters, [name]: DEFAULT_MOTION_PARAMETERS[name] },
      })),
    correctMotion: async (ids) => {
      const { session } = store.getState();
      const wanted = ids ?? (session.selected === null ? [] : [session.selected]);
      for (const file of moviesOf(session)) if (wanted.includes(file.id)) await correct(file);
    },
    correctAllMotion: async () => {
      const state = store.getState();
      const due = moviesOf(state.session).filter(
        (file) =>
          file.failure === null &&
          state.motion.madeWith[file.id] !== motionSettingsKey(state, file.id),
      );
      await Promise.all(due.map(correct));
    },
    saveMotionFile: save,
    saveAllMotionFiles: async (id) => {
      for (const { name } of store.getState().motion.reports[id]?.files ?? []) await save(id, name);
    },
  };
}
