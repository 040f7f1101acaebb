import type { Gain, GainOrientation } from "./gain.ts";

/** The four switches of the Movie Gain protocol. */
export interface GainSwitches {
  /** Estimate the gain from the movies. */
  readonly estimate: boolean;
  /** Find the pose of the reference. */
  readonly orientation: boolean;
  /** Estimate what the final gain leaves. */
  readonly residual: boolean;
  /** Scale the final gain to mean 1 over good pixels. */
  readonly normalise: boolean;
}

export type GainSwitch = keyof GainSwitches;

export const GAIN_SWITCHES: readonly GainSwitch[] = [
  "estimate",
  "orientation",
  "residual",
  "normalise",
];

/** The protocol's defaults: everything. What needs a reference is left out where there is none. */
export const DEFAULT_SWITCHES: GainSwitches = {
  estimate: true,
  orientation: true,
  residual: true,
  normalise: true,
};

/** Why a switch cannot be on; null = it can. */
export function switchRefusal(
  name: GainSwitch,
  switches: GainSwitches,
  hasReference: boolean,
): string | null {
  if (hasReference) return null;
  switch (name) {
    case "estimate":
      return null;
    case "orientation":
      return "There is no gain reference whose pose could be found.";
    case "normalise":
      return "There is no gain reference to normalise; an estimated gain has mean 1 already.";
    case "residual":
      return switches.estimate
        ? null
        : "There is no gain to apply: neither a reference nor an estimate.";
  }
}

/** The switches as they act: off where they cannot be on. */
export function effectiveSwitches(switches: GainSwitches, hasReference: boolean): GainSwitches {
  const on = (name: GainSwitch): boolean =>
    switches[name] && switchRefusal(name, switches, hasReference) === null;
  return {
    estimate: on("estimate"),
    orientation: on("orientation"),
    residual: on("residual"),
    normalise: on("normalise"),
  };
}

/** Where a final gain comes from, in the protocol's order of preference. */
export type FinalGainSource = "oriented" | "external" | "estimated";

/** Which gain the movies are given, and why. */
export interface FinalGainProvenance {
  readonly source: FinalGainSource;
  /** One sentence. */
  readonly why: string;
  /** Name of the reference file; null for an estimate. */
  readonly reference: string | null;
  /** How the reference was turned, flipped and inverted; null for an estimate. */
  readonly pose: GainOrientation | null;
  /** Movies that the estimate, or the evidence for the pose, comes from. */
  readonly movies: readonly string[];
  readonly normalised: boolean;
  /** Mean of C over good pixels before normalisation. */
  readonly meanBefore: number;
  readonly badPixels: number;
}

export interface FinalGain {
  /** In the movies' size and pose; mean 1 unless it was not to be normalised. */
  readonly gain: Gain;
  readonly provenance: FinalGainProvenance;
}
