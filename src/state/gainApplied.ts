import { appliedGain } from "#src/domain/records/appliedGain.ts";
import type { AppliedGain } from "#src/domain/records/appliedGain.ts";
import { poseName } from "#src/math/poseDecision.ts";
import type { AppState } from "./appState.ts";

/** The gain that corrections of motion made now apply. */
export function gainAppliedIn({
  session,
  gain,
  motion,
}: Pick<AppState, "session" | "gain" | "motion">): AppliedGain {
  const { files, reference, estimates } = session;
  const file = reference === null ? undefined : files.find(({ id }) => id === reference);
  const { orientation } = gain;
  return appliedGain({
    reference: reference === null ? null : (file?.name ?? "of an earlier visit"),
    made: reference === null ? null : (estimates[reference] ?? null),
    pose: `${poseName(orientation)}${orientation.inverted ? ", inverted" : ""}`,
    useReference: motion.parameters.useReference,
    estimatedFrom: Object.keys(gain.sets.estimated).length,
    applyEstimate: false,
  });
}
