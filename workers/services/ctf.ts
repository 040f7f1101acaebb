import type { ByteSource } from "#src/domain/byteSource.ts";
import type { CsvColumns } from "#src/domain/ctf.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { holdsCtf, openCtf } from "#src/formats/ctf/openCtf.ts";
import type { CtfDocument, OpenedCtf } from "#src/formats/ctf/openCtf.ts";
import { memorySource } from "#src/formats/memorySource.ts";
import { sampleFiles } from "#src/pipeline/sampleByDefocus.ts";
import type { CtfApi } from "#workers/ctfContracts.ts";
import type { WorkerHost } from "#workers/host.ts";

/** Enough to see the first block of a STAR file, or an `.npy` header. */
const SNIFF_BYTES = 65_536;
const SMALL_BYTES = 65_536;

/** Whether a file is a table of CTF estimates, by its first bytes: other STAR files (motion, movies) are not. */
export async function isTable(source: ByteSource): Promise<boolean> {
  return holdsCtf(await source.read(0, Math.min(SNIFF_BYTES, source.size)));
}

export function createCtfService(host: WorkerHost): CtfApi {
  let held: { key: string; document: CtfDocument } | null = null;

  /** Tables of one micrograph each, read once: they are read all together whenever one more has come. */
  const small = new Map<string, ByteSource>();
  const keepSmall = async (id: string, source: ByteSource): Promise<ByteSource> => {
    const known = small.get(id);
    if (known !== undefined) return known;
    const kept = memorySource(source.name, await source.read(0, source.size));
    small.set(id, kept);
    return kept;
  };

  const open = async (
    files: readonly string[],
    csvColumns: CsvColumns | null,
  ): Promise<OpenedCtf> => {
    const sources: ByteSource[] = [];
    for (const id of files) {
      const source = small.get(id) ?? host.tables.get(id);
      if (source === undefined)
        throw new CryoloupeError("internal", "This table is no longer open. Open it again.");
      sources.push(source.size <= SMALL_BYTES ? await keepSmall(id, source) : source);
    }
    for (const id of small.keys()) if (!host.tables.has(id)) small.delete(id);
    return await openCtf(sources, csvColumns === null ? {} : { csvColumns });
  };
  const keyOf = (files: readonly string[], columns: CsvColumns | null): string =>
    JSON.stringify([files, columns]);

  return {
    open: (files, csvColumns) =>
      host.attempt({ step: "Reading CTF estimates" }, async () => {
        const opened = await open(files, csvColumns);
        if (opened.kind === "question") return opened;
        const { document } = opened;
        held = { key: keyOf(files, csvColumns), document };
        return { kind: "table" as const, table: document.table, refused: document.refused };
      }),
    export: ({ files, csvColumns, sample, options, kinds }) =>
      host.attempt({ step: "Saving the sample" }, async () => {
        const key = keyOf(files, csvColumns);
        if (held?.key !== key) {
          const opened = await open(files, csvColumns);
          if (opened.kind === "question")
            throw new CryoloupeError(
              "internal",
              "The columns of the table are not known any more. Open it again.",
            );
          held = { key, document: opened.document };
        }
        return sampleFiles(held.document, sample, options, kinds, new Date());
      }),
  };
}
