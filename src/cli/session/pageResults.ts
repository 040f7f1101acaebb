import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { toFailure } from "#src/domain/errors.ts";
import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import { RESULT_FILES, resultPath } from "#src/domain/records/resultLayout.ts";
import { parseSessionFile } from "#src/domain/records/sessionFile.ts";
import type { MotionLine } from "./sessionJournal.ts";
import type { MovieTurn } from "./movieStage.ts";
import { pageMovieId } from "./sessionRecords.ts";

/** Records of a session.json that the page wrote into the results folder, by id; none where there is none. */
export async function pageRecords(
  folder: string,
  say: (line: string) => void,
): Promise<ReadonlyMap<string, MovieRecord>> {
  const path = join(folder, RESULT_FILES.session);
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return new Map();
  try {
    const { writtenBy, records } = parseSessionFile(text, RESULT_FILES.session);
    // What the command wrote is in its journal.
    if (writtenBy !== "page") return new Map();
    return new Map(records.map((record) => [record.id, record]));
  } catch (error) {
    // A summary of an older command says nothing that the journal does not; a damaged one is written anew.
    if (!text.includes('"estimates"')) say(toFailure(error).message);
    return new Map();
  }
}

/** A motion that the page has made with the same settings and whose files are all there, as a line of the journal. */
export function motionOfPage(
  { movie }: MovieTurn,
  place: { readonly directory: string; readonly folder: string },
  records: ReadonlyMap<string, MovieRecord>,
  keys: { readonly own: string; readonly page: readonly string[] },
): MotionLine | null {
  const record = records.get(pageMovieId(movie, place.directory));
  const made = record?.steps.motion;
  if (record === undefined || made?.failure !== null || !keys.page.includes(made.key)) return null;
  const { corrected, track, base, metrics } = record;
  if (corrected === undefined || track === null || base === undefined) return null;
  const start = resultPath("aligned", "");
  if (made.files.length === 0 || !made.files.every((file) => file.startsWith(start))) return null;
  if (!made.files.every((file) => existsSync(join(place.folder, file)))) return null;
  const files = made.files.map((file) => file.slice(start.length));
  const named = (name: string): string => join(place.folder, start, name);
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
    files,
    flags: made.flags,
  };
}
