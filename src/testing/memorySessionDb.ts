import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import {
  detailsOf,
  mergedDetails,
  withDetails,
  withoutDetails,
} from "#src/domain/records/recordDetails.ts";
import type { RecordDetails } from "#src/domain/records/recordDetails.ts";
import type { SessionDb, SessionRow } from "#src/platform/sessionDb.ts";

/** The browser's database of sessions in memory: what one page writes, the next one reads. */
export function memorySessionDb(): SessionDb {
  const rows = new Map<string, SessionRow>();
  const records = new Map<string, MovieRecord>();
  const details = new Map<string, RecordDetails>();
  const reports = new Map<string, unknown>();
  const thumbnails = new Map<string, Uint8Array<ArrayBuffer>>();
  const outputs = new Map<string, Set<string>>();
  const at = (...parts: readonly string[]): string => parts.join("\n");
  const put = (session: string, record: MovieRecord, step: Parameters<typeof mergedDetails>[2]) => {
    const key = at(session, record.id);
    const merged = mergedDetails(details.get(key) ?? null, detailsOf(record), step);
    records.set(key, withoutDetails(record));
    if (merged !== null) details.set(key, merged);
  };
  const removeBelow = (map: Map<string, unknown>, prefix: string): void => {
    for (const key of map.keys()) if (key.startsWith(prefix)) map.delete(key);
  };
  const done = Promise.resolve();
  return {
    list: () =>
      Promise.resolve(
        [...rows.values()].map(({ id, name, movies, processed, opened, folders }) => ({
          ...{ id, name, movies, processed, opened },
          folder: folders[0]?.name ?? null,
        })),
      ),
    rows: () => Promise.resolve([...rows.values()]),
    load: (id) => {
      const row = rows.get(id);
      const own = [...records].flatMap(([key, record]) =>
        key.startsWith(at(id, "")) ? record : [],
      );
      const sorted = own.sort((a, b) => a.order - b.order);
      return Promise.resolve(row === undefined ? null : { row, records: sorted });
    },
    details: (session, id) => Promise.resolve(details.get(at(session, id)) ?? null),
    whole: async (session, some, take) => {
      await take(
        some.map((record) => withDetails(record, details.get(at(session, record.id)) ?? null)),
      );
    },
    saveSession: (row) => {
      rows.set(row.id, row);
      return done;
    },
    saveRecords: (session, some) => {
      for (const record of some) put(session, record, null);
      return done;
    },
    saveResult: (session, record, step, report) => {
      put(session, record, step);
      if (report !== null) reports.set(at(session, record.id, step), structuredClone(report));
      return done;
    },
    report: (session, id, step) =>
      Promise.resolve(structuredClone(reports.get(at(session, id, step)) ?? null)),
    removeMovies: (session, ids) => {
      for (const id of ids)
        for (const map of [records, details, reports, thumbnails])
          removeBelow(map, at(session, id));
      return done;
    },
    thumbnail: (session, id) => Promise.resolve(thumbnails.get(at(session, id)) ?? null),
    saveThumbnail: (session, id, grey) => {
      thumbnails.set(at(session, id), grey);
      return done;
    },
    outputs: (session) => Promise.resolve(new Set(outputs.get(session))),
    saveOutputs: (session, names) => {
      outputs.set(session, new Set([...(outputs.get(session) ?? []), ...names]));
      return done;
    },
    forgetOutputs: (session) => {
      outputs.delete(session);
      return done;
    },
    remove: (id) => {
      rows.delete(id);
      outputs.delete(id);
      for (const map of [records, details, reports, thumbnails]) removeBelow(map, at(id, ""));
      return done;
    },
  };
}
