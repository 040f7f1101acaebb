import { BYTES_PER_PIXEL } from "#src/domain/movie.ts";
import type { HeaderField, MovieHeader, MovieReader, PixelType } from "#src/domain/movie.ts";
import type { Bytes, ByteSource } from "#src/domain/byteSource.ts";
import { MAX_SLICE_BYTES } from "#src/domain/byteSource.ts";
import { checkFrameIndex } from "../frameIndex.ts";
import { DEFAULT_MAX_FRAME_BYTES } from "../openOptions.ts";
import type { OpenOptions } from "../openOptions.ts";
import { eerPages, openEer } from "../eer/openEer.ts";
import { decodedType } from "../pixels.ts";
import { corrupt, tooLarge, truncated } from "../refusals.ts";
import { readLayout } from "./readLayout.ts";
import { readTiffDirectories, tagNumber, tagNumbers, tagText } from "./tiffDirectory.ts";
import type { TiffFile, TiffPage } from "./tiffDirectory.ts";
import { blockGrid, blockRowBytes, blockRows, wholeByteType } from "./tiffLayout.ts";
import type { TiffLayout } from "./tiffLayout.ts";

/** True for the first bytes of a TIFF or BigTIFF of either byte order. */
export function looksLikeTiff(probe: Uint8Array): boolean {
  const [a, b, c, d] = probe;
  return (
    (a === 0x49 && b === 0x49 && (c === 42 || c === 43) && d === 0) ||
    (a === 0x4d && b === 0x4d && c === 0 && (d === 42 || d === 43))
  );
}

/**
 * Opens a TIFF: an EER movie when pages hold electron events, else a movie whose pages are the frames.
 * Rows of TIFF are reversed, as RELION, MotionCor and IMOD do; those of EER and its `.gain` are not.
 */
export async function openTiff(source: ByteSource, options: OpenOptions): Promise<MovieReader> {
  const tiff = await readTiffDirectories(source, options.signal);
  return eerPages(tiff).length > 0
    ? openEer(source, tiff, options)
    : openTiffPages(source, tiff, options);
}

/** Tag of the XML defect list that a `.gain` reference carries. */
export const GAIN_DEFECTS_TAG = 65100;

function openTiffPages(source: ByteSource, tiff: TiffFile, options: OpenOptions): MovieReader {
  const file = source.name;
  const warnings: string[] = [];
  const layout = readLayout(file, tiff.pages[0], tiff.littleEndian, 0);
  const pack4 = isPackedSize(layout);
  const pixelType = pixelTypeOf(layout);
  const width = pack4 ? 2 * layout.width : layout.width;
  const { height } = layout;
  const needed = width * height * BYTES_PER_PIXEL[pixelType];
  const budget = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
  if (needed > budget) throw tooLarge(file, width, height, needed, budget);
  const frames = usablePages(file, tiff, layout, warnings);
  if (pack4)
    warnings.push(
      `${layout.width} × ${height} is the size of K2/K3 frames packed to 4 bits: read as ${width} × ${height}.`,
    );
  const pixelSizeA = pixelSizeOf(tiff.pages[0]);
  const isGain = /\.gain$/i.test(file) || tiff.pages[0].tags.hasTag(GAIN_DEFECTS_TAG);
  const defectsXml = isGain ? tagText(tiff.pages[0], GAIN_DEFECTS_TAG) : "";
  const header: MovieHeader = {
    format: isGain ? "gain" : "tiff",
    width,
    height,
    frames: frames.length,
    pixelType,
    storedType: storedName(layout, pack4),
    pixelSizeA,
    pixelSizeSource: pixelSizeA === null ? null : "TIFF resolution",
    dosePerFrame: null,
    unitsPerElectron: null,
    warnings,
    fields: tiffFields(tiff, layout),
    ...(defectsXml === "" ? {} : { defectsXml }),
  };
  return {
    name: file,
    size: source.size,
    header,
    async readEncoded(index, signal) {
      checkFrameIndex(file, index, frames.length);
      const own = readLayout(file, frames[index], tiff.littleEndian, index);
      const { parts, blocks } = await readBlocks(source, frames[index], own, index, signal);
      return {
        codec: "tiff",
        file,
        width,
        height,
        pixelType,
        parts,
        parameters: { ...own, blocks, pack4, flipRows: !isGain },
      };
    },
    close: async () => await source.close?.(),
  };
}

/** Widths and heights of 4-bit K2/K3 frames that are stored as bytes of half the width (RELION). */
const PACKED_SIZES: readonly (readonly [number, number])[] = [
  [5760, 8184],
  [8184, 5760],
  [4092, 11520],
  [11520, 4092],
  [3710, 7676],
  [7676, 3710],
  [3838, 7420],
  [7420, 3838],
];

function isPackedSize(layout: TiffLayout): boolean {
  return (
    layout.bits === 8 &&
    layout.sampleFormat === 1 &&
    PACKED_SIZES.some(([w, h]) => w === layout.width && h === layout.height)
  );
}

function pixelTypeOf({ bits, sampleFormat }: TiffLayout): PixelType {
  const stored = wholeByteType(bits, sampleFormat);
  if (stored !== null) return decodedType(stored);
  const bytes = bits <= 8 ? 8 : bits <= 16 ? 16 : 32;
  return `${sampleFormat === 2 ? "int" : "uint"}${bytes}` as PixelType;
}

function storedName({ bits, sampleFormat }: TiffLayout, pack4: boolean): string {
  if (pack4) return "uint4";
  return (
    wholeByteType(bits, sampleFormat) ?? `${bits}-bit ${sampleFormat === 2 ? "signed" : "unsigned"}`
  );
}

/** The pages that are frames: of the first page's size and type, with pixels inside the file. */
function usablePages(
  file: string,
  tiff: TiffFile,
  first: TiffLayout,
  warnings: string[],
): TiffPage[] {
  const frames: TiffPage[] = [];
  tiff.pages.forEach((page, i) => {
    // NewSubfileType, bit 0: a smaller copy of another page.
    if (i > 0 && (tagNumber(page, 254, 0) & 1) === 1) return;
    const layout = i === 0 ? first : readLayout(file, page, tiff.littleEndian, i);
    const same =
      layout.width === first.width &&
      layout.height === first.height &&
      layout.bits === first.bits &&
      layout.sampleFormat === first.sampleFormat;
    if (!same)
      throw corrupt(
        file,
        `page ${i + 1} (${layout.width} × ${layout.height}, ${layout.bits} bits) differs from page 1 (${first.width} × ${first.height}, ${first.bits} bits), so that the pages are no movie`,
      );
    frames.push(page);
  });
  const previews = tiff.pages.length - frames.length;
  if (previews > 0) warnings.push(`${previews} pages are smaller copies and were skipped.`);
  if (tiff.brokenChain !== null)
    warnings.push(
      `The file breaks off: ${tiff.brokenChain}. ${frames.length} pages before it are read.`,
    );
  return frames;
}

/** Å/px from a resolution in cm or inch, when it is one that a microscope can have. */
function pixelSizeOf(page: TiffPage): number | null {
  const unit = tagNumber(page, 296, 2);
  const [numerator, denominator] = tagNumbers(page, 282);
  if (unit !== 2 && unit !== 3) return null;
  const perUnit = numerator / denominator;
  const sizeA = (unit === 3 ? 1e8 : 2.54e8) / perUnit;
  return sizeA > 0.01 && sizeA < 1000 ? sizeA : null;
}

function tiffFields(tiff: TiffFile, layout: TiffLayout): HeaderField[] {
  const page = tiff.pages[0];
  const fields: [string, string][] = [
    ["container", tiff.bigTiff ? "BigTIFF" : "TIFF"],
    ["byte order", tiff.littleEndian ? "little endian" : "big endian"],
    ["pages", String(tiff.pages.length)],
    ["size", `${layout.width} × ${layout.height}`],
    ["bits per sample", String(layout.bits)],
    ["sample format", String(layout.sampleFormat)],
    ["compression", String(layout.compression)],
    ["predictor", String(layout.predictor)],
    [layout.tiled ? "tile" : "strip", `${layout.blockWidth} × ${layout.blockHeight}`],
  ];
  for (const [name, tag] of [
    ["image description", 270],
    ["make", 271],
    ["model", 272],
    ["software", 305],
    ["date and time", 306],
  ] as const) {
    const text = tagText(page, tag);
    if (text !== "") fields.push([name, text.slice(0, 4000)]);
  }
  return fields.map(([name, value]) => ({ name, value }));
}

/** Largest possible ratio of decoded to stored bytes, by compression. */
const LARGEST_RATIO: Readonly<Record<number, number>> = {
  1: 1,
  5: 2600,
  8: 1040,
  32946: 1040,
  32773: 64,
  50000: 50_000,
};

/** Reads the strips or tiles of a page; neighbours in the file are read together. */
async function readBlocks(
  source: ByteSource,
  page: TiffPage,
  layout: TiffLayout,
  index: number,
  signal: Parameters<ByteSource["read"]>[2],
): Promise<{ parts: Bytes[]; blocks: number[] }> {
  const file = source.name;
  const { count } = blockGrid(layout);
  const offsets = tagNumbers(page, layout.tiled ? 324 : 273);
  const lengths = tagNumbers(page, layout.tiled ? 325 : 279);
  const full = blockRowBytes(layout) * layout.blockHeight;
  if (offsets.length < count)
    throw corrupt(file, `page ${index + 1} lists ${offsets.length} strips of ${count}`);
  // What no codec needs more than: a longer strip is cut, so that a lie costs nothing.
  const most = 2 * full + 4096;
  const ratio = LARGEST_RATIO[layout.compression] ?? 1;
  const parts: Bytes[] = [];
  const blocks: number[] = [];
  const lengthOf = (i: number): number =>
    Math.min(lengths.length > i ? lengths[i] : full, most, source.size - offsets[i]);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const length = lengthOf(i);
    total += length;
    const expected = blockRowBytes(layout) * blockRows(layout, i);
    if (offsets[i] > 0 && length > 0 && length * ratio < expected)
      throw corrupt(
        file,
        `strip ${i + 1} of page ${index + 1} has ${length} bytes, too few for ${expected} bytes of pixels`,
      );
  }
  if (total > source.size)
    throw corrupt(file, `the strips of page ${index + 1} claim more bytes than the file has`);
  for (let i = 0; i < count;) {
    const start = offsets[i];
    if (start <= 0 || start >= source.size || lengthOf(i) <= 0)
      throw truncated(file, start, lengths[i] ?? full, source.size);
    const firstOfRun = i;
    let end = start;
    while (i < count && offsets[i] === end && end + lengthOf(i) - start <= MAX_SLICE_BYTES)
      end += lengthOf(i++);
    if (i === firstOfRun) end += lengthOf(i++);
    for (let k = firstOfRun; k < i; k++) blocks.push(parts.length, offsets[k] - start, lengthOf(k));
    parts.push(await source.read(start, end - start, signal));
  }
  return { parts, blocks };
}
