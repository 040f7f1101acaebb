import { moviesStar, moviesXmd } from "#src/formats/movieTables.ts";
import type { MovieRow } from "#src/formats/movieTables.ts";
import { reportMethods, sessionReportHtml } from "#src/formats/report/sessionReport.ts";
import { sessionTables } from "#src/formats/session/sessionTables.ts";
import { moviesCsv } from "#src/formats/session/moviesCsv.ts";
import type { MovieRecord, OverviewRow } from "#src/domain/records/movieRecord.ts";
import type { GainNumbers } from "#src/domain/gainReport.ts";
import type { ReportApi } from "#workers/sessionContracts.ts";
import type { WorkerHost } from "#workers/host.ts";

/** What came for the tables of one turn. */
interface Gathered {
  readonly rows: OverviewRow[];
  readonly records: MovieRecord[];
  readonly gainReports: GainNumbers[];
}

const nothing = (): Gathered => ({ rows: [], records: [], gainReports: [] });

/** Tables of movies, made where text is made from formats. */
export function createReportService(host: WorkerHost): ReportApi {
  /** By turn; a turn that was given up goes when later ones come. */
  const gathered = new Map<number, Gathered>();
  return {
    make: (data) =>
      host.attempt({ step: "Writing the report" }, () => {
        const { text, references } = reportMethods(data);
        return Promise.resolve({ html: sessionReportHtml(data), methods: text, references });
      }),
    gather: (turn, rows, records, gains) => {
      const known = gathered.get(turn) ?? nothing();
      known.rows.push(...rows);
      known.records.push(...records);
      known.gainReports.push(...gains);
      gathered.set(turn, known);
      for (const old of gathered.keys()) if (old < turn - 2) gathered.delete(old);
      return Promise.resolve({ ok: true, value: null });
    },
    sessionTables: (turn, request) =>
      host.attempt({ step: "Writing the tables of the session" }, () => {
        const movies = gathered.get(turn) ?? nothing();
        gathered.delete(turn);
        return sessionTables({ ...movies, ...request });
      }),
    movieTables: (rows, optics) =>
      host.attempt({ step: "Writing the tables of movies" }, () => {
        const movies = rows.map((row): MovieRow => ({
          movie: row.path,
          gain: optics.gain,
          pixelSizeA: optics.pixelSizeA[row.id] ?? null,
          voltageKv: optics.voltageKv,
        }));
        const encode = new TextEncoder();
        const texts: readonly (readonly [string, string])[] = [
          ["movies.star", moviesStar(movies)],
          ["movies.xmd", moviesXmd(movies)],
          ["movies.csv", moviesCsv(rows)],
          ["movies.txt", rows.map((row) => `${row.path}\n`).join("")],
        ];
        return Promise.resolve(texts.map(([name, text]) => ({ name, bytes: encode.encode(text) })));
      }),
  };
}
