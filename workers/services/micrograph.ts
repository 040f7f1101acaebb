import { transfer } from "comlink";
import type { Bytes } from "#src/domain/byteSource.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import { pictureId } from "#src/domain/picture.ts";
import type { PreviewSide, Region } from "#src/domain/preprocessPreview.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { preprocessBatch } from "#src/pipeline/preprocessBatch.ts";
import {
  freeResultName,
  micrographResult,
  preprocessTexts,
  resultMrcOptions,
} from "#src/pipeline/preprocessOutputs.ts";
import { previewPreprocess } from "#src/pipeline/previewPreprocess.ts";
import type { BatchMicrograph, BatchNews, MicrographApi } from "#workers/contracts.ts";
import type { WorkerHost } from "#workers/host.ts";
import type { StoredPicture } from "#workers/pictureStore.ts";
import { readTable } from "./micrographTables.ts";
import type { PictureLoader } from "./pictures.ts";

/** A picture of the store as a reader of one frame: results of earlier steps are micrographs too. */
function pictureReader(name: string, { width, height, data }: StoredPicture): MovieReader {
  return {
    name,
    size: data.byteLength,
    header: {
      format: "memory",
      width,
      height,
      frames: 1,
      pixelType: "float32",
      pixelSizeA: null,
      pixelSizeSource: null,
      dosePerFrame: null,
      unitsPerElectron: null,
      warnings: [],
      fields: [],
    },
    readEncoded: () => {
      const pixels = Float32Array.from(data);
      return Promise.resolve({
        codec: "plain",
        file: name,
        width,
        height,
        pixelType: "float32",
        parts: [new Uint8Array(pixels.buffer)],
        parameters: { stored: "float32", littleEndian: true },
      });
    },
    close: () => Promise.resolve(),
  };
}

interface Finished {
  readonly done: { readonly result: BatchNews["done"][number]["result"]; readonly mrc: Bytes }[];
  readonly failed: BatchNews["failed"][number][];
}

export function createMicrographService(host: WorkerHost, loader: PictureLoader): MicrographApi {
  const batches = new Map<string, Finished>();
  const shown = new Map<string, string[]>();
  /** Fields that were shown, by the id of their picture before. */
  const fields = new Map<string, PreviewSide>();

  /** The page may still be drawing the last pictures of a slot; older ones go. */
  const keepTwo = (id: string): void => {
    const [slot] = id.split("/");
    const ids = [...(shown.get(slot) ?? []), id];
    for (const old of ids.splice(0, Math.max(0, ids.length - 2))) {
      host.pictures.drop(`stored/micrograph/${old}`);
      fields.delete(old);
    }
    shown.set(slot, ids);
  };

  const open = async ({ source, name }: BatchMicrograph): Promise<MovieReader> => {
    if (source.kind === "frame") {
      // The batch closes what it opens; this file stays open for the viewer.
      const reader = host.reader(source.movie);
      return {
        name: reader.name,
        size: reader.size,
        header: reader.header,
        readEncoded: (index, signal) => reader.readEncoded(index, signal),
        close: () => Promise.resolve(),
      };
    }
    return pictureReader(name, await loader.load(source));
  };

  return {
    preview: (runId, callbacks, { id, source, version, region, recipe }) =>
      host.run(runId, callbacks, { step: "Preview" }, async (context) => {
        const picture = await loader.load(source);
        const beforeId = (place: Region): string =>
          `before/${pictureId(source)}/${version}/${Object.values(place).join(",")}`;
        const { preview, before, after } = await previewPreprocess(
          picture,
          region,
          recipe,
          context,
          (place) => fields.get(beforeId(place)),
        );
        const put = (name: string, data: typeof before, side: PreviewSide): string => {
          const stored = `micrograph/${name}`;
          const { width, height } = side;
          host.pictures.put(
            pictureId({ kind: "stored", id: stored }),
            { width, height, data },
            { pinned: true },
          );
          keepTwo(name);
          return stored;
        };
        const named = beforeId(preview.region);
        const stored = `micrograph/${named}`;
        if (!fields.has(named)) {
          fields.set(named, preview.before);
          put(named, before, preview.before);
        }
        return { ...preview, beforeId: stored, afterId: put(id, after, preview.after) };
      }),

    runBatch: (runId, callbacks, micrographs, recipe, names) =>
      host.run(runId, callbacks, { step: "Preprocessing" }, async (context) => {
        const finished: Finished = { done: [], failed: [] };
        batches.set(runId, finished);
        const taken = new Set(names);
        const sources = micrographs.map((micrograph) => ({
          ...micrograph,
          output: freeResultName(micrograph.name, taken),
          open: () => open(micrograph),
        }));
        let count = 0;
        const { backend, signal, log } = context;
        const tell = (): void =>
          callbacks.onProgress({
            step: "Micrographs",
            done: ++count,
            total: micrographs.length,
          });
        await preprocessBatch(
          sources.map(({ pixelSizeA, ...source }) => ({
            ...source,
            ...(pixelSizeA === null ? {} : { pixelSizeA }),
          })),
          recipe,
          {
            backend,
            ...(signal === undefined ? {} : { signal }),
            ...(log === undefined ? {} : { log }),
          },
          {
            onDone: async (source, result) => {
              const mrc = await encodeMrc([result.pixels], resultMrcOptions(result, recipe));
              finished.done.push({
                result: micrographResult(result, {
                  fileId: source.fileId,
                  input: source.name,
                  output: source.output,
                }),
                mrc,
              });
              tell();
            },
            onFailed: (source, failure) => {
              finished.failed.push({ fileId: source.fileId, failure });
              tell();
            },
          },
        );
        return null;
      }),

    takeBatch: async (runId) => {
      const outcome = await host.attempt({ step: "Saving" }, () => {
        const finished = batches.get(runId);
        return {
          done: finished?.done.splice(0) ?? [],
          failed: finished?.failed.splice(0) ?? [],
        };
      });
      return outcome.ok
        ? transfer(
            outcome,
            outcome.value.done.map(({ mrc }) => mrc.buffer),
          )
        : outcome;
    },

    readTable: (id) =>
      host.attempt({ step: "Reading the table of micrographs" }, async () => {
        const table = await readTable(host, id);
        return table === null
          ? null
          : {
              words: table.words,
              entries: table.entries.map(({ path, pixelSizeA }) => ({ path, pixelSizeA })),
            };
      }),

    tables: (results, recipe, from) =>
      host.attempt({ step: "Writing tables" }, async () =>
        preprocessTexts(
          results.map((result, i) => ({
            result,
            path: result.output,
            row: from?.rows[i] ?? null,
          })),
          recipe,
          from === null ? null : await readTable(host, from.table),
        ),
      ),
  };
}
