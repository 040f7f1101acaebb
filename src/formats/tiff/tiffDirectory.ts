import GeoTIFF from "geotiff";
import type { ImageFileDirectory } from "geotiff";
import type { ByteSource } from "#src/domain/byteSource.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { cachedReader } from "../cachedReader.ts";
import { corrupt } from "../refusals.ts";

/** Largest array or text of one tag: a strip table of an 8k page with one row a strip is 128 KiB. */
const MAX_TAG_BYTES = 16 * 2 ** 20;
/** Tags of all pages together: no file has more of them than bytes, and memory stays bounded. */
const MAX_TAG_BYTES_IN_ALL = 256 * 2 ** 20;
/** A directory with its small values; those of an EER movie lie far apart. */
const BLOCK_BYTES = 1 << 13;
const MAX_ENTRIES = 4096;
const MAX_PAGES = 1 << 20;
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

type TiffSource = Parameters<typeof GeoTIFF.fromSource>[0];

/** One page: its tags, all loaded. */
export interface TiffPage {
  readonly tags: ImageFileDirectory;
  readonly offset: number;
}

export interface TiffFile {
  readonly littleEndian: boolean;
  readonly bigTiff: boolean;
  readonly pages: readonly TiffPage[];
  /** Why the walk ended before the chain did, or null. */
  readonly brokenChain: string | null;
}

/**
 * Walks the directories of a TIFF or BigTIFF. geotiff parses them; before it may, each is checked here,
 * because it allocates what a tag announces and follows a chain that bites its tail for ever.
 */
export async function readTiffDirectories(
  source: ByteSource,
  signal: CancelSignal | undefined,
): Promise<TiffFile> {
  const file = source.name;
  const read = cachedReader(source, BLOCK_BYTES, signal);
  const adapter = {
    fetch: async (slices: readonly { offset: number; length: number }[]) => {
      const answers: ArrayBuffer[] = [];
      for (const { offset, length } of slices) answers.push((await read(offset, length)).buffer);
      return answers;
    },
    close: () => Promise.resolve(),
  };
  const tiff = await GeoTIFF.fromSource(adapter as unknown as TiffSource).catch(
    (error: unknown) => {
      throw rethrow(file, "the TIFF header makes no sense", error);
    },
  );
  // Tags are loaded at once: geotiff reads deferred arrays as little endian whatever the file says.
  tiff.parser.eager = true;
  const { littleEndian, bigTiff } = tiff;
  const pages: TiffPage[] = [];
  const seen = new Set<number>();
  let offset = tiff.firstIFDOffset;
  let brokenChain: string | null = null;
  let tagBytes = 0;
  const tagBytesAllowed = Math.min(source.size + 2 ** 20, MAX_TAG_BYTES_IN_ALL);
  while (offset !== 0) {
    throwIfCancelled(signal);
    if (seen.has(offset)) {
      brokenChain = `page ${pages.length + 1} leads back to an earlier page`;
      break;
    }
    seen.add(offset);
    try {
      tagBytes += await checkDirectory(
        read,
        source.size,
        offset,
        littleEndian,
        bigTiff,
        file,
        pages.length,
      );
      if (tagBytes > tagBytesAllowed)
        throw corrupt(file, `the tags of ${pages.length + 1} pages claim ${tagBytes} bytes`);
      const tags = await tiff.parser.parseFileDirectoryAt(offset);
      pages.push({ tags, offset });
      offset = tags.nextIFDByteOffset;
    } catch (error) {
      const known = rethrow(
        file,
        `page ${pages.length + 1} has a directory that cannot be read`,
        error,
      );
      if (pages.length === 0 || known.code === "cancelled") throw known;
      brokenChain = `the directory of page ${pages.length + 1} cannot be read`;
      break;
    }
    if (pages.length > MAX_PAGES) throw corrupt(file, `it has more than ${MAX_PAGES} pages`);
  }
  if (pages.length === 0) throw corrupt(file, "the TIFF has no page");
  return { littleEndian, bigTiff, pages, brokenChain };
}

function rethrow(file: string, what: string, error: unknown): CryoloupeError {
  return error instanceof CryoloupeError ? error : corrupt(file, what, error);
}

/** Checks what geotiff will allocate; returns the bytes that the tags take outside the directory. */
async function checkDirectory(
  read: (offset: number, length: number) => Promise<Uint8Array>,
  size: number,
  offset: number,
  littleEndian: boolean,
  bigTiff: boolean,
  file: string,
  page: number,
): Promise<number> {
  const countBytes = bigTiff ? 8 : 2;
  const entryBytes = bigTiff ? 20 : 12;
  const broken = (what: string): CryoloupeError => corrupt(file, `page ${page + 1}: ${what}`);
  const head = viewOf(await read(offset, countBytes));
  if (head.byteLength < countBytes)
    throw broken(`its directory at byte ${offset} lies outside the file`);
  const count = bigTiff
    ? Number(head.getBigUint64(0, littleEndian))
    : head.getUint16(0, littleEndian);
  if (count > MAX_ENTRIES) throw broken(`a directory of ${count} tags makes no sense`);
  const need = count * entryBytes + (bigTiff ? 8 : 4);
  const entries = viewOf(await read(offset + countBytes, need));
  if (entries.byteLength < need) throw broken("its directory runs beyond the end of the file");
  let outside = 0;
  for (let i = 0; i < count; i++) {
    const at = i * entryBytes;
    const type = entries.getUint16(at + 2, littleEndian);
    const values = bigTiff
      ? Number(entries.getBigUint64(at + 4, littleEndian))
      : entries.getUint32(at + 4, littleEndian);
    const bytes = values * (TYPE_BYTES[type] ?? 0);
    if (bytes <= (bigTiff ? 8 : 4)) continue;
    const tag = entries.getUint16(at, littleEndian);
    if (bytes > MAX_TAG_BYTES) throw broken(`tag ${tag} claims ${bytes} bytes`);
    const where = bigTiff
      ? Number(entries.getBigUint64(at + 12, littleEndian))
      : entries.getUint32(at + 8, littleEndian);
    if (where + bytes > size)
      throw broken(`the ${bytes} bytes of tag ${tag} lie beyond the end of the file`);
    outside += bytes;
  }
  return outside;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** First number of a tag, or the fallback when the tag is absent or no number. */
export function tagNumber(page: TiffPage, tag: number, fallback: number): number {
  const value = tagNumbers(page, tag)[0];
  return value === undefined ? fallback : value;
}

/** Numbers of a tag; empty when absent. */
export function tagNumbers(page: TiffPage, tag: number): readonly number[] {
  const value: unknown = page.tags.getValue(tag as never);
  if (typeof value === "number") return [value];
  if (Array.isArray(value)) return value.map(Number);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as ArrayLike<number>);
  return [];
}

/** Text of a tag, without the closing zero; empty when absent. Bytes are read as UTF-8. */
export function tagText(page: TiffPage, tag: number): string {
  const value: unknown = page.tags.getValue(tag as never);
  const text =
    typeof value === "string"
      ? value
      : new TextDecoder().decode(Uint8Array.from(tagNumbers(page, tag)));
  return text.replace(/\0[\s\S]*$/, "");
}
