import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { MOVIE_FORMAT_NAMES } from "#src/domain/movie.ts";
import type { BackendInfo } from "#src/compute/backend.ts";
import type { AppliedGain } from "#src/domain/records/appliedGain.ts";
import type { OverviewRow, SessionThresholds, StepName } from "#src/domain/records/movieRecord.ts";
import type {
  ReportAcquisition,
  ReportGain,
  ReportMethods,
  ReportPairs,
  ReportPicture,
  ReportSampling,
  SessionReportData,
} from "#src/domain/records/sessionReport.ts";
import { APP_VERSION } from "#src/domain/version.ts";
import { preprocessSummary } from "#src/domain/preprocessText.ts";
import { openImage } from "#src/formats/reference/openImage.ts";
import { gainHistogram } from "#src/math/gainHistogram.ts";
import { quantileOfSorted, summarize } from "#src/math/pictureSummary.ts";
import { poseName } from "#src/math/poseDecision.ts";
import { resample } from "#src/math/resample.ts";
import { openNodeFile } from "../nodeByteSource.ts";
import type { SessionGain } from "./gainStage.ts";
import type { HashedInput } from "./inputHashes.ts";
import type { MovieTurn } from "./movieStage.ts";
import type { MotionLine, MovieGainLine } from "./sessionJournal.ts";
import type { SessionParameters } from "./sessionParameters.ts";
import type { SessionSample } from "./sessionSampling.ts";

/** What a session knows when its report is made. */
export interface ReportFacts {
  readonly name: string;
  readonly folder: string;
  readonly parameters: SessionParameters;
  readonly turns: readonly MovieTurn[];
  readonly rows: readonly OverviewRow[];
  readonly gain: SessionGain | null;
  readonly gains: readonly MovieGainLine[];
  readonly motions: readonly MotionLine[];
  readonly sample: SessionSample;
  readonly gainApplied: AppliedGain | null;
  readonly thresholds: SessionThresholds;
  readonly backend: BackendInfo | null;
  readonly inputs: readonly HashedInput[];
  readonly seconds: Readonly<Partial<Record<StepName, number>>>;
}

/** The report's data, from the journal and from files that were written. */
export async function sessionReportData(facts: ReportFacts): Promise<SessionReportData> {
  const { parameters, gains, sample, backend, turns } = facts;
  const last = gains.findLast((line) => line.estimate.residual) ?? gains.at(-1);
  return {
    name: facts.name,
    at: Date.now(),
    zone: new Date().getTimezoneOffset(),
    simulated: false,
    rows: facts.rows,
    thresholds: facts.thresholds,
    acquisition: acquisitionOf(turns, parameters, doseWeighted(facts.motions)),
    gain: last === undefined ? null : await gainOf(facts, last),
    sampling: samplingOf(parameters, sample),
    pictures: await picturesOf(facts),
    parameters: parametersOf(parameters, facts.gainApplied),
    provenance: {
      version: APP_VERSION,
      backend: backend?.kind ?? "",
      device: backend?.name ?? "",
      host: `cryoloupe session, ${availableParallelism()} cores`,
      inputs: facts.inputs.map(({ path, bytes, sha256 }) => ({ name: path, bytes, sha256 })),
      seconds: facts.seconds,
    },
    methods: methodsOf(facts),
    leaveOut: [],
  };
}

/** What all movies share. */
function acquisitionOf(
  turns: readonly MovieTurn[],
  { alignValues, voltageKv }: SessionParameters,
  weighted: boolean,
): ReportAcquisition {
  const headers = turns.map((turn) => turn.movie.header);
  const shared = <T>(values: readonly T[]): T | null =>
    values.length > 0 && values.every((v) => v === values[0]) ? values[0] : null;
  const dose = alignValues?.get("dose");
  const format = shared(headers.map((h) => h.format));
  return {
    format: format === null ? null : MOVIE_FORMAT_NAMES[format],
    width: shared(headers.map((h) => h.width)),
    height: shared(headers.map((h) => h.height)),
    frames: shared(headers.map((h) => h.frames)),
    pixelSizeA: shared(headers.map((h) => h.pixelSizeA)),
    dosePerFrame: dose === undefined ? shared(headers.map((h) => h.dosePerFrame)) : Number(dose),
    voltageKv: weighted || alignValues?.has("kv") === true ? voltageKv : null,
  };
}

/** The last check of the gain, with its histogram from the file that was written. */
async function gainOf(
  { folder, gain, parameters }: ReportFacts,
  { estimate }: MovieGainLine,
): Promise<ReportGain | null> {
  const kind = estimate.residual ? "residual_gain" : "gain";
  const path = join(folder, "gain", `${estimate.name}_${kind}.mrc`);
  try {
    const { pixels, width, height } = await openImage(await openNodeFile(path));
    const bad = Uint8Array.from(pixels, (c) => (c > 0 ? 0 : 1));
    const values = pixelGain(pixels, bad);
    const { histogram: range } = summarize({ width, height, data: values, bad });
    const { histogram, flat } = gainHistogram(values, bad, range, estimate.noiseFloor);
    const { provenance } = gain ?? {};
    return {
      reference: provenance?.reference ?? null,
      orientation:
        provenance?.source === "oriented" && provenance.pose !== null
          ? `${poseName(provenance.pose)}${provenance.pose.inverted ? ", inverted" : ""}, found from the movies`
          : null,
      residual: estimate.residual,
      of: estimate.name,
      verdict: estimate.verdict,
      statistics: estimate.statistics,
      noiseFloor: estimate.noiseFloor,
      signalStd: estimate.signalStd,
      histogram,
      flatHistogram: flat,
      method: parameters.gainValues.get("method") ?? estimate.parameters.method,
    };
  } catch {
    // Without its file the estimate's numbers still stand in the tables.
    return null;
  }
}

/** G = 1/C with mean 1 over good pixels. */
function pixelGain(correction: Float32Array, bad: Uint8Array): Float32Array<ArrayBuffer> {
  const values = Float32Array.from(correction, (c, i) => (bad[i] === 0 ? 1 / c : 0));
  let sum = 0;
  let good = 0;
  for (let i = 0; i < values.length; i++)
    if (bad[i] === 0) {
      sum += values[i];
      good++;
    }
  const scale = good > 0 ? good / sum : 1;
  return values.map((v) => v * scale);
}

function samplingOf({ sample }: SessionParameters, { json }: SessionSample): ReportSampling | null {
  if (sample === null || json === null) return null;
  return {
    table: sample.tables.map((path) => basename(path)).join(", "),
    summary: String(json.summary),
    seed: Number(json.seed),
    bins: json.perBin as ReportSampling["bins"],
  };
}

/** Longer side of a printed picture, px. */
const PICTURE = 480;

/** A micrograph of ordinary motion and its power spectra. */
async function picturesOf({ motions, folder }: ReportFacts): Promise<ReportPicture[]> {
  const known = motions.filter((line) => line.metrics.driftA != null);
  const sorted = [...known].sort((a, b) => (a.metrics.driftA ?? 0) - (b.metrics.driftA ?? 0));
  const typical = sorted.at(Math.floor(sorted.length / 2)) ?? motions.at(0);
  if (typical === undefined) return [];
  const wanted = [
    {
      file: typical.files.find((f) => f.endsWith("_aligned.mrc")),
      title: "Micrograph",
      caption: `${typical.base}, aligned; typical in its motion.`,
      trim: 0.005,
    },
    {
      file: typical.files.find((f) => f.endsWith("_psd.mrc")),
      title: "Power spectrum",
      caption: `${typical.base}: left before the alignment, right after it.`,
      trim: 0.02,
    },
  ];
  const pictures: ReportPicture[] = [];
  for (const { file, title, caption, trim } of wanted) {
    if (file === undefined) continue;
    try {
      const image = await openImage(await openNodeFile(join(folder, "aligned", file)));
      const data = title === "Power spectrum" ? image.pixels.map(Math.log1p) : image.pixels;
      pictures.push({ title, caption, ...inGrey(data, image.width, image.height, trim) });
    } catch {
      // A file that was moved away is no reason to go without a report.
    }
  }
  return pictures;
}

/** An image in 8-bit grey between two percentiles, no longer than a printed picture. */
function inGrey(
  data: Float32Array<ArrayBuffer>,
  width: number,
  height: number,
  trim: number,
): Pick<ReportPicture, "width" | "height" | "grey"> {
  const step = Math.max(1, Math.max(width, height) / PICTURE);
  const columns = Math.max(1, Math.round(width / step));
  const rows = Math.max(1, Math.round(height / step));
  const view = { x: 0, y: 0, width, height, columns, rows };
  const { values } = resample({ width, height, data }, view);
  const sorted = values.slice().sort();
  const [low, high] = [quantileOfSorted(sorted, trim), quantileOfSorted(sorted, 1 - trim)];
  const scale = high > low ? 255 / (high - low) : 0;
  const grey = Uint8Array.from(values, (v) =>
    Math.max(0, Math.min(255, Math.round((v - low) * scale))),
  );
  return { width: columns, height: rows, grey };
}

function parametersOf(
  parameters: SessionParameters,
  applied: AppliedGain | null,
): SessionReportData["parameters"] {
  const given = (values: ReadonlyMap<string, string>): ReportPairs =>
    [...values].map(([name, value]) => [name, value === "" ? "on" : value] as const);
  const orDefaults = (pairs: ReportPairs): ReportPairs =>
    pairs.length > 0 ? pairs : [["all", "defaults"]];
  return [
    {
      step: "gain" as const,
      pairs: [
        ...(["estimate", "orientation", "residual", "normalise"] as const).map(
          (name) => [name, parameters.switches[name] ? "on" : "off"] as const,
        ),
        ["movie step", String(parameters.movieStep)] as const,
        ...given(parameters.gainValues),
      ],
    },
    ...(parameters.alignValues === null
      ? []
      : [
          {
            step: "motion" as const,
            pairs: [
              ...(applied === null ? [] : [["gain applied", applied.text] as const]),
              ...orDefaults(given(parameters.alignValues)),
            ],
          },
        ]),
    ...(parameters.recipe === null
      ? []
      : [
          {
            step: "preprocess" as const,
            pairs: preprocessSummary(parameters.recipe).map((s, i) => [`${i + 1}`, s] as const),
          },
        ]),
    ...(parameters.sample === null
      ? []
      : [{ step: "sampling" as const, pairs: orDefaults(given(parameters.sample.values)) }]),
  ];
}

const doseWeighted = (motions: readonly MotionLine[]): boolean =>
  motions.some((line) => line.files.some((file) => file.endsWith("_DW.mrc")));

function methodsOf(facts: ReportFacts): ReportMethods {
  const { parameters, gain, gains, motions, sample } = facts;
  const { alignValues, recipe } = parameters;
  return {
    gainMethod: gains.at(-1)?.estimate.parameters.method ?? null,
    oriented: gain?.provenance?.source === "oriented",
    aligned: motions.length > 0,
    gainApplied: motions.length > 0 ? facts.gainApplied : null,
    localMotion: motions.some((line) => Number(line.json.localRmsPx) > 0),
    doseWeighted: doseWeighted(motions),
    flexalignParity: alignValues?.get("parity") === "xmipp",
    preprocessed: recipe === null ? [] : preprocessSummary(recipe),
    sampled: sample.sampled.size > 0,
  };
}
