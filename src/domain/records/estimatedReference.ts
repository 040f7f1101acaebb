import type { GainAnswer, GainMethod } from "../gainEstimate.ts";
import type { GainOrientation } from "../gain.ts";
import type { GainReport } from "../gainReport.ts";

/** A gain reference that the session has estimated itself, by the user's wish: kept with its evidence. */
export interface EstimatedReference {
  readonly name: string;
  /** "3 movies", or the name of one. */
  readonly of: string;
  /** Paths of the movies it was made from. */
  readonly movies: readonly string[];
  readonly method: GainMethod;
  /** It is what another reference leaves, and no gain by itself. */
  readonly residual: boolean;
  readonly answer: GainAnswer;
  /** The verdict's sentence. */
  readonly verdict: string;
  /** Electrons a pixel in all frames used. */
  readonly counts: number;
  /** Squared correlation with the reference that was in use before; null = there was none to compare with. */
  readonly r2: number | null;
  /** What it was read as care for when it was taken. */
  readonly warnings: readonly string[];
  /** By what the estimate is known again. */
  readonly mark: string;
  /** What the session used before: undoing puts it back. */
  readonly before: {
    readonly reference: string | null;
    readonly orientation: GainOrientation;
    readonly residual: boolean;
  };
}

const CAREFUL: ReadonlySet<string> = new Set([
  "specimen",
  "phase-plate",
  "contamination",
  "not-converged",
  "not-separable",
]);

/**
 * Why an estimate should not be made the reference without a second thought (docs/adr/0119): what it may carry
 * into every micrograph.
 */
export function estimateWarnings(
  report: Pick<GainReport, "residual" | "verdict" | "counts" | "movies" | "cautions">,
): readonly string[] {
  const { residual, verdict, counts, movies, cautions } = report;
  const warnings: string[] = [];
  if (residual)
    warnings.push(
      "This is what the reference leaves, no gain by itself: used in its place, it corrects nothing that the reference corrects. It fits only movies that were corrected before they came here.",
    );
  if (verdict.answer === "not-decidable")
    warnings.push(
      `With ${Math.round(counts.total)} counts per pixel it is not decidable whether this is the detector: what is specimen or noise in it goes into every micrograph.`,
    );
  if (verdict.answer === "pass" && !residual)
    warnings.push("No limit is exceeded: there is little that this gain could correct.");
  if (movies.length < 2)
    warnings.push(
      "It is from one movie, which cannot tell a carbon edge or ice that stands still from the detector.",
    );
  for (const { code, text } of cautions) if (CAREFUL.has(code)) warnings.push(text);
  return warnings;
}

const ANSWERS: Readonly<Record<GainAnswer, string>> = {
  pass: "no limit exceeded",
  warn: "limits exceeded",
  "not-decidable": "not decidable",
};

/** Origin and evidence in a few words: "estimated from 3 movies (combined_gain.mrc; limits exceeded, 240 counts per pixel)". */
export function estimateText(made: EstimatedReference): string {
  const r2 = made.r2 === null ? "" : `, R² ${made.r2.toFixed(3)} with the reference before`;
  const what = made.residual ? "what the reference left, " : "";
  return `${what}estimated from ${made.of} (${made.name}; ${ANSWERS[made.answer]}, ${Math.round(made.counts)} counts per pixel${r2})`;
}
