import type { Failure } from "#src/domain/errors.ts";
import { GAIN_LIMITS } from "#src/domain/gain.ts";
import { DEFAULT_SWITCHES, effectiveSwitches } from "#src/domain/gainProtocol.ts";
import type { FinalGainProvenance, GainSwitches } from "#src/domain/gainProtocol.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import type { ActionContext } from "./context.ts";
import { gainSettingsKey, withReports } from "./gainSlice.ts";
import type { WatchedFigure } from "./overTime.ts";
import { sameOrientation } from "./orientationSlice.ts";
import type { OrientationActions } from "./orientationSlice.ts";
import { saveBytes, saveText } from "./saving.ts";
import { isOwnEstimate, moviesOf } from "./sessionState.ts";

/** The Movie Gain protocol as the page runs it: its switches, and the final gain that came out. */
export interface ProtocolState {
  readonly switches: GainSwitches;
  /** Every how many movies one is looked at, from the first. */
  readonly movieStep: number;
  /** Limits by which movies are told apart, the paper's to begin with. */
  readonly limits: GainLimits;
  /** Limits before each change, for undo; the last is the latest. */
  readonly pastLimits: readonly GainLimits[];
  /** Movies whose histograms are laid over those of the first and the last, by id. */
  readonly compared: readonly string[];
  readonly final: FinalGainProvenance | null;
  readonly stability: readonly string[];
  readonly rowsReversed: boolean;
  readonly failure: Failure | null;
}

export type GainLimits = Readonly<Record<WatchedFigure, number>>;

/** Steps of undo that are remembered. */
const MOST_UNDO = 100;

export const initialProtocol: ProtocolState = {
  switches: DEFAULT_SWITCHES,
  movieStep: 1,
  limits: GAIN_LIMITS,
  pastLimits: [],
  compared: [],
  final: null,
  stability: [],
  rowsReversed: false,
  failure: null,
};

/** What can be saved of a protocol; the last two for programs that read TIFF rows as they are stored. */
export type ProtocolFile = "gain" | "provenance" | "star" | "xmd" | "gainStored" | "xmdStored";

export interface ProtocolActions {
  readonly setProtocolSwitch: (name: keyof GainSwitches, on: boolean) => void;
  readonly setMovieStep: (step: number) => void;
  /** Moves a limit; {@link ProtocolActions.commitGainLimits} makes an undo step of what was moved. */
  readonly setGainLimit: (figure: WatchedFigure, limit: number) => void;
  readonly commitGainLimits: (before: GainLimits) => void;
  readonly undoGainLimits: () => void;
  readonly compareHistograms: (movies: readonly string[]) => void;
  readonly runProtocol: () => Promise<void>;
  readonly saveProtocol: (what: ProtocolFile) => Promise<void>;
}

const FINAL = "final_gain.mrc";
const FINAL_STORED = "final_gain_rows_as_stored.mrc";

export function createProtocolActions(
  { store, client, queue, update, log }: ActionContext,
  orientation: OrientationActions,
): ProtocolActions {
  /** The search's result, where its pose is the one in use. */
  const foundPose = () => {
    const { orientation: state, gain, session } = store.getState();
    const { report } = state;
    if (report === null || report.reference !== session.reference || report.best === null)
      return null;
    return report.confident && sameOrientation(report.best, gain.orientation) ? report : null;
  };

  return {
    setProtocolSwitch: (name, on) =>
      update("protocol", ({ switches }) => ({ switches: { ...switches, [name]: on } })),
    setMovieStep: (movieStep) => update("protocol", () => ({ movieStep })),
    setGainLimit: (figure, limit) =>
      update("protocol", ({ limits }) => ({ limits: { ...limits, [figure]: limit } })),
    commitGainLimits: (before) =>
      update("protocol", ({ limits, pastLimits }) =>
        JSON.stringify(before) === JSON.stringify(limits)
          ? {}
          : { pastLimits: [...pastLimits.slice(1 - MOST_UNDO), before] },
      ),
    undoGainLimits: () =>
      update("protocol", ({ pastLimits }) => {
        const limits = pastLimits.at(-1);
        return limits === undefined ? {} : { limits, pastLimits: pastLimits.slice(0, -1) };
      }),
    compareHistograms: (compared) => update("protocol", () => ({ compared })),
    runProtocol: async () => {
      const { reference } = store.getState().session;
      const switches = effectiveSwitches(store.getState().protocol.switches, reference !== null);
      update("protocol", () => ({ failure: null }));
      const known = reference !== null && isOwnEstimate(store.getState().session, reference);
      const searched = store.getState().orientation.report?.reference === reference;
      if (switches.orientation && !known && !searched) await orientation.findOrientation();
      const { gain, protocol, session } = store.getState();
      const movies = moviesOf(session).filter((f) => f.failure === null && f.header !== null);
      if (movies.length === 0) return;
      const found = switches.orientation ? foundPose() : null;
      const outcome = await queue.add({
        title: `Gain protocol of ${movies.length === 1 ? movies[0].name : `${movies.length} movies`}`,
        ask: (api, runId, callbacks) =>
          api.protocol.run(runId, callbacks, {
            movies: movies.map((m) => m.id),
            movieStep: protocol.movieStep,
            reference: reference === null ? null : { id: reference, orientation: gain.orientation },
            found,
            defects: session.defects,
            // The board has searched already, and a pose chosen by hand stands.
            switches: { ...switches, orientation: false },
            parameters: gain.parameters,
          }),
      });
      if (!outcome.ok) {
        if (outcome.failure.code !== "cancelled")
          update("protocol", () => ({ failure: outcome.failure }));
        return;
      }
      const { final, reports, combined, stability, failures, rowsReversed } = outcome.value;
      update("protocol", () => ({ final, stability, rowsReversed }));
      const all: readonly GainReport[] = combined === null ? reports : [...reports, combined];
      update("gain", (state) => ({
        ...withReports(state, all),
        residual: reports.some((r) => r.residual),
        madeWith: {
          ...state.madeWith,
          ...Object.fromEntries(
            all.map((r) => [r.kept, gainSettingsKey(state, session, r.residual)]),
          ),
        },
        comparisons: {},
        picture: "G" as const,
        scope: "movie" as const,
      }));
      for (const finding of stability) log(finding, { level: "warning" });
      for (const { movie, failure } of failures)
        log(`${movie}: ${failure.message}`, { level: "error", file: movie });
    },
    saveProtocol: async (what) => {
      const stored = what === "gainStored" || what === "xmdStored";
      const gainName = stored ? FINAL_STORED : FINAL;
      if (what === "gain" || what === "gainStored") {
        const outcome = await client.call((api) =>
          api.protocol.finalGain(stored ? "stored" : "read"),
        );
        if (outcome.ok) saveBytes(gainName, outcome.value);
        else log(outcome.failure.message, { level: "error" });
        return;
      }
      const movies = moviesOf(store.getState().session)
        .filter((f) => f.header !== null)
        .map(({ path, header }) => ({ path, pixelSizeA: header?.pixelSizeA ?? null }));
      const kind = what === "xmdStored" ? "xmd" : what;
      const outcome = await client.call((api) => api.protocol.text(kind, movies, gainName));
      const names = {
        provenance: "final_gain.json",
        star: "movies.star",
        xmd: "movies.xmd",
        xmdStored: "movies_xmipp_rows.xmd",
      };
      if (outcome.ok) saveText(names[what], outcome.value);
      else log(outcome.failure.message, { level: "error" });
    },
  };
}
