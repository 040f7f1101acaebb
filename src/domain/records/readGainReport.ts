import type { GainStatistics } from "../gain.ts";
import type { ReportedEstimate } from "../gainEstimate.ts";

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const STATISTICS: readonly (keyof GainStatistics)[] = [
  ...(["mean", "std", "min", "max"] as const),
  ...(["p2_5", "p25", "p50", "p75", "p97_5"] as const),
];

/**
 * The numbers of an estimate from the JSON that stands beside its pixels (`formats/gainReports`), so that
 * another visit, or another program, need not make it again.
 * @returns null where the file says less than an estimate is
 */
export function readGainReport(text: string): ReportedEstimate | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(json) || json.program !== "cryoloupe") return null;
  const { name, kind, parameters, result } = json;
  if (typeof name !== "string" || !isObject(parameters) || !isObject(result)) return null;
  const { counts, verdict, verdictText, scope, checks, cautions, iterations, badPixels } = result;
  const numbers = STATISTICS.map((key) => result[key]);
  if (!numbers.every((value) => typeof value === "number")) return null;
  if (typeof badPixels !== "number" || typeof verdict !== "string") return null;
  if (!isObject(counts) || !Array.isArray(counts.framesUsed)) return null;
  if (![checks, cautions, iterations].every(Array.isArray)) return null;
  const found = {
    name,
    parameters,
    residual: kind === "residual gain",
    statistics: Object.fromEntries(STATISTICS.map((key, i) => [key, numbers[i]])),
    badPixels,
    badSources: result.badSources ?? null,
    noiseFloor: result.noiseFloor ?? null,
    signalStd: result.signalStd ?? null,
    pixelSignal: result.pixelSignal ?? null,
    lineSignal: result.lineSignal ?? null,
    verdict: { answer: verdict, scope, checks, text: verdictText },
    iterations,
    sigmas: result.sigmas ?? [],
    cautions,
    counts,
    comparison: result.comparison ?? null,
    structure: result.structure ?? null,
    chosen: result.chosen ?? [],
    seconds: result.seconds ?? 0,
  };
  return found as unknown as ReportedEstimate;
}
