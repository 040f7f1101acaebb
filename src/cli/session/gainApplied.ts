import type { FinalGainProvenance } from "#src/domain/gainProtocol.ts";
import { appliedGain, NOTHING_ALIGNED } from "#src/domain/records/appliedGain.ts";
import type { AppliedGain } from "#src/domain/records/appliedGain.ts";
import { poseName } from "#src/math/poseDecision.ts";
import type { SessionParameters } from "./sessionParameters.ts";

/** The gain that a session makes its micrographs with. */
export function gainAppliedBy(
  provenance: FinalGainProvenance | null,
  { applyEstimate, alignValues }: Pick<SessionParameters, "applyEstimate" | "alignValues">,
): AppliedGain {
  if (alignValues === null) return NOTHING_ALIGNED;
  const { source, reference = null, pose = null, movies = [] } = provenance ?? {};
  return appliedGain({
    reference,
    pose: pose === null ? "" : `${poseName(pose)}${pose.inverted ? ", inverted" : ""}`,
    useReference: true,
    estimatedFrom: source === "estimated" ? movies.length : 0,
    applyEstimate,
  });
}

/** Whether the final gain is one to multiply by: a reference, or an estimate that is applied by the user's wish. */
export function isAssigned(
  provenance: FinalGainProvenance | null,
  { applyEstimate }: Pick<SessionParameters, "applyEstimate">,
): boolean {
  return provenance !== null && (provenance.source !== "estimated" || applyEstimate);
}
