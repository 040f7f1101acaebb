import type { GainAnswer, GainMethod, GainParameters } from "#src/domain/gainEstimate.ts";
import type { GainPartName } from "#src/domain/gainParts.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import type { StatusKind } from "#src/domain/session.ts";
import { integer, significant } from "../shared/format.ts";

export const answerStatus: Readonly<Record<GainAnswer, StatusKind>> = {
  pass: "pass",
  warn: "warn",
  "not-decidable": "undecided",
};

export const answerWord: Readonly<Record<GainAnswer, string>> = {
  pass: "pass",
  warn: "warn",
  "not-decidable": "not decidable",
};

export const methods: readonly {
  readonly id: GainMethod;
  readonly title: string;
  /** What it does, in one sentence. */
  readonly does: string;
  /** What it cannot see; stands under the picture. */
  readonly blind: string;
}[] = [
  {
    id: "sme",
    title: "Midway equalization",
    does: "Gives all rows and columns one distribution of counts (Sorzano et al. 2018).",
    blind: "shows rows, columns and slow structure, not the pattern from pixel to pixel",
  },
  {
    id: "sme-neighbour",
    title: "Midway equalization, neighbours",
    does: "Compares each row and column with those beside it; slow structure stays.",
    blind: "sees lines that differ from their neighbours, no slow structure and no single pixels",
  },
  {
    id: "motion",
    title: "Moving specimen",
    does: "Holds frames against the aligned specimen: it moves, the detector does not.",
    blind: "cannot tell gain from what moves less than a pixel",
  },
  {
    id: "mean",
    title: "Plain mean",
    does: "Averages all frames; with few movies it contains the specimen.",
    blind: "contains the specimen until many movies are averaged",
  },
];

/** The structured parts of a gain; "tiles" are the detector's chips. */
export const partTitles: Readonly<Record<GainPartName, string>> = {
  plane: "Plane",
  chips: "Tiles",
  columns: "Columns",
  rows: "Rows",
  pixels: "Pixels",
};

/** One sentence and the original program's default for each parameter. */
export const parameterHelp: Readonly<
  Record<
    Exclude<keyof GainParameters, "method" | "parity" | "normalise" | "seed">,
    { readonly title: string; readonly help: string }
  >
> = {
  iterations: {
    title: "Iterations",
    help: "Each one halves what is left of rows and columns; the protocol runs 1.",
  },
  frameStep: {
    title: "Frame step",
    help: "Every how many frames one is used; the protocol takes every 5th.",
  },
  grouping: {
    title: "Frames summed",
    help: "Frames added in time before sorting, so that counts do not tie; the original sums none.",
  },
  sigma: {
    title: "Sigma, lines",
    help: "Width of the smoothing over neighbouring lines; the protocol uses 0.",
  },
  maxSigma: {
    title: "Largest sigma, lines",
    help: "Upper end of the widths that are tried; Xmipp tries up to 3.",
  },
  sigmaStep: {
    title: "Sigma step, lines",
    help: "Step of the widths that are tried; Xmipp uses 0.5.",
  },
  unitsPerElectron: {
    title: "Units per electron",
    help: "Recorded units for one electron: header, else variance over mean; Xmipp has no such setting.",
  },
};

const NUMBERS = ["None", "One", "Two", "All three"] as const;

/** The finding as a headline: what reads in three seconds. */
export function verdictTitle({ verdict, counts }: Pick<GainReport, "verdict" | "counts">): string {
  const warned = verdict.checks.filter((check) => check.answer === "warn").length;
  if (warned === 3) return "All three thresholds are exceeded";
  if (warned > 0)
    return `${NUMBERS[warned]} of three thresholds ${warned === 1 ? "is" : "are"} exceeded`;
  if (verdict.answer === "pass") return "Within all three thresholds";
  const needed = verdict.checks.reduce((most, c) => Math.max(most, c.countsToDecide ?? 0), 0);
  // Where no number of counts would do, the sentence below the headline says what stands in the way.
  return needed > 0
    ? `Not decidable with ${integer(counts.total)} counts per pixel; about ${significant(needed, 1)} would do`
    : "Not decidable from what was recorded";
}
