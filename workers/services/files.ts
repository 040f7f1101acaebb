import { transfer } from "comlink";
import type { MovieHeader } from "#src/domain/movie.ts";
import type { FileKind } from "#src/domain/session.ts";
import { summarize } from "#src/math/pictureSummary.ts";
import { resample } from "#src/math/resample.ts";
import type { FilesApi } from "#workers/contracts.ts";
import { createFileByteSource } from "#workers/fileByteSource.ts";
import { openDemo, openReader } from "#workers/fileDoor.ts";
import type { WorkerHost } from "#workers/host.ts";
import { isTable } from "./ctf.ts";
import type { PictureLoader } from "./pictures.ts";

/** Several frames are a movie; one frame is an image, which may serve as a gain reference. */
function kindOf(header: MovieHeader): FileKind {
  return header.frames > 1 ? "movie" : "image";
}

export function createFilesService(host: WorkerHost, loader: PictureLoader): FilesApi {
  return {
    open: (id, source) =>
      host.attempt(
        { step: "Opening", ...(source.kind === "file" ? { file: source.file.name } : {}) },
        async () => {
          if (source.kind === "file") {
            const table = createFileByteSource(source.file);
            if (await isTable(table)) {
              host.tables.set(id, table);
              return { kind: "table", header: null };
            }
          }
          const reader =
            source.kind === "demo"
              ? openDemo(source.part)
              : await openReader(createFileByteSource(source.file));
          host.readers.set(id, reader);
          return { kind: kindOf(reader.header), header: reader.header };
        },
      ),
    close: async (id) => {
      const reader = host.readers.get(id);
      host.readers.delete(id);
      host.tables.delete(id);
      host.pictures.drop(`frame/${id}/`);
      host.pictures.drop(`sum/${id}/`);
      await reader?.close();
    },
    thumbnail: async (id, size) => {
      const outcome = await host.attempt({ step: "Drawing the thumbnail" }, async () => {
        const picture = await loader.load({ kind: "frame", movie: id, frame: 0 });
        const side = Math.min(picture.width, picture.height);
        const raster = resample(picture, {
          x: (picture.width - side) / 2,
          y: (picture.height - side) / 2,
          width: side,
          height: side,
          columns: size,
          rows: size,
        });
        const { low, high } = summarize({ width: size, height: size, data: raster.values });
        const scale = 255 / Math.max(1e-12, high - low);
        const grey = Uint8Array.from(raster.values, (v) =>
          Math.max(0, Math.min(255, Math.round((v - low) * scale))),
        );
        return { size, grey };
      });
      return outcome.ok ? transfer(outcome, [outcome.value.grey.buffer]) : outcome;
    },
  };
}
