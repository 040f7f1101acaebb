import type { StepKeys } from "#src/domain/records/movieRecord.ts";
import { movieStepKeys } from "#src/math/sessionKeys.ts";
import type { AppState } from "./appState.ts";
import { gainSettingsKey } from "./gainSlice.ts";
import { formKey } from "./micrographSlice.ts";
import { motionSettingsKey } from "./motionSlice.ts";

type Settings = Pick<AppState, "gain" | "motion" | "micrograph" | "session">;

/** The objects that decide keys: as long as they are the same, so are the keys. */
function decisive({ gain, motion, micrograph, session }: Settings): readonly unknown[] {
  return [
    ...[gain.parameters, gain.deviations, gain.residual, gain.orientation],
    ...[motion.parameters, micrograph.form],
    ...[session.reference, session.dark, session.defects, session.wishes, session.prints],
  ];
}

/**
 * Keys that results made with the settings of now have, movie by movie. A key holds the version of the
 * step and everything its numbers depend on but the movie itself, whose identity is its id; choices of
 * the view are not in it. Movies that are read as their files say share one object.
 */
export interface KeySource {
  (id: string): StepKeys;
}

function keysFor(state: Settings, id: string): StepKeys {
  const wish = state.session.wishes[id];
  const frames =
    wish === undefined
      ? null
      : [wish.fractions, wish.groupSize, wish.upsampling, wish.unsignedBytes].map((v) => v ?? null);
  return movieStepKeys({
    gain: gainSettingsKey(state.gain, state.session, state.gain.residual),
    frames,
    motion: motionSettingsKey(state, id),
    recipe: formKey(state.micrograph.form),
  });
}

/** Keeps keys for as long as nothing that decides them changes; the same object means the same keys. */
export function createKeySource(): (state: Settings) => KeySource {
  let seen: readonly unknown[] = [];
  let source: KeySource = () => ({ gain: "", motion: "", preprocess: "" });
  return (state) => {
    const now = decisive(state);
    if (now.length === seen.length && now.every((value, i) => value === seen[i])) return source;
    seen = now;
    let common: StepKeys | null = null;
    const own = new Map<string, StepKeys>();
    source = (id) => {
      if (state.session.wishes[id] === undefined) return (common ??= keysFor(state, ""));
      const known = own.get(id) ?? keysFor(state, id);
      own.set(id, known);
      return known;
    };
    return source;
  };
}

/** The keys of this page. */
export const keySource = createKeySource();
