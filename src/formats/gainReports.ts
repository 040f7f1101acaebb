import { GAIN_LIMITS } from "#src/domain/gain.ts";
import type { ReportedEstimate } from "#src/domain/gainEstimate.ts";
import { APP_VERSION } from "#src/domain/version.ts";

export type { ReportedEstimate };

const six = (value: number): string => value.toFixed(6);
const known = (value: number | null): string => (value === null ? "" : value.toPrecision(7));
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** `<name>_gain`, or `<name>_residual` when a reference was applied. */
export function estimateTitle({ name, residual }: ReportedEstimate): string {
  return `${name}_${residual ? "residual" : "gain"}`;
}

const COLUMNS = [
  "movie",
  "kind",
  "method",
  "mean",
  "std",
  "min",
  "max",
  "p2_5",
  "p25",
  "p50",
  "p75",
  "p97_5",
  "spread",
  "peak",
  "noise_floor",
  "signal_std",
  "bad_pixels",
  "frames_used",
  "electrons_per_pixel",
  "units_per_electron",
  "iterations",
  "verdict",
  "flags",
];

/** Short names of what was flagged: checks that warn, then cautions. */
export function flagsOf({ verdict, cautions }: ReportedEstimate): string[] {
  return [
    ...verdict.checks.filter((c) => c.answer === "warn").map((c) => c.name),
    ...cautions.map((c) => c.code),
  ];
}

/** Statistics of the pixel gain G, a line for each estimate; comma-separated, with a header line. */
export function gainStatisticsCsv(estimates: readonly ReportedEstimate[]): string {
  const lines = estimates.map((e) => {
    const s = e.statistics;
    return [
      quoted(e.name),
      e.residual ? "residual" : "gain",
      e.parameters.method,
      ...[s.mean, s.std, s.min, s.max, s.p2_5, s.p25, s.p50, s.p75, s.p97_5].map(known),
      known(s.p97_5 / s.p2_5),
      known(s.max / s.p97_5),
      known(e.noiseFloor),
      known(e.signalStd),
      String(e.badPixels),
      String(e.counts.framesUsed.length),
      known(e.counts.total),
      known(e.counts.unitsPerElectron),
      String(e.iterations.length),
      e.verdict.answer,
      quoted(flagsOf(e).join(" ")),
    ].join(",");
  });
  return `${[COLUMNS.join(","), ...lines].join("\n")}\n`;
}

/**
 * `summary.txt` of the Scipion protocol (two lines for each movie), statistics of the pixel gain G,
 * followed by what the protocol does not say: noise and verdict.
 */
export function gainSummary(estimates: readonly ReportedEstimate[]): string {
  const lines = estimates.flatMap((e) => {
    const s = e.statistics;
    return [
      `${estimateTitle(e)}: mean=${six(s.mean)} std=${six(s.std)} [min=${six(s.min)},max=${six(s.max)}]`,
      `            2.5%=${six(s.p2_5)} 25%=${six(s.p25)} 50%=${six(s.p50)} 75%=${six(s.p75)} 97.5%=${six(s.p97_5)}`,
      ...(e.noiseFloor === null
        ? []
        : [
            `            noise=${six(e.noiseFloor)} signal=${six(e.signalStd ?? 0)} electrons/pixel=${e.counts.total.toPrecision(4)}`,
          ]),
      `            ${e.verdict.text}`,
    ];
  });
  return `${lines.join("\n")}\n`;
}

/** `summaryForMonitor.txt`: name, standard deviation, 2.5 and 97.5 percentiles, maximum of G. */
export function monitorLine(estimate: ReportedEstimate): string {
  const { std, p2_5, p97_5, max } = estimate.statistics;
  return `${estimateTitle(estimate)}: ${six(std)} ${six(p2_5)} ${six(p97_5)} ${six(max)}\n`;
}

/** The numbers of an estimate, for the command's last line and for the JSON export. */
export function estimateNumbers(estimate: ReportedEstimate): Record<string, unknown> {
  const { statistics: s, counts, verdict } = estimate;
  return {
    ...s,
    spread: s.p97_5 / s.p2_5,
    peak: s.max / s.p97_5,
    noiseFloor: estimate.noiseFloor,
    signalStd: estimate.signalStd,
    pixelSignal: estimate.pixelSignal,
    lineSignal: estimate.lineSignal,
    badPixels: estimate.badPixels,
    verdict: verdict.answer,
    verdictText: verdict.text,
    scope: verdict.scope,
    flags: flagsOf(estimate),
    checks: verdict.checks,
    cautions: estimate.cautions,
    iterations: estimate.iterations,
    sigmas: estimate.sigmas,
    framesUsed: counts.framesUsed.length,
    framesPerGroup: counts.framesPerGroup,
    groups: counts.groups,
    unitsPerElectron: counts.unitsPerElectron,
    unitsSource: counts.unitsSource,
    electronsPerPixel: counts.total,
    chosen: estimate.chosen,
    comparison: estimate.comparison,
    structure: estimate.structure,
    badSources: estimate.badSources,
    seconds: estimate.seconds,
  };
}

/** An estimate as JSON with where it comes from: program, inputs, parameters, conventions. */
export function gainProvenance(
  estimate: ReportedEstimate,
  origin: {
    readonly inputs: readonly string[];
    readonly reference: string | null;
    readonly backend: string;
    /** ISO 8601. */
    readonly date: string;
  },
): string {
  return `${JSON.stringify(
    {
      program: "cryoloupe",
      version: APP_VERSION,
      ...origin,
      name: estimate.name,
      kind: estimate.residual ? "residual gain" : "gain",
      conventions: {
        gainFile: "multiplicative correction C = 1/G, mean 1 over good pixels, 0 at bad ones",
        statistics: "of the pixel gain G, mean 1 over good pixels",
        rows: "row 0 first, as in the MRC file",
      },
      limits: GAIN_LIMITS,
      parameters: estimate.parameters,
      // With the counts as they are: a session reads its estimates back from here.
      result: { ...estimateNumbers(estimate), counts: estimate.counts },
    },
    null,
    1,
  )}\n`;
}
