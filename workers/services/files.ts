import { transfer } from "comlink";
import type { ByteSource } from "#src/domain/byteSource.ts";
import type { MovieHeader, MovieReader } from "#src/domain/movie.ts";
import { readsOtherFrames, withEntered } from "#src/domain/reading.ts";
import type { ReadingWish } from "#src/domain/reading.ts";
import type { FileKind } from "#src/domain/session.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { classifyFile } from "#src/formats/classify.ts";
import { looksLikeText } from "#src/formats/foreignFormat.ts";
import { looksLikeDefectText, parseDefectText } from "#src/formats/reference/defectLists.ts";
import { imagePrint, textPrint } from "#src/math/contentPrint.ts";
import { looksLikeMrc } from "#src/formats/mrc/openMrc.ts";
import { looksLikeTiff } from "#src/formats/tiff/openTiff.ts";
import { summarize } from "#src/math/pictureSummary.ts";
import { createSha256 } from "#src/math/sha256.ts";
import { resample } from "#src/math/resample.ts";
import type { FileSource, FilesApi, OpenedFile } from "#workers/contracts.ts";
import { createFileByteSource } from "#workers/fileByteSource.ts";
import { createDormitory } from "#workers/dormantReader.ts";
import { openReader } from "#workers/fileDoor.ts";
import type { WorkerHost } from "#workers/host.ts";
import { isTable } from "./ctf.ts";
import { namesMicrographs } from "./micrographTables.ts";
import type { PictureLoader } from "./pictures.ts";

/** Several frames are a movie; one frame is an image, which may serve as a gain reference. */
function kindOf(header: MovieHeader): FileKind {
  return header.frames > 1 ? "movie" : "image";
}

/** Names that a reference may have: its content is looked at however many images there are. */
const TELLING_NAME = /gain|dark|flat|defect|bad|ref|\.gain$/i;
/** Images without a telling name that are looked into; a folder of micrographs is not read through. */
const MOST_LOOKED_INTO = 12;
const MOST_LIST_BYTES = 4 * 2 ** 20;

/** The text of a list of bad pixels; null when the file is none. */
async function defectText(source: ByteSource): Promise<string | null> {
  if (source.size === 0 || source.size > MOST_LIST_BYTES) return null;
  const head = await source.read(0, Math.min(4096, source.size));
  if (!looksLikeText(head)) return null;
  const text = new TextDecoder().decode(await source.read(0, source.size));
  return looksLikeDefectText(text) ? text : null;
}

/** Whether a file begins as MRC or TIFF do: then it is no table and no list, and is not read as text. */
async function isMovieHead(source: ByteSource): Promise<boolean> {
  if (source.size < 1024) return false;
  const probe = await source.read(0, 1024);
  return looksLikeTiff(probe) || (looksLikeMrc(probe) && !looksLikeText(probe));
}

/** Bytes that are hashed in one go; other work has its turn in between. */
const HASH_PIECE = 4 * 2 ** 20;

interface Opened {
  readonly reader: MovieReader;
  readonly wish: ReadingWish;
  readonly answer: OpenedFile;
}

export function createFilesService(host: WorkerHost, loader: PictureLoader): FilesApi {
  const opened = new Map<string, Opened>();
  const sources = new Map<string, FileSource>();
  const sleepers = createDormitory();
  let lookedInto = 0;

  /** What a single image is, by its values; movies have no role. */
  const roleOf = async (
    source: FileSource,
    { frames, format }: MovieHeader,
  ): Promise<Pick<OpenedFile, "role" | "reason" | "print">> => {
    if (frames > 1) return { role: null, reason: "" };
    if (source.kind !== "file") return { role: "gain", reason: "" };
    const telling = format === "gain" || TELLING_NAME.test(source.file.name);
    if (!telling && ++lookedInto > MOST_LOOKED_INTO)
      return { role: "micrograph", reason: "One image among many; its values were not looked at." };
    const { kind, reason, print } = await classifyFile(createFileByteSource(source.file));
    const content = print === undefined ? {} : { print };
    return kind === "gain" || kind === "dark" || kind === "defects" || kind === "micrograph"
      ? { role: kind, reason, ...content }
      : { role: null, reason, ...content };
  };

  /** Puts an open reader in place under its id, with what was entered instead of the file's. */
  const put = (id: string, { reader, wish, answer }: Opened): OpenedFile => {
    const header = withEntered(reader.header, wish);
    opened.set(id, { reader, wish, answer });
    host.readers.set(id, { ...reader, header });
    return { ...answer, header };
  };

  const dropPictures = (id: string): void => {
    host.pictures.drop(`frame/${id}/`);
    host.pictures.drop(`sum/${id}/`);
  };

  const open = async (id: string, source: FileSource): Promise<OpenedFile> => {
    const wish = source.wish ?? {};
    const before = opened.get(id);
    if (before !== undefined && !readsOtherFrames(before.wish, wish))
      return put(id, { ...before, wish });
    const bytes = source.kind === "file" ? createFileByteSource(source.file) : null;
    if (bytes !== null && !(await isMovieHead(bytes))) {
      if (await isTable(bytes)) {
        host.tables.set(id, bytes);
        return { kind: "table", header: null, role: null, reason: "" };
      }
      if (await namesMicrographs(bytes)) {
        host.tables.set(id, bytes);
        return { kind: "micrographs", header: null, role: null, reason: "" };
      }
      const text = await defectText(bytes);
      if (text !== null) {
        const list = parseDefectText(text, bytes.name);
        host.defectLists.set(id, list);
        const regions = list.regions.length;
        const reason = `${list.kind}: ${regions} bad ${regions === 1 ? "region" : "regions"}.`;
        const print = textPrint(text);
        return { kind: "defects", header: null, role: "defects", reason, print };
      }
    }
    const awake = await openReader(source);
    const reader =
      source.kind === "demo"
        ? awake
        : sleepers.dormant(awake, () => openReader(sources.get(id) ?? source));
    const { header } = reader;
    const role = before?.answer ?? (await roleOf(source, header));
    dropPictures(id);
    await before?.reader.close();
    return put(id, {
      ...{ reader, wish },
      answer: {
        ...{ kind: kindOf(header), header, role: role.role, reason: role.reason },
        ...(role.print === undefined ? {} : { print: role.print }),
      },
    });
  };

  const nameOf = (source: FileSource): { file?: string } =>
    source.kind === "file"
      ? { file: source.file.name }
      : source.kind === "frames"
        ? { file: source.name }
        : {};

  return {
    open: (id, source) =>
      host.attempt({ step: "Opening", ...nameOf(source) }, () => {
        sources.set(id, source);
        return open(id, source);
      }),
    renew: (files) =>
      host.attempt({ step: "Opening" }, async () => {
        for (const [id, source] of files) {
          if (!sources.has(id) || source.kind !== "file") continue;
          sources.set(id, source);
          if (host.tables.has(id)) host.tables.set(id, createFileByteSource(source.file));
          // Asleep, it is opened anew by whoever reads next.
          await opened.get(id)?.reader.close();
        }
        return null;
      }),
    close: async (id) => {
      const reader = host.readers.get(id);
      host.readers.delete(id);
      host.tables.delete(id);
      host.defectLists.delete(id);
      opened.delete(id);
      sources.delete(id);
      dropPictures(id);
      await reader?.close();
    },
    digest: (id) =>
      host.attempt({ step: "Hashing" }, async () => {
        const source = sources.get(id);
        if (source === undefined || source.kind === "demo")
          throw new CryoloupeError("internal", "This file is no longer open. Open it again.");
        const hash = createSha256();
        for (const file of source.kind === "file" ? [source.file] : source.files) {
          const bytes = createFileByteSource(file);
          for (let at = 0; at < bytes.size; at += HASH_PIECE)
            hash.update(await bytes.read(at, Math.min(HASH_PIECE, bytes.size - at)));
        }
        return hash.hex();
      }),
    print: (id) =>
      host.attempt({ step: "Reading" }, async () => {
        const { data } = await loader.load({ kind: "frame", movie: id, frame: 0 });
        return imagePrint(
          host.reader(id).header,
          data instanceof Float32Array ? data : Float32Array.from(data),
        );
      }),
    thumbnail: async (id, size) => {
      const outcome = await host.attempt({ step: "Drawing the thumbnail" }, async () => {
        const picture = await loader.glance(id);
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
