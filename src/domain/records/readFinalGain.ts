import type { GainOrientation } from "../gain.ts";
import type { FinalGainProvenance, FinalGainSource } from "../gainProtocol.ts";
import type { AppliedGain } from "./appliedGain.ts";

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const SOURCES: readonly FinalGainSource[] = ["oriented", "external", "estimated"];
const APPLIED: readonly AppliedGain["source"][] = ["reference", "estimated", "none"];

/** What `final_gain.json` tells of the gain beside it; null where it tells less than a provenance is. */
export function readFinalGain(text: string): {
  readonly provenance: FinalGainProvenance;
  /** Which gain micrographs were made with; null = an older file, which does not say. */
  readonly applied: AppliedGain | null;
} | null {
  let about: unknown;
  try {
    about = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(about)) return null;
  const { why, reference, pose, movies, normalised, meanBefore, badPixels, applied } = about;
  const source = SOURCES.find((each) => each === about.source);
  if (source === undefined || typeof why !== "string" || !Array.isArray(movies)) return null;
  if (typeof meanBefore !== "number" || typeof badPixels !== "number") return null;
  const by = isObject(applied) ? APPLIED.find((each) => each === applied.source) : undefined;
  return {
    provenance: {
      ...{ source, why },
      reference: typeof reference === "string" ? reference : null,
      pose: isObject(pose) ? (pose as unknown as GainOrientation) : null,
      movies: movies.filter((movie) => typeof movie === "string"),
      normalised: normalised === true,
      ...{ meanBefore, badPixels },
    },
    applied:
      by === undefined || !isObject(applied)
        ? null
        : { source: by, text: typeof applied.text === "string" ? applied.text : "" },
  };
}
