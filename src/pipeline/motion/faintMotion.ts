import { expectedError } from "#src/math/motion/fitModel.ts";
import type { FittedModel } from "#src/math/motion/fitModel.ts";
import type { StepContext } from "../stepContext.ts";
import { LOCAL_WORTH } from "./alignLocally.ts";
import type { LocalAlignment } from "./alignLocally.ts";

/** Expected error from which passes with local motion may have followed noise, binned px. */
export const FAINT = 0.1;

/** Whether the signal is so faint that what passes with local motion found is held against passes without. */
export function isFaint({ fitted }: LocalAlignment): boolean {
  return expectedError(fitted).rms > FAINT;
}

/** What {@link againstRigid} looks at. */
export interface Judged extends Pick<LocalAlignment, "fallbackReason" | "ladder" | "leftOut"> {
  readonly fitted: Pick<FittedModel, "evidence" | "objective">;
}

/**
 * The better of an alignment with local motion and one that never had any. Surfaces cut along a field that
 * followed noise speak for that field; the frames themselves (`judge`, nats) do so only as far as any flexible
 * field gains from noise, which is what the evidence of the models asks of them: log|Λ| − log|H| of each.
 */
export async function againstRigid<A extends Judged>(
  local: A,
  rigid: A | null,
  judge: (alignment: A) => Promise<number>,
  context: Pick<StepContext, "log">,
): Promise<A> {
  if (rigid === null) return local;
  const { ladder } = local;
  const leftOut = Math.max(local.leftOut, rigid.leftOut);
  if (local.fallbackReason !== null)
    return { ...rigid, ladder, leftOut, fallbackReason: local.fallbackReason };
  const cost = ({ evidence, objective }: A["fitted"]): number => evidence - objective;
  const judged = (await judge(local)) - (await judge(rigid));
  const more = judged + cost(local.fitted) - cost(rigid.fitted);
  context.log?.(
    `The signal is faint: with local motion the frames are ${judged.toFixed(0)} nats more likely than without, ${more.toFixed(0)} of them more than its freedom costs`,
  );
  // Not a number where frames are too small to be judged.
  if (!(more < LOCAL_WORTH)) return local;
  return {
    ...rigid,
    ladder,
    fallbackReason: `Local motion is not supported by the data: the frames are ${Math.max(0, more).toFixed(0)} nats more likely with it, and ${LOCAL_WORTH} are asked for.`,
  };
}
