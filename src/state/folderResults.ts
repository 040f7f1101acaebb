import type { GainNumbers } from "#src/domain/gainReport.ts";
import type { MicrographResult } from "#src/domain/preprocessPreview.ts";
import type { MovieRecord, MovieStepName } from "#src/domain/records/movieRecord.ts";
import { readFinalGain } from "#src/domain/records/readFinalGain.ts";
import { RESULT_FILES, resultPath } from "#src/domain/records/resultLayout.ts";
import { readGainReport } from "#src/domain/records/readGainReport.ts";
import { PROCESSED_TABLE, readProcessed } from "#src/domain/records/readProcessed.ts";
import type { SessionDb } from "#src/platform/sessionDb.ts";

/** Results that the browser's database has no report of, because the command made them, from their own files. */
export interface FolderResults {
  /** Numbers of a movie's estimates, by the files that its record names. */
  readonly gains: (record: MovieRecord) => Promise<readonly GainNumbers[]>;
  /** How a micrograph was preprocessed; null = the folder does not tell. */
  readonly processed: (record: MovieRecord) => Promise<MicrographResult | null>;
  /** Movies whose estimates the final gain of the folder is the mean of; none where there is none, or a reference's. */
  readonly finalGainOf: () => Promise<readonly string[]>;
  /** Another folder. */
  readonly forget: () => void;
}

/** Begin of the names of the pictures of an estimate that has only its files. */
export function picturesOfFile(id: string, residual: boolean): string {
  return `gain/${id}/${residual ? "residual" : "estimated"}/0`;
}

/** @param read  a file of the results folder; null = it is not there */
export function createFolderResults(
  session: () => string | null,
  db: Pick<SessionDb, "details">,
  read: (path: string) => Promise<File | null>,
): FolderResults {
  const textOf = async (path: string): Promise<string | null> =>
    (await (await read(path))?.text()) ?? null;

  /** Read before it is written anew: by then this page tells of all. */
  let table: Promise<ReadonlyMap<string, MicrographResult>> | null = null;

  const filesOf = async (record: MovieRecord, step: MovieStepName): Promise<readonly string[]> => {
    const own = record.steps[step]?.files ?? [];
    const id = session();
    if (own.length > 0 || id === null) return own;
    return (await db.details(id, record.id).catch(() => null))?.files[step] ?? [];
  };

  return {
    gains: async (record) => {
      const { id, image } = record;
      const found: GainNumbers[] = [];
      for (const path of await filesOf(record, "gain")) {
        const text = path.endsWith(".json") ? await textOf(path) : null;
        const estimate = text === null ? null : readGainReport(text);
        if (estimate === null || image === null) continue;
        const { afanasyev: _afanasyev, ...numbers } = estimate;
        const { width, height } = image;
        found.push({
          ...numbers,
          ...{ id, width, height, movies: [id], reference: null, afanasyev: false },
          kept: "",
          pictures: picturesOfFile(id, estimate.residual),
          floors: { std: null, spread: null, peak: null },
        });
      }
      return found;
    },
    processed: async (record) => {
      table ??= textOf(resultPath("micrographs", PROCESSED_TABLE)).then((text) =>
        readProcessed(text ?? ""),
      );
      const results = await table;
      const [named] = await filesOf(record, "preprocess");
      const path = named ?? resultPath("micrographs", `${record.base ?? record.name}.mrc`);
      const result = results.get(path);
      const output = path.slice(resultPath("micrographs", "").length);
      return result === undefined ? null : { ...result, fileId: record.id, output };
    },
    finalGainOf: async () => {
      const pixels = await read(RESULT_FILES.finalGain);
      const about = pixels === null ? null : await textOf(RESULT_FILES.finalGainAbout);
      const told = about === null ? null : readFinalGain(about)?.provenance;
      return told?.source === "estimated" ? told.movies : [];
    },
    forget: () => {
      table = null;
    },
  };
}
