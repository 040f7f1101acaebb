import { DEFAULT_GAIN_PARAMETERS, PROTOCOL_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import type { GainParameters } from "#src/domain/gainEstimate.ts";
import type { GainOrientation } from "#src/domain/gain.ts";
import { fromFailure, toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { GainPartName } from "#src/domain/gainParts.ts";
import type { GainComparisonReport, GainReport } from "#src/domain/gainReport.ts";
import type { Outcome, SessionFile } from "#src/domain/session.ts";
import { canonicalPose } from "#src/math/pose.ts";
import { gainKeyText } from "#src/math/sessionKeys.ts";
import { contentsOf } from "./cameraContent.ts";
import type { ActionContext } from "./context.ts";
import { gainFileName } from "./gainExport.ts";
import { isPartExport } from "./gainExport.ts";
import type { GainExport } from "./gainExport.ts";
import { saveBytes, savePicture, saveText } from "./saving.ts";
import { isOwnEstimate, moviesOf } from "./sessionState.ts";
import { keySource } from "./stepKeys.ts";
import type { FileListener } from "./sessionSlice.ts";
import type { SessionState } from "./sessionState.ts";

export type GainTabId = "residual" | "estimate" | "orientation" | "bad" | "time" | "gallery";
export type GainPicture =
  "frame" | "sum" | "G" | "C" | "afanasyev" | "reference" | "difference" | `part-${GainPartName}`;

/** The protocol's sets of gains over the movies; the third is the oriented reference. */
export type GainSetKind = "estimated" | "residual";

/** Estimate of all movies together. */
export const COMBINED = "combined";

/** What the gain workspace remembers: parameters, results by movie, choices of the view. */
export interface GainState {
  readonly tab: GainTabId;
  readonly picture: GainPicture;
  /** Pictures of the selected movie, or of all together. */
  readonly scope: "movie" | "combined";
  /** Estimate and reference next to each other with linked zoom. */
  readonly sideBySide: boolean;
  readonly parameters: GainParameters;
  /** Pose in which the reference is taken. */
  readonly orientation: GainOrientation;
  /** Also the estimate of Afanasyev et al. 2015. */
  readonly deviations: boolean;
  /** Apply the reference first: what is estimated is what it leaves. */
  readonly residual: boolean;
  /** What is shown, by file id, and under "combined": of the set that was made or chosen last. */
  readonly reports: Readonly<Record<string, GainReport>>;
  /** Everything that was made: a movie may have an estimate and a residual. */
  readonly sets: Readonly<Record<GainSetKind, Readonly<Record<string, GainReport>>>>;
  readonly failures: Readonly<Record<string, Failure>>;
  readonly comparisons: Readonly<Record<string, GainComparisonReport>>;
  readonly comparisonFailure: Failure | null;
  /** What each report was made with, to tell outdated ones. */
  readonly madeWith: Readonly<Record<string, string>>;
}

const IDENTITY: GainOrientation = { rotation90: 0, flip: "none", inverted: false };

export const initialGain: GainState = {
  tab: "residual",
  picture: "frame",
  scope: "movie",
  sideBySide: false,
  parameters: DEFAULT_GAIN_PARAMETERS,
  orientation: IDENTITY,
  deviations: false,
  residual: false,
  reports: {},
  sets: { estimated: {}, residual: {} },
  failures: {},
  comparisons: {},
  comparisonFailure: null,
  madeWith: {},
};

export interface GainActions {
  readonly setGainView: (
    change: Partial<Pick<GainState, "tab" | "picture" | "scope" | "sideBySide">>,
  ) => void;
  readonly setGainParameters: (change: Partial<GainParameters>) => void;
  readonly resetGainParameter: (name: keyof GainParameters) => void;
  /** The protocol's own settings, defects included, or ours. */
  readonly setGainPreset: (preset: "ours" | "protocol") => void;
  readonly setReferencePose: (orientation: GainOrientation) => void;
  readonly setResidual: (residual: boolean) => void;
  /** Shows the estimates or the residuals of all movies that have them. */
  readonly showGainSet: (kind: GainSetKind) => void;
  readonly setDeviations: (deviations: boolean) => void;
  /** Estimates the selected movie, or the given ones. */
  readonly estimateGain: (ids?: readonly string[]) => Promise<void>;
  /** Every movie by itself, then all together. */
  readonly estimateAllGains: () => Promise<void>;
  readonly compareWithReference: (estimate: string) => Promise<void>;
  /** Holds the estimate shown against the reference, where there are both. */
  readonly compareShown: () => Promise<void>;
  readonly exportGain: (estimate: string, what: GainExport) => Promise<void>;
}

/** Everything that decides what comes out: reports made with another text are outdated. */
export function gainSettingsKey(
  gain: Pick<GainState, "parameters" | "deviations" | "orientation">,
  session: Pick<SessionState, "reference" | "defects" | "prints">,
  residual: boolean,
): string {
  const { orientation } = gain;
  const camera = contentsOf(session, session);
  return gainKeyText(gain, { ...camera, orientation }, residual);
}

/**
 * What is shown after reports of a set were made or chosen. An estimate of all together stands beside
 * movies of the same set only: estimates and residuals cannot be compared.
 */
function shownWith(
  reports: GainState["reports"],
  set: Readonly<Record<string, GainReport>>,
  residual: boolean,
): GainState["reports"] {
  const { [COMBINED]: together, ...movies } = { ...reports, ...set };
  return together?.residual === residual ? { ...movies, [COMBINED]: together } : movies;
}

/** Reports with others added: in their sets, and shown; of both kinds the residuals are shown. */
export function withReports(
  { reports, sets }: Pick<GainState, "reports" | "sets">,
  made: readonly GainReport[],
): Pick<GainState, "reports" | "sets"> {
  const added = (residual: boolean) =>
    Object.fromEntries(made.filter((r) => r.residual === residual).map((r) => [r.id, r]));
  const residual = made.some((r) => r.residual);
  return {
    reports: shownWith(reports, added(residual), residual),
    sets: {
      estimated: { ...sets.estimated, ...added(false) },
      residual: { ...sets.residual, ...added(true) },
    },
  };
}

/** The value of a call, or its failure thrown. */
async function done<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  const settled = await outcome;
  if (!settled.ok) throw fromFailure(settled.failure);
  return settled.value;
}

/** Movies of one size have a gain in common: the most numerous size counts. */
function largestGroup(files: readonly SessionFile[]): readonly SessionFile[] {
  const groups = new Map<string, SessionFile[]>();
  for (const file of files) {
    const size = `${file.header?.width ?? 0} × ${file.header?.height ?? 0}`;
    groups.set(size, [...(groups.get(size) ?? []), file]);
  }
  return [...groups.values()].reduce<readonly SessionFile[]>(
    (best, group) => (group.length > best.length ? group : best),
    [],
  );
}

export function createGainActions({
  store,
  client,
  queue,
  pictures,
  steps,
  update,
  log,
}: ActionContext): GainActions {
  const settings = () => {
    const { gain, session } = store.getState();
    const residual = gain.residual && session.reference !== null;
    return {
      key: gainSettingsKey(gain, session, residual),
      parameters: gain.parameters,
      deviations: gain.deviations,
      residual,
      defects: session.defects,
      reference:
        session.reference === null
          ? null
          : { id: session.reference, orientation: gain.orientation },
    };
  };

  const without = <T>(record: Readonly<Record<string, T>>, id: string): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => name !== id));

  const finish = (id: string, name: string, key: string, outcome: Outcome<GainReport>): boolean => {
    if (!outcome.ok) {
      if (outcome.failure.code !== "cancelled")
        update("gain", ({ failures }) => ({ failures: { ...failures, [id]: outcome.failure } }));
      return false;
    }
    update("gain", (gain) => ({
      ...withReports(gain, [outcome.value]),
      madeWith: { ...gain.madeWith, [outcome.value.kept]: key },
      comparisons: without(gain.comparisons, id),
    }));
    for (const caution of outcome.value.cautions)
      log(caution.text, { level: "warning", file: name });
    return true;
  };

  const showResult = (id: string): void => {
    const { gain, session } = store.getState();
    const shown = id === COMBINED || session.selected === id;
    if (shown && (gain.picture === "frame" || gain.picture === "sum"))
      update("gain", () => ({ picture: "G" as const }));
    if (id === COMBINED) update("gain", () => ({ scope: "combined" as const }));
  };

  /** The pose search of the reference waits or runs: a comparison now would be in the wrong pose. */
  const poseIsSearched = (): boolean => {
    const { runs, session } = store.getState();
    return [runs.active, ...runs.waiting].some(
      (run) => run !== null && run.fileId !== null && run.fileId === session.reference,
    );
  };

  const compareWithReference = async (id: string): Promise<void> => {
    const { reference } = store.getState().session;
    if (reference === null || poseIsSearched()) return;
    const { orientation, reports } = store.getState().gain;
    const kept = reports[id]?.kept;
    if (kept === undefined) return;
    const outcome = await client.call((api) => api.gain.compare(kept, reference, orientation));
    if (outcome.ok)
      update("gain", ({ comparisons }) => ({
        comparisons: { ...comparisons, [id]: outcome.value },
        comparisonFailure: null,
      }));
    else {
      // A reference whose pose nobody has found yet may well lie across: no error of the program.
      const found = store.getState().orientation.report?.reference === reference;
      log(outcome.failure.message, { level: found ? "error" : "warning" });
      update("gain", () => ({ comparisonFailure: outcome.failure }));
    }
  };

  const compareShown = async (): Promise<void> => {
    const { gain, session } = store.getState();
    const id = gain.scope === "combined" ? COMBINED : session.selected;
    const report = id === null ? undefined : gain.reports[id];
    if (report !== undefined && !report.residual) await compareWithReference(report.id);
  };

  const estimateOne = async (file: SessionFile, addTo: string | null): Promise<boolean> => {
    const { key, ...request } = settings();
    const { id, name } = file;
    const stepKey = keySource(store.getState())(id).gain;
    let started = 0;
    update("gain", ({ failures }) => ({ failures: without(failures, id) }));
    const outcome = await queue.add({
      title: `${request.residual ? "Residual gain" : "Gain"} of ${name}`,
      step: "gain",
      fileId: id,
      fileName: name,
      ask: (api, runId, callbacks) => {
        started = performance.now();
        return api.gain.estimate(runId, callbacks, { movie: id, ...request, addTo });
      },
    });
    const seconds = (performance.now() - started) / 1000;
    const made = finish(id, name, key, outcome);
    await steps.done({ step: "gain", id, key: stepKey, seconds, outcome });
    if (!made) return false;
    showResult(id);
    if (!request.residual) await compareWithReference(id);
    return true;
  };
  let series = 0;

  return {
    setGainView: (change) => update("gain", () => change),
    setGainParameters: (change) =>
      update("gain", ({ parameters }) => ({ parameters: { ...parameters, ...change } })),
    resetGainParameter: (name) =>
      update("gain", ({ parameters }) => ({
        parameters: { ...parameters, [name]: DEFAULT_GAIN_PARAMETERS[name] },
      })),
    setGainPreset: (preset) =>
      update("gain", () => ({
        parameters: preset === "ours" ? DEFAULT_GAIN_PARAMETERS : PROTOCOL_GAIN_PARAMETERS,
      })),
    setReferencePose: ({ inverted, ...pose }) => {
      const orientation = { ...canonicalPose(pose), inverted };
      update("gain", () => ({ orientation, comparisons: {}, comparisonFailure: null }));
      void compareShown();
    },
    compareShown,
    showGainSet: (kind) =>
      update("gain", ({ sets, reports }) => ({
        residual: kind === "residual",
        reports: shownWith(reports, sets[kind], kind === "residual"),
        comparisons: {},
      })),
    setResidual: (residual) => update("gain", () => ({ residual })),
    setDeviations: (deviations) => update("gain", () => ({ deviations })),
    estimateGain: async (ids) => {
      const { session } = store.getState();
      const wanted = ids ?? (session.selected === null ? [] : [session.selected]);
      for (const file of moviesOf(session))
        if (wanted.includes(file.id)) await estimateOne(file, null);
    },
    estimateAllGains: async () => {
      const movies = moviesOf(store.getState().session).filter(({ failure }) => failure === null);
      const estimated: SessionFile[] = [];
      const addTo = movies.length > 1 ? `series ${++series}` : null;
      for (const file of movies) if (await estimateOne(file, addTo)) estimated.push(file);
      const together = largestGroup(estimated).map(({ id }) => id);
      if (together.length < 2) return;
      const { key, deviations: _deviations, ...request } = settings();
      const name = `${together.length} movies`;
      const outcome = await queue.add({
        title: `${request.residual ? "Residual gain" : "Gain"} of ${name}`,
        fileName: name,
        ask: (api, runId, callbacks) =>
          api.gain.combine(runId, callbacks, together, { ...request, addTo }),
      });
      if (!finish(COMBINED, name, key, outcome)) return;
      showResult(COMBINED);
      if (!request.residual) await compareWithReference(COMBINED);
    },
    compareWithReference,
    exportGain: async (id, what) => {
      const { gain, session, view } = store.getState();
      const report = gain.reports[id];
      if (report === undefined) return;
      const name = gainFileName(
        id === COMBINED
          ? "combined"
          : (session.files.find((f) => f.id === id)?.name ?? report.name),
        report.residual,
        what,
      );
      const picture = (of: string) =>
        savePicture(name, pictures, { kind: "stored", id: `${report.pictures}/${of}` }, view);
      try {
        if (isPartExport(what)) {
          await picture(what);
          return;
        }
        switch (what) {
          case "C":
          case "G":
          case "bad":
            saveBytes(
              name,
              await done(client.call((api) => api.gain.exportMrc(report.kept, what))),
            );
            break;
          case "png":
            await picture("G");
            break;
          case "csv":
          case "json":
          case "summary":
          case "monitor":
          case "defects":
            saveText(
              name,
              await done(client.call((api) => api.gain.exportText([report.kept], what))),
            );
            break;
        }
      } catch (error) {
        log(toFailure(error).message, { level: "error", file: report.name });
      }
    },
  };
}

/** A single image that fits the movies becomes the reference; the demo runs by itself. */
export function createGainFileListener(
  { store, update }: ActionContext,
  actions: GainActions,
): FileListener {
  return (file) => {
    if (file.kind === "movie" && file.simulated) void actions.estimateGain([file.id]);
    if (file.kind !== "image" || file.header === null) return;
    // One that the session has estimated is the reference when the user says so.
    if (isOwnEstimate(store.getState().session, file.id)) return;
    // By name or format: an average of frames also has values around 1. By content it is offered only.
    const looksLikeReference =
      file.role !== "dark" &&
      file.role !== "defects" &&
      (file.header.format === "gain" || /gain|ref|flat/i.test(file.name) || file.simulated);
    if (looksLikeReference && store.getState().session.reference === null)
      update("session", () => ({ reference: file.id }));
  };
}
