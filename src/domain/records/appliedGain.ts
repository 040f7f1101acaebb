import { estimateText } from "./estimatedReference.ts";
import type { EstimatedReference } from "./estimatedReference.ts";

/** The gain that frames were multiplied by before they were aligned and summed. */
export interface AppliedGain {
  readonly source: "reference" | "estimated" | "none";
  /** "reference cal.mrc, 90° clockwise", "estimated from 3 movies", "none: …". */
  readonly text: string;
}

/** What is known when the gain of a session is told. */
export interface GainInUse {
  /** Name of the reference; null = none. */
  readonly reference: string | null;
  /** Where the reference comes from when the session has estimated it; null or absent = it was given. */
  readonly made?: EstimatedReference | null;
  /** Its pose in words. */
  readonly pose: string;
  /** The reference is applied where there is one. */
  readonly useReference: boolean;
  /** Movies behind the estimate; 0 = there is none. */
  readonly estimatedFrom: number;
  /** The estimate is applied where there is no reference: only by the user's wish (ADR 0118). */
  readonly applyEstimate: boolean;
}

/** Of a session that aligns nothing. */
export const NOTHING_ALIGNED: AppliedGain = {
  source: "none",
  text: "none: no movies are aligned in this session",
};

/** Which gain is applied, in words that session.json, report and views share. */
export function appliedGain(known: GainInUse): AppliedGain {
  const { reference, made = null, pose, useReference, estimatedFrom, applyEstimate } = known;
  const movies = estimatedFrom === 1 ? "1 movie" : `${estimatedFrom} movies`;
  if (made !== null && useReference)
    return {
      source: "estimated",
      text: `${estimateText(made)}, taken as the reference by the user`,
    };
  if (reference !== null)
    return useReference
      ? { source: "reference", text: `reference ${reference}, ${pose}` }
      : { source: "none", text: `none: ${reference} is switched off for motion` };
  if (estimatedFrom > 0 && applyEstimate)
    return { source: "estimated", text: `estimated from ${movies}` };
  return {
    source: "none",
    text:
      estimatedFrom > 0
        ? `none, there is no reference, and the estimate from ${movies} is not applied by itself`
        : "none, there is no reference",
  };
}
