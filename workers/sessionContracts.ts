import type { NamedBytes } from "#src/domain/byteSource.ts";
import type { GainOrientation } from "#src/domain/gain.ts";
import type { FinalGainProvenance } from "#src/domain/gainProtocol.ts";
import type { GainNumbers } from "#src/domain/gainReport.ts";
import type { OrientationResult } from "#src/domain/orientation.ts";
import type { AppliedGain } from "#src/domain/records/appliedGain.ts";
import type { MovieRecord, OverviewRow } from "#src/domain/records/movieRecord.ts";
import type { SessionReportData } from "#src/domain/records/sessionReport.ts";
import type { Outcome } from "#src/domain/session.ts";

/** A report as a page, and its methods paragraph by itself. */
export interface ReportPage {
  readonly html: string;
  readonly methods: string;
  readonly references: readonly string[];
}

/** What the tables of a session's results folder are made of. */
export interface SessionTablesRequest {
  /** Where the final gain is, from the results folder, and whether tables name it. */
  readonly gain: {
    readonly assigned: boolean;
    readonly path: string | null;
    readonly pathAsStored: string | null;
  };
  readonly voltageKv: number;
  /** Everything else that goes into session.json. */
  readonly session: Readonly<Record<string, unknown>>;
}

/** Reports and tables of a session: texts from plain data. */
export interface ReportApi {
  make(data: SessionReportData): Promise<Outcome<ReportPage>>;
  /** Some hundred of the movies that tables will be made of: a long session does not travel at once. */
  gather(
    turn: number,
    rows: readonly OverviewRow[],
    records: readonly MovieRecord[],
    gains: readonly GainNumbers[],
  ): Promise<Outcome<null>>;
  /** Every table of a results folder by its path there, and session.json, of the movies of this turn. */
  sessionTables(
    turn: number,
    request: SessionTablesRequest,
  ): Promise<Outcome<readonly (readonly [path: string, content: string])[]>>;
  /** movies.star, movies.xmd, movies.csv and movies.txt of these movies. */
  movieTables(
    rows: readonly OverviewRow[],
    optics: {
      readonly gain: string | null;
      /** By id. */
      readonly pixelSizeA: Readonly<Record<string, number | null>>;
      readonly voltageKv: number;
    },
  ): Promise<Outcome<readonly NamedBytes[]>>;
}

/** The gains of a session's results folder. */
export interface SessionGainRequest {
  /** A movie of the session, by id: it tells size and order of rows. */
  readonly movie: string;
  readonly reference: { readonly id: string; readonly orientation: GainOrientation } | null;
  /** What the pose search has found, or null; `inUse`: its pose is the reference's. */
  readonly found: OrientationResult | null;
  readonly inUse: boolean;
  /**
   * Estimates, no residuals: the name under which each is held, and of its pictures, by which it is read back when
   * it has left memory with an earlier visit.
   */
  readonly estimates: readonly {
    readonly held: string;
    readonly pictures: string;
    readonly name: string;
    readonly noiseFloor: number | null;
  }[];
  readonly defects: string | null;
  readonly normalise: boolean;
  /** The gain that micrographs are made with. */
  readonly applied: AppliedGain;
}

export interface ResultsApi {
  /** Every file of the gains by its path in the results folder, as the command writes them. */
  gainFiles(request: SessionGainRequest): Promise<
    Outcome<{
      readonly files: readonly NamedBytes[];
      readonly final: FinalGainProvenance | null;
      /** Why there is no final gain although there is a reference, or null. */
      readonly refused: string | null;
    }>
  >;
}
