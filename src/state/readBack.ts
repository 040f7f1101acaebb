import type { GainReport } from "#src/domain/gainReport.ts";
import type { MotionReport } from "#src/domain/motionReport.ts";
import type { MovieRecord, MovieStepName } from "#src/domain/records/movieRecord.ts";
import { keptGainName, reducedSize } from "#src/domain/picture.ts";
import { gainEstimateName, resultPath } from "#src/domain/records/resultLayout.ts";
import type { SessionDb } from "#src/platform/sessionDb.ts";
import type { PicturePlace } from "#workers/contracts.ts";
import type { AppState } from "./appState.ts";
import { picturesOfFile } from "./folderResults.ts";

/** What the browser's database and the results folder hold of results. */
export interface KeptResults {
  readonly db: Pick<SessionDb, "report" | "details">;
  /** A file of the results folder by its path there; null = it is not there, or there is no folder. */
  readonly read: (path: string) => Promise<File | null>;
}

/** A picture of a corrected movie: how the names of its file end, which image of it, what of its values. */
interface MotionFile {
  readonly ending: string;
  readonly section: number;
  readonly values: PicturePlace["values"];
}

const MOTION_FILES: Readonly<Partial<Record<string, MotionFile>>> = {
  /** Written nowhere: only the browser's own storage has it. */
  small: { ending: "", section: 0, values: "stored" },
  after: { ending: "_aligned.mrc", section: 0, values: "stored" },
  weighted: { ending: "_aligned_DW.mrc", section: 0, values: "stored" },
  "psd/reading/before": { ending: "_psd_reading.mrcs", section: 0, values: "stored" },
  "psd/reading/after": { ending: "_psd_reading.mrcs", section: 1, values: "stored" },
  "psd/protocol/before": { ending: "_psd_before.mrc", section: 0, values: "decibels" },
  "psd/protocol/after": { ending: "_psd_after.mrc", section: 0, values: "decibels" },
};

const MOTION_PICTURE =
  /^motion\/(?<movie>.+?)\/(?<name>before|after|weighted|small|psd\/(?:reading|protocol)\/(?:before|after))$/;
const GAIN_PICTURE = /^gain\/(?<movie>.+)\/(?<set>estimated|residual)\/\d+\/(?<what>G|C)$/;

const NOWHERE: PicturePlace = {
  ...{ file: null, missing: "", section: 0, values: "stored", width: 0, height: 0 },
  ...{ print: null, shelf: null },
};
const UNALIGNED =
  "The sum of frames as recorded is neither written nor kept, so that before and after can be compared only while both are in memory.";

/** A full report of a movie's step: from memory, else from the database. */
export async function reportOf(
  state: AppState,
  { db }: Pick<KeptResults, "db">,
  id: string,
  step: "motion" | "gain",
): Promise<unknown> {
  const { project, motion, gain } = state;
  const here = step === "motion" ? motion.reports[id] : gain.reports[id];
  if (here !== undefined) return here;
  if (project.id === null || project.records[id]?.steps[step]?.failure !== null) return null;
  return await db.report(project.id, id, step).catch(() => null);
}

/** Names of the files of a movie's step: in the record, or put away with its details. */
async function filesOf(
  { project }: AppState,
  { db }: Pick<KeptResults, "db">,
  record: MovieRecord,
  step: MovieStepName,
): Promise<readonly string[]> {
  const own = record.steps[step]?.files ?? [];
  if (own.length > 0 || project.id === null) return own;
  const details = await db.details(project.id, record.id).catch(() => null);
  return details?.files[step] ?? [];
}

async function fileAt(
  path: string | undefined,
  { project }: AppState,
  { read }: Pick<KeptResults, "read">,
): Promise<Pick<PicturePlace, "file" | "missing">> {
  if (path === undefined) return { file: null, missing: "" };
  const { kind, name } = project.results;
  if (kind === "permission")
    return {
      file: null,
      missing: `${path} is in ${name ?? "the results folder"}, which the browser has to be asked for again: choose “Allow the folder” in the run plan.`,
    };
  const content = await read(path).catch(() => null);
  if (content !== null) return { file: { path, content }, missing: "" };
  const missing =
    kind === "folder"
      ? `${path} is no longer in ${name ?? "the results folder"}.`
      : `${path} was written into a place that is not open now.`;
  return { file: null, missing };
}

/** The micrograph of a movie that the command has corrected: there is no report of it, but its file. */
async function commandsMicrograph(
  state: AppState,
  kept: KeptResults,
  record: MovieRecord,
  name: string,
): Promise<PicturePlace | null> {
  const { micrograph, steps } = record;
  if (micrograph === undefined || steps.motion?.failure !== null) return null;
  if (name !== "after" && name !== "weighted") return null;
  const known = MOTION_FILES[name];
  const files = await filesOf(state, kept, record, "motion");
  const path = files.find((file) => known !== undefined && file.endsWith(known.ending));
  if (path === undefined) return null;
  const { width, height } = micrograph;
  return { ...NOWHERE, ...(await fileAt(path, state, kept)), width, height };
}

/**
 * Where a stored picture can be read again that is not in the worker's memory; null = of no result that is
 * written or kept. Sums of frames that were not aligned are written nowhere.
 */
export async function placeOfPicture(
  state: AppState,
  kept: KeptResults,
  picture: string,
): Promise<PicturePlace | null> {
  const { project } = state;
  const motion = MOTION_PICTURE.exec(picture)?.groups;
  if (motion !== undefined) {
    const { movie, name } = motion;
    const record = project.records[movie];
    const known = MOTION_FILES[name];
    const report = (await reportOf(state, kept, movie, "motion")) as MotionReport | null;
    if (record === undefined) return null;
    if (report === null) return await commandsMicrograph(state, kept, record, name);
    if (known === undefined) return { ...NOWHERE, missing: UNALIGNED };
    const spectrum = /^psd\/(reading|protocol)/.exec(name)?.[1] as
      "reading" | "protocol" | undefined;
    const side = spectrum === undefined ? null : (report.spectra?.[spectrum].size ?? 0);
    const files = await filesOf(state, kept, record, "motion");
    const { width, height } =
      name === "small"
        ? reducedSize(report.micrograph.width, report.micrograph.height)
        : { width: side ?? report.micrograph.width, height: side ?? report.micrograph.height };
    const at =
      known.ending === "" ? -1 : report.files.findIndex((file) => file.name.endsWith(known.ending));
    return {
      ...(await fileAt(at < 0 ? undefined : files.at(at), state, kept)),
      ...{ section: known.section, values: known.values },
      ...{ width, height },
      print: report.prints?.[name] ?? null,
      shelf: project.id === null ? null : { session: project.id, movie, name },
    };
  }
  const gain = GAIN_PICTURE.exec(picture)?.groups;
  if (gain === undefined) return null;
  const { movie, set, what } = gain;
  const record = project.records[movie];
  const report = (await reportOf(state, kept, movie, "gain")) as GainReport | null;
  if (record === undefined) return null;
  // Of the command's there is no report, but the file.
  const pictures = report?.pictures ?? picturesOfFile(movie, set === "residual");
  const size = report ?? record.image;
  if (size === null || !picture.startsWith(`${pictures}/`)) return null;
  const files = await filesOf(state, kept, record, "gain");
  const wanted = resultPath("gain", gainEstimateName(record.base ?? "", set === "residual"));
  const path = files.find((file) => file.startsWith(wanted) && file.endsWith(".mrc"));
  return {
    ...(await fileAt(path, state, kept)),
    section: 0,
    values: what === "C" ? "correction" : "pixelGain",
    ...{ width: size.width, height: size.height, print: null },
    shelf:
      project.id === null ? null : { session: project.id, movie, name: keptGainName(pictures) },
  };
}

/** A file of a movie's motion where results are written, by the name in its report; null = it is not there. */
export async function writtenMotionFile(
  state: AppState,
  kept: KeptResults,
  id: string,
  name: string,
): Promise<File | null> {
  const record = state.project.records[id];
  const report = (await reportOf(state, kept, id, "motion")) as MotionReport | null;
  if (record === undefined || report === null) return null;
  const at = report.files.findIndex((file) => file.name === name);
  if (at < 0) return null;
  const path = (await filesOf(state, kept, record, "motion")).at(at);
  return path === undefined ? null : await kept.read(path).catch(() => null);
}
