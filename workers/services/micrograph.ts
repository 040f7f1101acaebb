import { transfer } from "comlink";
import type { Bytes } from "#src/domain/byteSource.ts";
import type { Float32Pixels, MovieReader } from "#src/domain/movie.ts";
import { pictureId } from "#src/domain/picture.ts";
import type { PictureSummary } from "#src/domain/picture.ts";
import type { PreviewCurves, Region } from "#src/domain/preprocessPreview.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { imageStatistics } from "#src/math/preprocess/imageStatistics.ts";
import { summarizeQuickly } from "#src/math/pictureSummary.ts";
import { comparePreview } from "#src/pipeline/comparePreview.ts";
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
import type { PreviewCurvesTask } from "#src/compute/previewCurvesJob.ts";
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

/** A field of a micrograph before its operations. */
interface ShownField {
  readonly pixels: Float32Pixels;
  readonly summary: PictureSummary;
  /** Once they were plotted. */
  curves: PreviewCurves | null;
}

interface Finished {
  readonly done: { readonly result: BatchNews["done"][number]["result"]; readonly mrc: Bytes }[];
  readonly failed: BatchNews["failed"][number][];
}

export function createMicrographService(host: WorkerHost, loader: PictureLoader): MicrographApi {
  const batches = new Map<string, Finished>();
  const shown = new Map<string, string[]>();
  /** Fields that were shown, by the id of their picture before. */
  const fields = new Map<string, ShownField>();
  /** By the id of the picture after: the one before, and how much smaller it is. */
  const afters = new Map<string, { readonly before: string; readonly factor: number }>();

  /** The page may still be drawing the last pictures of a slot; older ones go. */
  const keepTwo = (id: string): void => {
    const [slot] = id.split("/");
    const ids = [...(shown.get(slot) ?? []), id];
    for (const old of ids.splice(0, Math.max(0, ids.length - 2))) {
      host.pictures.drop(`stored/micrograph/${old}`);
      fields.delete(old);
      afters.delete(`micrograph/${old}`);
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
    preview: (runId, callbacks, { id, source, version, region, recipe, enough }) =>
      host.run(runId, callbacks, { step: "Preview" }, async (context) => {
        const picture = await loader.load(source);
        const beforeId = (place: Region): string =>
          `before/${pictureId(source)}/${version}/${Object.values(place).join(",")}`;
        const { preview, before, after } = await previewPreprocess(
          picture,
          region,
          recipe,
          context,
          {
            known: (place) => fields.get(beforeId(place))?.pixels,
            // The whole is too large to be remembered.
            ...(region === null ? {} : { field: beforeId }),
            ...(enough === null ? {} : { enough }),
          },
        );
        const put = (
          name: string,
          data: Float32Pixels,
          side: Pick<StoredPicture, "width" | "height">,
        ): string => {
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
        let field = fields.get(named);
        if (field === undefined) {
          const summary = summarizeQuickly(
            { ...preview.before, data: before },
            imageStatistics(before),
          );
          field = { pixels: before, summary, curves: null };
          fields.set(named, field);
          put(named, before, preview.before);
        }
        const afterId = put(id, after, preview.after);
        const { factorX, factorY, statistics } = preview.report;
        afters.set(afterId, { before: named, factor: (factorX + factorY) / 2 });
        return {
          ...preview,
          beforeId: `micrograph/${named}`,
          afterId,
          beforeSummary: field.summary,
          afterSummary: summarizeQuickly({ ...preview.after, data: after }, statistics),
        };
      }),

    curves: (afterId) =>
      host.attempt({ step: "Comparing" }, async () => {
        const made = afters.get(afterId);
        const field = fields.get(made?.before ?? "");
        const picture = host.pictures.get(pictureId({ kind: "stored", id: afterId }));
        if (made === undefined || field === undefined || picture === undefined) return null;
        const sizeOf = host.pictures.get(
          pictureId({ kind: "stored", id: `micrograph/${made.before}` }),
        );
        if (sizeOf === undefined) return null;
        const task = (
          { width, height }: Pick<StoredPicture, "width" | "height">,
          pixels: Float32Pixels,
          factor: number,
        ): PreviewCurvesTask => ({ pixels: pixels.slice(), width, height, factor });
        const both = await comparePreview(
          field.curves ?? task(sizeOf, field.pixels, 1),
          task(picture, Float32Array.from(picture.data), made.factor),
          { backend: await host.backend() },
        );
        field.curves = both.before;
        return both;
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

    tables: (results, recipe, from, voltageKv) =>
      host.attempt({ step: "Writing tables" }, async () =>
        preprocessTexts(
          results.map((result, i) => ({
            result,
            path: result.output,
            row: from?.rows[i] ?? null,
          })),
          recipe,
          from === null ? null : await readTable(host, from.table),
          voltageKv ?? null,
        ),
      ),
  };
}
