import type { GainReport } from "#src/domain/gainReport.ts";
import type { MovieRecord, OverviewRow } from "#src/domain/records/movieRecord.ts";
import { APP_VERSION } from "#src/domain/version.ts";
import { gainStatisticsCsv, gainSummary, monitorLine } from "../gainReports.ts";
import { correctedMicrographsStar } from "../motion/correctedMicrographsStar.ts";
import { moviesStar, moviesXmd } from "../movieTables.ts";
import type { MovieRow } from "../movieTables.ts";
import { moviesCsv } from "./moviesCsv.ts";

/** Name by which session.json is known again, and the number of its shape. */
export const SESSION_FORMAT = { format: "cryoloupe-session", schema: 2 } as const;

/**
 * The tables of a results folder by their paths there (docs/formats/session-folder.md). Movies that are
 * rejected or filtered out are in movies.csv and session.json only; tables for other programs leave them
 * out.
 */
export function sessionTables(request: {
  readonly rows: readonly OverviewRow[];
  readonly records: readonly MovieRecord[];
  readonly gain: string | null;
  readonly voltageKv: number;
  readonly gainReports: readonly GainReport[];
  readonly session: Readonly<Record<string, unknown>>;
}): readonly (readonly [path: string, content: string])[] {
  const { rows, records, gain, voltageKv, gainReports, session } = request;
  const left = new Set(
    rows.filter((r) => r.state === "deselected" || r.state === "filtered").map((r) => r.id),
  );
  const taken = records.filter((r) => !left.has(r.id) && r.failure === null);
  const movies = taken.map((r): MovieRow => ({
    movie: r.path,
    gain,
    pixelSizeA: r.image?.pixelSizeA ?? null,
    voltageKv,
  }));
  const corrected = taken.flatMap(({ corrected: row, track, steps }) =>
    row === undefined || track === null || steps.motion?.failure !== null
      ? []
      : [{ ...row, globalX: track.x, globalY: track.y }],
  );
  const residuals = gainReports.filter((r) => r.residual);
  const watched = residuals.length > 0 ? residuals : gainReports;
  const json = {
    program: "cryoloupe",
    version: APP_VERSION,
    ...SESSION_FORMAT,
    ...session,
    records,
  };
  return [
    ["movies.csv", moviesCsv(rows)],
    ...(movies.length === 0
      ? []
      : ([
          ["movies.star", moviesStar(movies)],
          ["movies.xmd", moviesXmd(movies)],
        ] as const)),
    ...(corrected.length === 0
      ? []
      : ([["aligned/corrected_micrographs.star", correctedMicrographsStar(corrected)]] as const)),
    ...(gainReports.length === 0
      ? []
      : ([
          ["gain/gain_statistics.csv", gainStatisticsCsv(gainReports)],
          ["gain/summary.txt", gainSummary(watched)],
          ["gain/summaryForMonitor.txt", watched.map(monitorLine).join("")],
        ] as const)),
    ["session.json", `${JSON.stringify(json, null, 1)}\n`],
  ];
}
