import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { toFailure } from "#src/domain/errors.ts";
import type { MicrographResult } from "#src/domain/preprocessPreview.ts";
import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import { RESULT_FILES, resultPath } from "#src/domain/records/resultLayout.ts";
import { parseSessionFile } from "#src/domain/records/sessionFile.ts";
import { PROCESSED_TABLE, readProcessed } from "#src/domain/records/readProcessed.ts";
import type { MotionLine, PreprocessLine } from "./sessionJournal.ts";
import type { MovieTurn } from "./movieStage.ts";

/** What the page has left in a results folder. */
export interface PageSession {
  /** By id; none where the page has not worked. */
  readonly records: ReadonlyMap<string, MovieRecord>;
  /** As the page set them; null = not told. */
  readonly settings: Readonly<Record<string, unknown>> | null;
}

export const NO_PAGE: PageSession = { records: new Map(), settings: null };

/** The session.json that the page wrote into the results folder. */
export async function readPageSession(
  folder: string,
  say: (line: string) => void,
): Promise<PageSession> {
  const path = join(folder, RESULT_FILES.session);
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return NO_PAGE;
  try {
    const { writtenBy, records, settings } = parseSessionFile(text, RESULT_FILES.session);
    // What the command wrote is in its journal.
    if (writtenBy !== "page") return NO_PAGE;
    return { records: new Map(records.map((record) => [record.id, record])), settings };
  } catch (error) {
    // A summary of an older command says nothing that the journal does not; a damaged one is written anew.
    if (!text.includes('"estimates"')) say(toFailure(error).message);
    return NO_PAGE;
  }
}

/** A motion that the page has made with the same settings and whose files are all there, as a line of the journal. */
export function motionOfPage(
  { movie }: MovieTurn,
  folder: string,
  record: MovieRecord | undefined,
  keys: { readonly own: string; readonly page: readonly string[] },
): MotionLine | null {
  const made = record?.steps.motion;
  if (record === undefined || made?.failure !== null || !keys.page.includes(made.key)) return null;
  const { corrected, track, base, metrics } = record;
  if (corrected === undefined || track === null || base === undefined) return null;
  const start = resultPath("aligned", "");
  if (made.files.length === 0 || !made.files.every((file) => file.startsWith(start))) return null;
  if (!made.files.every((file) => existsSync(join(folder, file)))) return null;
  const files = made.files.map((file) => file.slice(start.length));
  const named = (name: string): string => join(folder, start, name);
  const { driftA, earlyA, lateA, localRmsA } = metrics;
  return {
    step: "motion",
    movie: movie.id,
    key: keys.own,
    at: made.at,
    seconds: made.seconds,
    base,
    row: {
      ...corrected,
      micrographName: named(corrected.micrographName),
      unweightedName: corrected.unweightedName === null ? null : named(corrected.unweightedName),
      metadataName: named(corrected.metadataName),
      globalX: track.x,
      globalY: track.y,
    },
    json: {
      file: movie.path,
      globalShifts: track.x.map((x, t) => [x, track.y[t]]),
      seconds: made.seconds,
      flags: made.flags,
      files,
      madeBy: "page",
    },
    metrics: { driftA, earlyA, lateA, localRmsA },
    track,
    ...(record.micrograph === undefined ? {} : { micrograph: record.micrograph }),
    files,
    flags: made.flags,
  };
}

/** What the page has made of corrected micrographs, by the path in the folder; empty where nothing tells it. */
export async function processedInFolder(
  folder: string,
): Promise<ReadonlyMap<string, MicrographResult>> {
  const path = join(folder, resultPath("micrographs", PROCESSED_TABLE));
  return readProcessed(await readFile(path, "utf8").catch(() => ""));
}

/** A micrograph that the page has preprocessed with the same settings and whose file is there, for the journal. */
export function processedOfPage(
  { movie }: MovieTurn,
  folder: string,
  record: MovieRecord | undefined,
  processed: ReadonlyMap<string, MicrographResult>,
  keys: { readonly own: string; readonly page: readonly string[] },
): PreprocessLine | null {
  const made = record?.steps.preprocess;
  if (made?.failure !== null || !keys.page.includes(made.key)) return null;
  const [file] = made.files;
  const result = processed.get(file);
  if (result === undefined || !existsSync(join(folder, file))) return null;
  const start = resultPath("micrographs", "");
  const input = join(folder, resultPath("aligned", basename(result.input)));
  return {
    step: "preprocess",
    movie: movie.id,
    key: keys.own,
    at: made.at,
    seconds: made.seconds,
    result: { ...result, fileId: input, input, output: file.slice(start.length) },
  };
}
