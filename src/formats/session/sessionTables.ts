import type { MovieRecord, OverviewRow } from "#src/domain/records/movieRecord.ts";
import { RESULT_FILES, resultPath } from "#src/domain/records/resultLayout.ts";
import { SESSION_FORMAT } from "#src/domain/records/sessionFile.ts";
import type { SessionWriter } from "#src/domain/records/sessionFile.ts";
import { APP_VERSION } from "#src/domain/version.ts";
import { gainStatisticsCsv, gainSummary, monitorLine } from "../gainReports.ts";
import type { ReportedEstimate } from "../gainReports.ts";
import { correctedMicrographsStar } from "../motion/correctedMicrographsStar.ts";
import { moviesStar, moviesXmd } from "../movieTables.ts";
import type { MovieRow } from "../movieTables.ts";
import { moviesCsv } from "./moviesCsv.ts";

/** A text file of a results folder: its path there, and what it holds. */
export type TableFile = readonly [path: string, content: string];

/** What tables of movies say of the gain: as the next program shall find it; null = there is none. */
export interface AssignedGain {
  /**
   * Tables name it: it is a reference, or an estimate that the user has applied. An estimate alone is named in no
   * table, since the next program would multiply by what we did not (docs/adr/0119).
   */
  readonly assigned: boolean;
  readonly path: string | null;
  /** The same gain with its rows as in the TIFF files; null = the movies are no TIFF files. */
  readonly pathAsStored: string | null;
}

/** session.json as page and command write it: what is said of the session, and its movies. */
export function sessionJson(
  writtenBy: SessionWriter,
  session: Readonly<Record<string, unknown>>,
  records: readonly MovieRecord[],
): string {
  const head = { program: "cryoloupe", version: APP_VERSION, ...SESSION_FORMAT, writtenBy };
  return `${JSON.stringify({ ...head, ...session, records }, null, 1)}\n`;
}

/** The movies, with the final gain where it is assigned: the outputMovies of the protocol. */
export function movieTables(
  movies: readonly { readonly path: string; readonly pixelSizeA: number | null }[],
  gain: AssignedGain,
  voltageKv: number,
): readonly TableFile[] {
  if (movies.length === 0) return [];
  const rowsWith = (path: string | null): MovieRow[] =>
    movies.map((movie) => ({
      movie: movie.path,
      gain: gain.assigned ? path : null,
      pixelSizeA: movie.pixelSizeA,
      voltageKv,
    }));
  const rows = rowsWith(gain.path);
  return [
    [RESULT_FILES.moviesStar, moviesStar(rows)],
    [RESULT_FILES.moviesXmd, moviesXmd(rows)],
    ...(gain.pathAsStored === null
      ? []
      : [[RESULT_FILES.moviesXmdAsStored, moviesXmd(rowsWith(gain.pathAsStored))] as const]),
  ];
}

/** Statistics of G, a line for each estimate; summaries of what is watched, residuals where there are any. */
export function gainTables(estimates: readonly ReportedEstimate[]): readonly TableFile[] {
  if (estimates.length === 0) return [];
  const residuals = estimates.filter((e) => e.residual);
  const watched = residuals.length > 0 ? residuals : estimates;
  return [
    [RESULT_FILES.gainStatistics, gainStatisticsCsv(estimates)],
    [RESULT_FILES.gainSummary, gainSummary(watched)],
    [RESULT_FILES.gainMonitor, watched.map(monitorLine).join("")],
  ];
}

/**
 * The tables of a results folder by their paths there (docs/formats/session-folder.md). Movies that are
 * rejected or filtered out are in movies.csv and session.json only; tables for other programs leave them
 * out. Files of the folder are named as they are found from it.
 */
export function sessionTables(request: {
  readonly rows: readonly OverviewRow[];
  readonly records: readonly MovieRecord[];
  readonly gain: AssignedGain;
  readonly voltageKv: number;
  readonly gainReports: readonly ReportedEstimate[];
  readonly session: Readonly<Record<string, unknown>>;
}): readonly TableFile[] {
  const { rows, records, gain, voltageKv, gainReports, session } = request;
  const left = new Set(
    rows.filter((r) => r.state === "deselected" || r.state === "filtered").map((r) => r.id),
  );
  const taken = records.filter((r) => !left.has(r.id) && r.failure === null);
  const movies = taken.map(({ path, image }) => ({ path, pixelSizeA: image?.pixelSizeA ?? null }));
  const corrected = taken.flatMap(({ corrected: row, track, steps }) =>
    row === undefined || track === null || steps.motion?.failure !== null
      ? []
      : [
          {
            ...row,
            micrographName: resultPath("aligned", row.micrographName),
            unweightedName:
              row.unweightedName === null ? null : resultPath("aligned", row.unweightedName),
            metadataName: resultPath("aligned", row.metadataName),
            globalX: track.x,
            globalY: track.y,
          },
        ],
  );
  return [
    [RESULT_FILES.moviesCsv, moviesCsv(rows)],
    ...movieTables(movies, gain, voltageKv),
    ...(corrected.length === 0
      ? []
      : [[RESULT_FILES.correctedMicrographs, correctedMicrographsStar(corrected)] as const]),
    ...gainTables(gainReports),
    [RESULT_FILES.session, sessionJson("page", session, records)],
  ];
}
