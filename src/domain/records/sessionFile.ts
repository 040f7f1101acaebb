import { CryoloupeError } from "../errors.ts";
import { NO_METRICS } from "./metrics.ts";
import type { MetricId, MetricValues } from "./metrics.ts";
import { METRIC_IDS } from "./metrics.ts";
import { MOVIE_STEP_NAMES } from "./movieRecord.ts";
import type { MovieRecord, MovieStepName, StepResult } from "./movieRecord.ts";
import { recordOfV1 } from "./sessionV1.ts";
import type { MovieV1 } from "./sessionV1.ts";

/**
 * Name by which session.json is known again, and the number of its shape. 1: movies inside, without files and
 * backend. 2: records, of the page only. 3: of page and command alike, with `writtenBy`, and with what a result
 * was made by where that is more than its key tells.
 */
export const SESSION_FORMAT = { format: "cryoloupe-session", schema: 3 } as const;

export type SessionWriter = "page" | "command";

/** What a session.json holds of use to a session. */
export interface SessionFileContent {
  readonly name: string;
  readonly writtenBy: SessionWriter;
  /** Of the program that wrote it; "" = not told. */
  readonly version: string;
  /** Everything that was set, as `src/state/sessionSettings.ts` writes it; parts that are no objects are left out. */
  readonly settings: Readonly<Record<string, unknown>> | null;
  readonly records: readonly MovieRecord[];
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function refuse(file: string, found: string, advice = ADVICE): CryoloupeError {
  return new CryoloupeError(
    "unsupported-format",
    `${file} is no session: a session.json of Cryoloupe was expected, ${found} was found. ${advice}`,
    { file },
  );
}

const ADVICE = "Choose the session.json of a results folder or of an export.";

/** A result as it must be at least: without a key nothing tells whether it holds. */
function resultOf(value: unknown, place: string, file: string): StepResult {
  if (!isObject(value) || typeof value.key !== "string")
    throw refuse(file, `a result without its key at ${place}`, DAMAGED);
  const given = value as Partial<StepResult> & { readonly key: string };
  const texts = (list: unknown): readonly string[] =>
    Array.isArray(list) ? list.filter((text) => typeof text === "string") : [];
  return {
    at: 0,
    seconds: 0,
    backend: "",
    ...given,
    flags: texts(given.flags),
    files: texts(given.files),
    failure: isObject(given.failure) ? given.failure : null,
  };
}

const DAMAGED = "The file is damaged; take it from the results folder again.";

/** Numbers that are numbers; the others are not measured. */
function metricsOf(value: unknown): MetricValues {
  const given = isObject(value) ? value : {};
  const known: Partial<Record<MetricId, number>> = {};
  for (const id of METRIC_IDS) {
    const number = given[id];
    if (typeof number === "number" && Number.isFinite(number)) known[id] = number;
  }
  return { ...NO_METRICS, ...known };
}

/** A track of as many places along x as along y, or none. */
function trackOf(value: unknown): MovieRecord["track"] {
  if (!isObject(value)) return null;
  const { x, y } = value;
  const numbers = (list: unknown): list is readonly number[] =>
    Array.isArray(list) && list.every((v) => typeof v === "number");
  return numbers(x) && numbers(y) && x.length === y.length ? { x, y } : null;
}

/** A record as it must be at least; what is missing of the rest is filled up. */
function recordOf(value: unknown, order: number, file: string): MovieRecord {
  const place = `place ${order + 1}`;
  if (!isObject(value) || typeof value.id !== "string" || typeof value.path !== "string")
    throw refuse(file, `a movie without id and path at ${place}`, DAMAGED);
  const given = value as Partial<MovieRecord> & { readonly id: string; readonly path: string };
  const stored = isObject(value.steps) ? value.steps : {};
  const steps: Partial<Record<MovieStepName, StepResult>> = {};
  for (const step of MOVIE_STEP_NAMES)
    if (stored[step] !== undefined) steps[step] = resultOf(stored[step], place, file);
  return {
    name: given.path.slice(given.path.lastIndexOf("/") + 1),
    size: 0,
    lastModified: null,
    sampled: false,
    ...given,
    hand: given.hand === "accepted" || given.hand === "rejected" ? given.hand : null,
    failure: isObject(given.failure) ? given.failure : null,
    image: isObject(given.image) ? given.image : null,
    order,
    track: trackOf(given.track),
    steps,
    metrics: metricsOf(given.metrics),
  };
}

/** No two movies are one: the later of two records of an id counts. */
function distinct(records: readonly MovieRecord[]): readonly MovieRecord[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  return byId.size === records.length
    ? records
    : [...byId.values()].map((record, order) => ({ ...record, order }));
}

function settingsOf(value: unknown): Json | null {
  if (!isObject(value)) return null;
  const kept = Object.entries(value).filter(
    ([name, part]) => isObject(part) || (name === "run" && typeof part === "string"),
  );
  return Object.fromEntries(kept);
}

/**
 * Reads a session.json of this or an older schema, of page or command. A newer one is refused: what it says
 * beyond this schema would be lost without a word.
 */
export function parseSessionFile(text: string, file: string): SessionFileContent {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refuse(
      file,
      text.trim() === "" ? "an empty file" : `text that is no JSON (${why})`,
      text.trimStart().startsWith("{") ? DAMAGED : ADVICE,
    );
  }
  if (!isObject(json)) throw refuse(file, "a list or a single value");
  if (json.format !== SESSION_FORMAT.format) {
    // Before schema 3 the command wrote what it had found, without records.
    if (json.program === "cryoloupe" && Array.isArray(json.estimates) && "parameters" in json)
      throw refuse(
        file,
        `a summary of the command of version ${String(json.version)}, which holds no movies,`,
        "Run cryoloupe session over the same folders again: it keeps what is done and writes the session anew.",
      );
    throw refuse(file, "another JSON file");
  }
  const name = typeof json.name === "string" ? json.name : file;
  const version = typeof json.version === "string" ? json.version : "";
  const head = {
    name,
    version,
    writtenBy: json.writtenBy === "command" ? "command" : "page",
  } as const;
  const { schema } = json;
  if (typeof schema === "number" && schema > SESSION_FORMAT.schema)
    throw new CryoloupeError(
      "unsupported-format",
      `${file} was written by a newer Cryoloupe${version === "" ? "" : ` (${version})`}: it has schema ${schema}, and this program reads up to ${SESSION_FORMAT.schema}. Reload the page or update the program, then open it again.`,
      { file },
    );
  if (schema === 1 && Array.isArray(json.movies)) {
    const movies = json.movies.map((movie, order) => {
      if (!isObject(movie) || typeof movie.id !== "string" || typeof movie.path !== "string")
        throw refuse(file, `a movie without id and path at place ${order + 1}`, DAMAGED);
      return { steps: {}, metrics: {}, ...movie } as unknown as MovieV1;
    });
    const records = movies.map((movie, order) => recordOf(recordOfV1(movie, order), order, file));
    return { ...head, settings: null, records: distinct(records) };
  }
  if ((schema !== 2 && schema !== 3) || !Array.isArray(json.records))
    throw refuse(
      file,
      `schema ${String(schema)}${Array.isArray(json.records) ? "" : " without its list of movies"} (this program knows 1 to ${SESSION_FORMAT.schema})`,
    );
  return {
    ...head,
    settings: settingsOf(json.settings),
    records: distinct(json.records.map((record, i) => recordOf(record, i, file))),
  };
}
