import type { NamedBytes } from "#src/domain/byteSource.ts";
import type {
  CsvColumns,
  CsvQuestion,
  CtfTable,
  DefocusSample,
  SampleExport,
  SampleOptions,
} from "#src/domain/ctf.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { Outcome } from "#src/domain/session.ts";

/** What a CTF table became: estimates, or the question what its columns mean. */
export type OpenedCtfTable =
  | { readonly kind: "table"; readonly table: CtfTable; readonly refused: readonly Failure[] }
  | { readonly kind: "question"; readonly question: CsvQuestion };

export interface SampleExportRequest {
  /** Files of kind "table", by id: the ones that `open` was given. */
  readonly files: readonly string[];
  readonly csvColumns: CsvColumns | null;
  readonly sample: DefocusSample;
  readonly options: SampleOptions;
  readonly kinds: readonly SampleExport[];
}

/** CTF tables for defocus sampling. */
export interface CtfApi {
  open(files: readonly string[], csvColumns: CsvColumns | null): Promise<Outcome<OpenedCtfTable>>;
  /** The files of a sample: the input cut to it, lists, JSON. */
  export(request: SampleExportRequest): Promise<Outcome<readonly NamedBytes[]>>;
}
