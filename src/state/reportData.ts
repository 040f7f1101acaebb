import { canonicalPose } from "#src/math/pose.ts";
import { poseName } from "#src/math/poseDecision.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import { preprocessSummary } from "#src/domain/preprocessText.ts";
import type { StepName } from "#src/domain/records/movieRecord.ts";
import { MOVIE_STEP_NAMES } from "#src/domain/records/movieRecord.ts";
import { gainParameterPairs, motionParameterPairs } from "#src/domain/records/parameterText.ts";
import type {
  ReportAcquisition,
  ReportGain,
  ReportPart,
  ReportPicture,
  ReportSampling,
  SessionReportData,
} from "#src/domain/records/sessionReport.ts";
import { MOVIE_FORMAT_NAMES } from "#src/domain/movie.ts";
import type { MovieFormat, MovieHeader } from "#src/domain/movie.ts";
import { APP_VERSION } from "#src/domain/version.ts";
import type { SessionDb } from "#src/platform/sessionDb.ts";
import type { AppState } from "./appState.ts";
import { gainAppliedIn } from "./gainApplied.ts";
import { COMBINED } from "./gainSlice.ts";
import { recipeOf } from "./micrographSlice.ts";
import { allRows } from "./overviewModel.ts";
import { moviesOf } from "./sessionState.ts";

/** The value that all share, or null. */
function common<T>(values: readonly T[]): T | null {
  const [first] = values;
  return values.length > 0 && values.every((value) => value === first) ? first : null;
}

/** Corrected micrographs of this visit, and of earlier ones. */
function micrographsMade({ motion, project }: AppState): readonly { doseWeighted: boolean }[] {
  return [
    ...Object.values(motion.reports).map(({ micrograph }) => micrograph),
    ...Object.values(project.records).flatMap(({ micrograph }) => micrograph ?? []),
  ];
}

const nameOfFormat = (format: MovieFormat | null): string | null =>
  format === null ? null : MOVIE_FORMAT_NAMES[format];

function acquisitionOf(state: AppState): ReportAcquisition {
  const { session, motion } = state;
  const headers = moviesOf(session).flatMap(({ header }) => (header === null ? [] : [header]));
  const of = <K extends keyof MovieHeader>(key: K): MovieHeader[K] | null =>
    common(headers.map((header) => header[key]));
  const { dosePerFrame, voltageKv, doseWeighting } = motion.parameters;
  return {
    format: nameOfFormat(of("format")),
    width: of("width"),
    height: of("height"),
    frames: of("frames"),
    pixelSizeA: of("pixelSizeA"),
    dosePerFrame: dosePerFrame ?? of("dosePerFrame"),
    voltageKv: doseWeighting && micrographsMade(state).length > 0 ? voltageKv : null,
  };
}

function orientationText({ orientation, session, gain }: AppState): string | null {
  const { report } = orientation;
  if (session.reference === null) return null;
  if (report?.reference === session.reference && report.best !== null) {
    const name = `${poseName(canonicalPose(report.best))}${report.best.inverted ? ", inverted" : ""}`;
    const score = report.best.score === null ? "" : `, score ${report.best.score.toFixed(1)}`;
    const margin = report.margin === null ? "" : `, margin ${report.margin.toFixed(1)}`;
    return `${name}${score}${margin} standard errors, ${report.confident ? "confident" : "not confident"}`;
  }
  const { rotation90, flip, inverted } = gain.orientation;
  return rotation90 === 0 && flip === "none" && !inverted
    ? null
    : `set by hand: ${rotation90 * 90}° clockwise, flip ${flip}${inverted ? ", inverted" : ""}`;
}

/** The estimate that stands for the session: all together, else the first residual, else the first. */
function standing({ gain }: AppState): GainReport | null {
  const reports = Object.values(gain.reports);
  return (
    gain.reports[COMBINED] ?? reports.find(({ residual }) => residual) ?? reports.at(0) ?? null
  );
}

/** What the browser's database keeps of results. */
export type KeptReports = Pick<SessionDb, "report">;

/** The same, from the database where this visit has made none; null = there is none. */
export async function gainForReport(
  state: AppState,
  kept: KeptReports,
): Promise<GainReport | null> {
  const here = standing(state);
  const { id: session, order, records } = state.project;
  if (here !== null || session === null) return here;
  for (const id of order) {
    if (records[id]?.steps.gain?.failure !== null) continue;
    const report = await kept.report(session, id, "gain").catch(() => null);
    if (report !== null) return report as GainReport;
  }
  return null;
}

/** What the gain that motion applies was estimated from; null = it was given, or there is none. */
function estimatedGainOf({ session, motion }: AppState): string | null {
  const { reference, estimates } = session;
  if (reference === null || !motion.parameters.useReference) return null;
  return estimates[reference]?.of ?? null;
}

function gainOf(state: AppState, report: GainReport | null): ReportGain | null {
  if (report === null) return null;
  const { session } = state;
  return {
    reference: session.files.find(({ id }) => id === session.reference)?.name ?? null,
    orientation: orientationText(state),
    residual: report.residual,
    of: report.movies.length > 1 ? `${report.movies.length} movies` : report.name,
    verdict: report.verdict,
    statistics: report.statistics,
    noiseFloor: report.noiseFloor,
    signalStd: report.signalStd,
    histogram: report.histogram,
    flatHistogram: report.flatHistogram,
    method: report.parameters.method,
  };
}

function samplingOf({ sampling }: AppState): ReportSampling | null {
  const { sample, table, options } = sampling;
  if (sample === null) return null;
  return {
    table: table?.files.join(", ") ?? "",
    summary: sample.summary,
    seed: options.seed,
    bins: sample.bins,
  };
}

/** Names the browser without its version numbers of everything. */
function hostName(): string {
  const agent = navigator.userAgent;
  const found = /(Firefox|Edg|Chrome|Version)\/(\d+)/.exec(agent);
  if (found === null) return "in the browser";
  const names: Record<string, string> = { Edg: "Edge", Version: "Safari" };
  return `in ${names[found[1]] ?? found[1]} ${found[2]}`;
}

/** Everything that a report of the session as it stands is made from. */
export function reportData(
  state: AppState,
  pictures: readonly ReportPicture[],
  leaveOut: readonly ReportPart[],
  gainReport: GainReport | null,
  hashOf: (id: string) => string | null = (id) => state.project.records[id]?.sha256 ?? null,
): SessionReportData {
  const { gain, motion, micrograph, session, project, backend, orientation, sampling } = state;
  const records = Object.values(project.records);
  const done = (step: StepName): boolean =>
    records.some(({ steps }) =>
      step === "orientation" || step === "sampling" ? false : steps[step]?.failure === null,
    );
  const seconds: Partial<Record<StepName, number>> = {};
  for (const step of MOVIE_STEP_NAMES) {
    const sum = records.reduce((all, { steps }) => all + (steps[step]?.seconds ?? 0), 0);
    if (sum > 0) seconds[step] = sum;
  }
  const gains = Object.values(gain.reports);
  const gainDone = gains.length > 0 || done("gain");
  const motionDone = Object.keys(motion.reports).length > 0 || done("motion");
  const preprocessed = Object.keys(micrograph.results).length > 0 || done("preprocess");
  const operations = preprocessSummary(recipeOf(micrograph.form));
  const now = new Date();
  const parameters: SessionReportData["parameters"][number][] = [];
  if (gainDone) parameters.push({ step: "gain", pairs: gainParameterPairs(gain.parameters) });
  if (motionDone)
    parameters.push({
      step: "motion",
      pairs: motionParameterPairs(motion.parameters, gainAppliedIn(state)),
    });
  if (preprocessed)
    parameters.push({
      step: "preprocess",
      pairs: operations.map((text, i) => [String(i + 1), text] as const),
    });
  if (sampling.sample !== null) {
    const { count, bins, minImages, seed } = sampling.options;
    parameters.push({
      step: "sampling",
      pairs: [
        ["Wanted", String(count)],
        ["Bins", String(bins)],
        ["Minimum of estimates", String(minImages)],
        ["Seed", String(seed)],
      ],
    });
  }
  return {
    name: session.name,
    at: now.getTime(),
    zone: now.getTimezoneOffset(),
    simulated: session.files.some((file) => file.simulated),
    rows: allRows(state),
    thresholds: project.thresholds,
    acquisition: acquisitionOf(state),
    gain: gainOf(state, gainReport),
    sampling: samplingOf(state),
    pictures,
    parameters,
    provenance: {
      version: APP_VERSION,
      backend: backend.info?.kind ?? "none",
      device: backend.info?.name ?? "",
      host: hostName(),
      inputs: session.files.map(({ id, path, size }) => ({
        ...{ name: path, bytes: size, sha256: hashOf(id) },
      })),
      seconds,
    },
    methods: {
      gainMethod: gainDone ? (gains.at(0)?.parameters ?? gain.parameters).method : null,
      oriented: orientation.report !== null && estimatedGainOf(state) === null,
      aligned: motionDone,
      gainApplied: motionDone ? gainAppliedIn(state) : null,
      localMotion: allRows(state).some(({ metrics }) => (metrics.localRmsA ?? 0) > 0),
      doseWeighted: micrographsMade(state).some((made) => made.doseWeighted),
      flexalignParity: motion.parameters.parity,
      preprocessed: preprocessed ? operations.map((text) => text.replace(/\.$/, "")) : [],
      sampled: sampling.sample !== null,
    },
    leaveOut,
  };
}
