import { APP_VERSION } from "#src/domain/version.ts";
import type { GainComparisonReport, GainReport } from "#src/domain/gainReport.ts";

export type GainExport = "C" | "G" | "bad" | "csv" | "json" | "summary";

export type ExportedFile =
  | { readonly kind: "mrc"; readonly name: string; readonly what: "C" | "G" | "bad" }
  | { readonly kind: "text"; readonly name: string; readonly text: string; readonly type: string };

/** Name without its extensions: "movie_1.mrcs" → "movie_1". */
export function baseName(name: string): string {
  return name.replace(/\.(mrcs?|tiff?|eer|st|gz|zst)$/gi, "").replace(/\s+/g, "_");
}

const STATISTICS = ["mean", "std", "min", "p2_5", "p25", "p50", "p75", "p97_5", "max"] as const;

function csv(report: GainReport): string {
  const names = [...STATISTICS, "noiseFloor", "signalStd", "badPixels"];
  const values = [
    ...STATISTICS.map((name) => report.statistics[name]),
    report.noiseFloor ?? "",
    report.signalStd ?? "",
    report.badPixels,
  ];
  return `movie,${names.join(",")},verdict\n"${report.name}",${values.join(",")},${report.verdict.answer}\n`;
}

/** Findings and numbers in words, for the logbook. */
export function gainSummary(
  report: GainReport,
  comparison: GainComparisonReport | null,
  referenceName: string | null,
): string {
  const s = report.statistics;
  const n = (value: number, digits = 4): string => value.toFixed(digits);
  const lines = [
    `Cryoloupe ${APP_VERSION}: ${report.residual ? "residual gain" : "gain"} of ${report.name}`,
    `Verdict: ${report.verdict.text}`,
    `Seen by this method: ${report.verdict.scope}`,
    "",
    `Pixel gain G = 1/C, ${report.width} x ${report.height} px, ${report.badPixels} bad pixels left out`,
    `mean ${n(s.mean)}  sd ${n(s.std)}  min ${n(s.min)}  max ${n(s.max)}`,
    `percentiles 2.5 % ${n(s.p2_5)}  25 % ${n(s.p25)}  50 % ${n(s.p50)}  75 % ${n(s.p75)}  97.5 % ${n(s.p97_5)}`,
    ...(report.noiseFloor === null
      ? []
      : [`sd of a flat detector with these counts: ${n(report.noiseFloor)}`]),
    "",
    ...report.verdict.checks.map(
      (c) => `${c.title}: ${n(c.raw)} (limit ${n(c.limit, 3)}), ${c.answer}. ${c.text}`,
    ),
    "",
    ...report.chosen,
    ...report.cautions.map((c) => `Caution: ${c.text}`),
    ...(comparison === null
      ? []
      : [
          `Against ${referenceName ?? "the reference"}: R2 ${n(comparison.comparison.r2, 3)}, slope ${n(comparison.comparison.slope, 3)}`,
        ]),
  ];
  return `${lines.join("\n")}\n`;
}

/** A result as a file: its name, and its text or what the worker has to write. */
export function gainExport(
  report: GainReport,
  what: GainExport,
  context: {
    readonly base: string;
    readonly comparison: GainComparisonReport | null;
    readonly referenceName: string | null;
  },
): ExportedFile {
  const base = baseName(context.base);
  const kind = report.residual ? "residual_gain" : "gain";
  switch (what) {
    case "C":
      return { kind: "mrc", name: `${base}_${kind}.mrc`, what };
    case "G":
      return { kind: "mrc", name: `${base}_${kind}_G.mrc`, what };
    case "bad":
      return { kind: "mrc", name: `${base}_bad_pixels.mrc`, what };
    case "csv":
      return {
        kind: "text",
        name: `${base}_${kind}_statistics.csv`,
        text: csv(report),
        type: "text/csv;charset=utf-8",
      };
    case "json":
      return {
        kind: "text",
        name: `${base}_${kind}.json`,
        text: `${JSON.stringify(
          {
            program: "Cryoloupe",
            version: APP_VERSION,
            written: new Date().toISOString(),
            ...report,
            reference: context.referenceName,
            comparison: context.comparison?.comparison ?? report.comparison,
          },
          null,
          2,
        )}\n`,
        type: "application/json",
      };
    case "summary":
      return {
        kind: "text",
        name: `${base}_summary.txt`,
        text: gainSummary(report, context.comparison, context.referenceName),
        type: "text/plain;charset=utf-8",
      };
  }
}
