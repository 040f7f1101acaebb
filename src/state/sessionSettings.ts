import { DEFAULT_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import { DEFAULT_MOTION_PARAMETERS } from "#src/domain/motionReport.ts";
import { DEFAULT_THRESHOLDS } from "#src/domain/records/movieRecord.ts";
import { DEFAULT_RUN_PLAN } from "#src/domain/records/runPlan.ts";
import type { AppState } from "./appState.ts";
import type { ActionContext } from "./context.ts";

/** Everything of a session that is set and not computed: kept, exported, put back. */
export interface SessionSettings {
  readonly plan: AppState["project"]["plan"];
  readonly thresholds: AppState["project"]["thresholds"];
  readonly run: AppState["project"]["run"];
  readonly gain: Pick<AppState["gain"], "parameters" | "deviations" | "residual" | "orientation">;
  readonly motion: AppState["motion"]["parameters"];
  readonly micrograph: AppState["micrograph"]["form"];
  readonly protocol: Pick<AppState["protocol"], "switches" | "limits">;
  readonly sampling: AppState["sampling"]["options"];
  readonly files: Pick<AppState["session"], "reference" | "dark" | "defects" | "wishes"> &
    Partial<Pick<AppState["session"], "estimates" | "prints">>;
  /** The pose search and its answer, so that it is not done again. */
  readonly orientation: AppState["orientation"]["report"];
}

export function settingsOf(state: AppState): SessionSettings {
  const { project, gain, motion, micrograph, protocol, sampling, session, orientation } = state;
  const { parameters, deviations, residual, orientation: pose } = gain;
  const { reference, dark, defects, wishes, estimates, prints } = session;
  return {
    plan: project.plan,
    thresholds: project.thresholds,
    run: project.run,
    gain: { parameters, deviations, residual, orientation: pose },
    motion: motion.parameters,
    micrograph: micrograph.form,
    protocol: { switches: protocol.switches, limits: protocol.limits },
    sampling: sampling.options,
    files: {
      ...{ reference, dark, defects, wishes, estimates },
      prints: printsOf(prints, [reference, dark, defects]),
    },
    orientation: orientation.report,
  };
}

/** As a session.json holds them: the pictures of the sixteen poses stay out, a new search draws them again. */
export function writtenSettings(state: AppState): SessionSettings {
  const settings = settingsOf(state);
  const { orientation } = settings;
  if (orientation === null) return settings;
  return { ...settings, orientation: { ...orientation, tiles: orientation.tiles.map(() => null) } };
}

/** Of the files that serve now. */
function printsOf(
  prints: AppState["session"]["prints"],
  ids: readonly (string | null)[],
): Record<string, string> {
  return Object.fromEntries(
    ids.flatMap((id) => {
      const print = id === null ? undefined : prints[id];
      return id === null || print === undefined ? [] : [[id, print]];
    }),
  );
}

/** The parts of the state that {@link settingsOf} reads: equal parts, equal settings. */
export function settingsParts(state: AppState): readonly unknown[] {
  const { project, gain, motion, micrograph, protocol, sampling, session, orientation } = state;
  return [
    ...[project.plan, project.thresholds, project.run, project.name],
    ...[gain.parameters, gain.deviations, gain.residual, gain.orientation],
    ...[motion.parameters, micrograph.form, protocol.switches, protocol.limits, sampling.options],
    ...[session.reference, session.dark, session.defects, session.wishes, session.estimates],
    session.prints,
    orientation.report,
  ];
}

/** Puts stored settings back. What an older program did not know of keeps its default. */
export function applySettings(
  { store, update }: Pick<ActionContext, "store" | "update">,
  stored: Partial<SessionSettings> | null,
): void {
  if (stored === null) return;
  const { plan, thresholds, gain, motion, micrograph, protocol, sampling, files } = stored;
  update("project", () => ({
    plan: {
      ...DEFAULT_RUN_PLAN,
      ...plan,
      steps: { ...DEFAULT_RUN_PLAN.steps, ...plan?.steps },
    },
    thresholds: { ...DEFAULT_THRESHOLDS, ...thresholds },
    run: stored.run ?? "off",
  }));
  if (gain !== undefined)
    update("gain", () => ({
      ...gain,
      parameters: { ...DEFAULT_GAIN_PARAMETERS, ...gain.parameters },
    }));
  if (motion !== undefined)
    update("motion", () => ({ parameters: { ...DEFAULT_MOTION_PARAMETERS, ...motion } }));
  if (micrograph !== undefined)
    update("micrograph", ({ form }) => ({ form: { ...form, ...micrograph } }));
  if (protocol !== undefined) update("protocol", () => protocol);
  if (sampling !== undefined)
    update("sampling", ({ options }) => ({ options: { ...options, ...sampling } }));
  if (files !== undefined)
    update("session", () => ({ ...files, estimates: files.estimates ?? {} }));
  const { orientation } = stored;
  if (orientation !== undefined && orientation !== null) {
    // Files of earlier programs hold pictures as lists, which nothing can draw.
    const tiles = orientation.tiles.map((tile) => (tile?.grey instanceof Uint8Array ? tile : null));
    store.setState((s) => ({
      orientation: { ...s.orientation, report: { ...orientation, tiles } },
    }));
  }
}
