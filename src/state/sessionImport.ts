import { CryoloupeError } from "#src/domain/errors.ts";
import { NO_METRICS } from "#src/domain/records/metrics.ts";
import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import { recordsOfV1 } from "#src/platform/sessionMigrations.ts";
import type { SessionV1 } from "#src/platform/sessionMigrations.ts";
import type { SessionSettings } from "./sessionSettings.ts";

/** What a session.json holds of use to a session. */
export interface ImportedSession {
  readonly name: string;
  readonly settings: Partial<SessionSettings> | null;
  readonly records: readonly MovieRecord[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function refuse(file: string, found: string): CryoloupeError {
  return new CryoloupeError(
    "unsupported-format",
    `${file} is no session: a session.json of Cryoloupe was expected, ${found} was found. Choose the session.json of a results folder or of an export.`,
    { file },
  );
}

/** A record as it must be at least; what is missing of the rest is filled up. */
function recordOf(value: unknown, order: number, file: string): MovieRecord {
  if (!isObject(value) || typeof value.id !== "string" || typeof value.path !== "string")
    throw refuse(file, `a movie without id and path at place ${order + 1}`);
  const given = value as Partial<MovieRecord> & { readonly id: string; readonly path: string };
  return {
    name: given.path.slice(given.path.lastIndexOf("/") + 1),
    size: 0,
    lastModified: null,
    hand: null,
    failure: null,
    track: null,
    steps: {},
    sampled: false,
    image: null,
    ...given,
    order,
    metrics: { ...NO_METRICS, ...given.metrics },
  };
}

/** Reads a session.json of this or an older schema. */
export function parseSession(text: string, file: string): ImportedSession {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse(file, "text that is no JSON");
  }
  if (!isObject(json) || json.format !== "cryoloupe-session")
    throw refuse(file, "another JSON file");
  const name = typeof json.name === "string" ? json.name : file;
  if (json.schema === 1 && Array.isArray(json.movies)) {
    const { records } = recordsOfV1({ folder: null, ...json } as unknown as SessionV1);
    return { name, settings: null, records };
  }
  if (json.schema !== 2 || !Array.isArray(json.records))
    throw refuse(file, `schema ${String(json.schema)} (this program knows 1 and 2)`);
  return {
    name,
    settings: isObject(json.settings) ? json.settings : null,
    records: json.records.map((record, i) => recordOf(record, i, file)),
  };
}
