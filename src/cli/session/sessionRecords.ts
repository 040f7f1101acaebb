import { sep } from "node:path";
import type { BackendInfo } from "#src/compute/backend.ts";
import { STEP_VERSIONS } from "#src/domain/records/movieRecord.ts";
import type { MovieRecord, MovieStepName, StepResult } from "#src/domain/records/movieRecord.ts";
import { NO_METRICS } from "#src/domain/records/metrics.ts";
import { gainEstimateName, resultPath } from "#src/domain/records/resultLayout.ts";
import { fileIdentity } from "#src/math/sessionKeys.ts";
import type { ListedMovie, MovieFailure } from "./movieFolder.ts";
import { pagePath } from "./pageTerms.ts";
import type { PageTerms } from "./pageTerms.ts";
import type { MotionLine, PreprocessLine } from "./sessionJournal.ts";
import { sessionRows } from "./sessionRows.ts";
import type { SessionFacts } from "./sessionRows.ts";

export interface RecordFacts extends SessionFacts {
  readonly directory: string;
  readonly terms: PageTerms;
  readonly processed: ReadonlyMap<string, PreprocessLine>;
  readonly backend: BackendInfo | null;
  readonly sha256: (movie: ListedMovie) => string | null;
  readonly print: (movie: ListedMovie) => string | null;
}

/** The id that the page has for a movie of the session's folder. */
export function pageMovieId(movie: ListedMovie, directory: string): string {
  return fileIdentity({
    path: pagePath(movie.path, directory),
    size: movie.size,
    lastModified: Math.floor(movie.modified),
  });
}

/** Without the folder, as the page names files of `aligned/` in its records. */
const nameOnly = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** The row of the table of corrected micrographs as records hold it. */
function correctedOf({ row }: MotionLine): NonNullable<MovieRecord["corrected"]> {
  const { globalX: _x, globalY: _y, ...rest } = row;
  return {
    ...rest,
    micrographName: nameOnly(row.micrographName),
    unweightedName: row.unweightedName === null ? null : nameOnly(row.unweightedName),
    metadataName: nameOnly(row.metadataName),
  };
}

/** The movies of the session as the page keeps them, in the order of acquisition, those that cannot be read last. */
export function sessionRecords(facts: RecordFacts): readonly MovieRecord[] {
  const { directory, terms, backend } = facts;
  const rows = new Map(sessionRows(facts).map((row) => [row.id, row]));
  const gains = new Map<string, SessionFacts["gains"][number]>();
  for (const line of facts.gains)
    if (line.estimate.residual || !gains.has(line.movie)) gains.set(line.movie, line);
  const result = (
    step: MovieStepName,
    made: Pick<StepResult, "at" | "seconds" | "flags" | "files">,
    failure: StepResult["failure"] = null,
  ): StepResult => {
    const beyond = step === "gain" ? terms.beyond.reading : terms.beyond.motion;
    return {
      key: terms.keys[step],
      at: made.at,
      seconds: Math.round(made.seconds * 1000) / 1000,
      backend: backend?.kind ?? "",
      flags: made.flags,
      files: made.files,
      failure,
      version: STEP_VERSIONS[step],
      ...(beyond.length === 0 ? {} : { terms: beyond }),
    };
  };
  const NONE = { at: 0, seconds: 0, flags: [], files: [] } as const;
  const read = facts.turns.map(({ movie, base }, order): MovieRecord => {
    const steps: Partial<Record<MovieStepName, StepResult>> = {};
    const gain = gains.get(movie.id);
    if (gain !== undefined) {
      const name = resultPath("gain", gainEstimateName(base, gain.estimate.residual));
      steps.gain = result("gain", {
        at: gain.at,
        seconds: gain.seconds,
        flags: gain.estimate.cautions.map(({ text }) => text),
        files: [`${name}.mrc`, `${name}.json`],
      });
    }
    const motion = facts.motions.get(movie.id);
    if (motion !== undefined)
      steps.motion = result("motion", {
        ...motion,
        files: motion.files.map((file) => resultPath("aligned", file)),
      });
    const made = facts.processed.get(movie.id);
    if (made !== undefined)
      steps.preprocess = result("preprocess", {
        ...made,
        flags: [],
        files: [resultPath("micrographs", made.result.output)],
      });
    const failed = facts.failed.get(movie.id);
    if (failed !== undefined && failed.of !== "reading")
      steps[failed.of] = result(failed.of, { ...NONE, at: failed.at }, failed.failure);
    const row = rows.get(movie.id);
    const { width, height, frames, pixelSizeA } = movie.header;
    const sha256 = facts.sha256(movie);
    const print = facts.print(movie);
    return {
      ...identity(pagePath(movie.path, directory), movie, order),
      base,
      hand: null,
      failure: null,
      metrics: row?.metrics ?? NO_METRICS,
      track: motion?.track ?? null,
      steps,
      ...(motion === undefined ? {} : { corrected: correctedOf(motion) }),
      ...(motion?.micrograph === undefined ? {} : { micrograph: motion.micrograph }),
      ...(sha256 === null ? {} : { sha256 }),
      ...(print === null ? {} : { print }),
      sampled: row?.sampled ?? false,
      image: { width, height, frames, pixelSizeA },
    };
  });
  const broken = facts.unreadable.map((failure, i): MovieRecord => {
    const { movie, id, path: _path, ...why } = failure;
    const [size, modified] = id.split("/").slice(-2).map(Number);
    const known = id !== movie && Number.isFinite(size) && Number.isFinite(modified);
    const file = known ? { size, modified } : { size: 0, modified: 0 };
    return {
      ...identity(movie.split(sep).join("/"), file, read.length + i),
      hand: null,
      failure: failureOf(why),
      metrics: NO_METRICS,
      track: null,
      steps: {},
      sampled: false,
      image: null,
    };
  });
  return [...read, ...broken];
}

function identity(
  path: string,
  { size, modified }: Pick<ListedMovie, "size" | "modified">,
  order: number,
): Pick<MovieRecord, "id" | "path" | "name" | "size" | "lastModified" | "order"> {
  const lastModified = Math.floor(modified);
  const id = fileIdentity({ path, size, lastModified });
  return { id, path, name: nameOnly(path), size, lastModified, order };
}

function failureOf(failure: Omit<MovieFailure, "movie" | "path" | "id">): MovieRecord["failure"] {
  const { code, message, file } = failure;
  return { code, message, ...(file === undefined ? {} : { file }) };
}
