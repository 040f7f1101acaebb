import type { MovieRecord, MovieStepName, StepResult } from "./movieRecord.ts";
import { MOVIE_STEP_NAMES } from "./movieRecord.ts";

/**
 * What of a movie's record grows with its frames and files, and is asked for only when tables are written.
 * It lies apart, so that a session of ten thousand movies holds about a kilobyte of each in memory.
 */
export interface RecordDetails {
  /** The whole track; a record without its details holds a sketch of it. */
  readonly track: MovieRecord["track"];
  readonly corrected: NonNullable<MovieRecord["corrected"]> | null;
  readonly files: Readonly<Partial<Record<MovieStepName, readonly string[]>>>;
}

/** Points of a sketched track: it is drawn 50 px wide. */
const SKETCH_POINTS = 16;

function sketched(track: MovieRecord["track"]): MovieRecord["track"] {
  if (track === null || track.x.length <= SKETCH_POINTS) return track;
  const last = track.x.length - 1;
  const places = Array.from({ length: SKETCH_POINTS }, (_, i) =>
    Math.round((i * last) / (SKETCH_POINTS - 1)),
  );
  return { x: places.map((i) => track.x[i]), y: places.map((i) => track.y[i]) };
}

/** One list for all: empty lists are not made anew for every movie. */
const NO_FILES: readonly string[] = [];

function withFiles(
  { steps }: MovieRecord,
  filesOf: (step: MovieStepName, result: StepResult) => readonly string[],
): MovieRecord["steps"] {
  const changed: Partial<Record<MovieStepName, StepResult>> = {};
  for (const step of MOVIE_STEP_NAMES) {
    const result = steps[step];
    if (result !== undefined) changed[step] = { ...result, files: filesOf(step, result) };
  }
  return changed;
}

/** The details that a record holds itself; null = none, as after {@link withoutDetails}. */
export function detailsOf({ track, corrected, steps }: MovieRecord): RecordDetails | null {
  const files: Partial<Record<MovieStepName, readonly string[]>> = {};
  for (const step of MOVIE_STEP_NAMES) {
    const named = steps[step]?.files ?? NO_FILES;
    if (named.length > 0) files[step] = named;
  }
  // A track comes with its row of the table; alone it may be a sketch.
  if (corrected === undefined && Object.keys(files).length === 0) return null;
  return { track: corrected === undefined ? null : track, corrected: corrected ?? null, files };
}

/**
 * Details that were put away, with newer ones over them. `step`: the one that was done just now, whose
 * files are those of the newer ones, be they none.
 */
export function mergedDetails(
  old: RecordDetails | null,
  fresh: RecordDetails | null,
  step: MovieStepName | null = null,
): RecordDetails | null {
  if (old === null) return fresh;
  const done: RecordDetails["files"] = step === null ? {} : { [step]: NO_FILES };
  const files = Object.fromEntries(
    Object.entries({ ...old.files, ...done, ...fresh?.files }).filter(([, all]) => all.length > 0),
  );
  return fresh === null || fresh.corrected === null
    ? { ...old, files }
    : { track: fresh.track, corrected: fresh.corrected, files };
}

/** The record as memory holds it: its numbers, states and sentences, and a sketch of its track. */
export function withoutDetails(record: MovieRecord): MovieRecord {
  const { corrected: _corrected, ...rest } = record;
  return { ...rest, track: sketched(record.track), steps: withFiles(record, () => NO_FILES) };
}

/** The whole record. What it holds itself is newer than what was put away. */
export function withDetails(record: MovieRecord, kept: RecordDetails | null): MovieRecord {
  const details = mergedDetails(kept, detailsOf(record));
  if (details === null) return record;
  const { track, corrected, files } = details;
  return {
    ...record,
    track: track ?? record.track,
    ...(corrected === null ? {} : { corrected }),
    steps: withFiles(record, (step) => files[step] ?? NO_FILES),
  };
}
