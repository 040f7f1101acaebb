import { BYTES_PER_PIXEL } from "#src/domain/movie.ts";
import type { MovieHeader, MovieReader } from "#src/domain/movie.ts";
import type { ByteSource } from "#src/domain/byteSource.ts";
import { checkFrameIndex } from "../frameIndex.ts";
import { DEFAULT_MAX_FRAME_BYTES } from "../openOptions.ts";
import type { OpenOptions } from "../openOptions.ts";
import { STORED_BITS, decodedType } from "../pixels.ts";
import type { StoredType } from "../pixels.ts";
import { corrupt, tooLarge, truncated, unsupported } from "../refusals.ts";
import { judgeByteSign } from "./byteSign.ts";
import { EXTENDED_HEADER_BYTES, parseExtendedHeader } from "./extendedHeader.ts";
import type { ExtendedHeader } from "./extendedHeader.ts";
import {
  MRC_HEADER_BYTES,
  MRC_MODES,
  imodBytesSigned,
  mrcByteOrder,
  mrcFields,
  parseMrcHeader,
} from "./mrcHeader.ts";
import type { MrcHeader } from "./mrcHeader.ts";

/** Bytes from the middle of the first frame that the sign of mode 0 is judged by. */
const SIGN_SAMPLE_BYTES = 1 << 20;

/** True when the first bytes carry the word "MAP " or a header that makes sense without it. */
export function looksLikeMrc(probe: Uint8Array): boolean {
  if (probe.length < 212) return false;
  const word = String.fromCharCode(...probe.subarray(208, 211));
  return word === "MAP" || mrcByteOrder(probe) !== null;
}

/** Opens an MRC image, stack or movie (modes 0, 1, 2, 6, 12, 101). Rows as stored. */
export async function openMrc(source: ByteSource, options: OpenOptions): Promise<MovieReader> {
  const file = source.name;
  if (source.size < MRC_HEADER_BYTES) throw truncated(file, 0, MRC_HEADER_BYTES, source.size);
  const bytes = await source.read(0, MRC_HEADER_BYTES, options.signal);
  const order = mrcByteOrder(bytes);
  if (order === null)
    throw corrupt(file, "the MRC header has no valid size and mode in either byte order");
  const raw = parseMrcHeader(bytes, order === "little");
  const warnings: string[] = [];
  let stored = storedTypeOf(raw, file);
  const { nx: width, ny: height } = raw;
  const pixels = width * height;
  if (stored === "uint4" && width % 2 === 1 && height % 2 === 1)
    throw unsupported(
      file,
      `4-bit pixels (mode 101) of odd sides ${width} × ${height} have no agreed layout`,
      "Convert it to mode 0 with IMOD's newstack.",
    );
  const frameBytes = Math.ceil((pixels * STORED_BITS[stored]) / 8);
  const budget = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
  const needed = Math.max(frameBytes, pixels * BYTES_PER_PIXEL[decodedType(stored)]);
  const dataOffset = offsetOfData(raw, source, warnings);
  const frames = framesOf(raw, frameBytes, dataOffset, source, warnings);
  if (needed > budget) throw tooLarge(file, width, height, needed, budget);
  if (!raw.hasMapWord)
    warnings.push("The header lacks the word MAP (older than MRC2000); it was read all the same.");
  if (stored === "int8") {
    const length = Math.min(frameBytes, SIGN_SAMPLE_BYTES);
    const middle = dataOffset + Math.floor((frameBytes - length) / 2);
    const sample = await source.read(middle, length, options.signal);
    stored = bytesType(raw, sample, options, warnings);
  }
  const pixelType = decodedType(stored);
  const extended = await readExtendedHeader(raw, source, dataOffset, options);
  const { pixelSizeA, pixelSizeSource } = pixelSizeOf(raw, extended, warnings);
  const header: MovieHeader = {
    format: "mrc",
    width,
    height,
    frames,
    pixelType,
    storedType: stored,
    pixelSizeA,
    pixelSizeSource,
    dosePerFrame: extended.dose,
    unitsPerElectron: null,
    warnings,
    fields: [...mrcFields(raw), ...extended.fields],
  };
  return {
    name: file,
    size: source.size,
    header,
    async readEncoded(index, signal) {
      checkFrameIndex(file, index, frames);
      const part = await source.read(dataOffset + index * frameBytes, frameBytes, signal);
      return {
        codec: "plain",
        file,
        width,
        height,
        pixelType,
        parts: [part],
        parameters: { stored, littleEndian: raw.littleEndian },
      };
    },
    close: async () => await source.close?.(),
  };
}

function storedTypeOf(raw: MrcHeader, file: string): StoredType {
  const stored = MRC_MODES[raw.mode];
  if (stored !== undefined) return stored;
  throw unsupported(
    file,
    raw.mode === 3 || raw.mode === 4
      ? `mode ${raw.mode} holds complex numbers (a Fourier transform), not an image`
      : `mode ${raw.mode} holds no grey picture that a detector writes`,
    "Modes 0, 1, 2, 6, 12 and 101 can be opened.",
  );
}

/**
 * Sign of the bytes of mode 0: what the user says, else IMOD's mark, else header statistics that only
 * one reading allows, else the distribution of the bytes; signed (MRC2014) when nothing decides.
 */
function bytesType(
  raw: MrcHeader,
  sample: Uint8Array,
  options: OpenOptions,
  warnings: string[],
): "int8" | "uint8" {
  if (options.unsignedBytes !== undefined) return options.unsignedBytes ? "uint8" : "int8";
  const imodSigned = imodBytesSigned(raw);
  const judged = judgeByteSign(sample);
  const unsigned =
    imodSigned === null
      ? raw.dmax > 127 ||
        (raw.dmin >= 0 && raw.dmin <= raw.dmax ? judged !== null : judged === "unsigned")
      : !imodSigned;
  if (unsigned && judged !== null)
    warnings.push(
      "Mode 0 means signed bytes, but these are unsigned (0 to 255) and were read so; switch to signed if that is wrong.",
    );
  if (!unsigned && judged !== null)
    warnings.push(
      "Some bytes of this mode 0 file are negative; if the camera wrote unsigned bytes, switch to unsigned.",
    );
  return unsigned ? "uint8" : "int8";
}

async function readExtendedHeader(
  raw: MrcHeader,
  source: ByteSource,
  dataOffset: number,
  options: OpenOptions,
): Promise<ExtendedHeader> {
  const length = Math.min(dataOffset - MRC_HEADER_BYTES, EXTENDED_HEADER_BYTES);
  const bytes =
    length > 0 ? await source.read(MRC_HEADER_BYTES, length, options.signal) : new Uint8Array(0);
  return parseExtendedHeader(raw, bytes);
}

function offsetOfData(raw: MrcHeader, source: ByteSource, warnings: string[]): number {
  if (raw.nsymbt >= 0 && MRC_HEADER_BYTES + raw.nsymbt < source.size)
    return MRC_HEADER_BYTES + raw.nsymbt;
  warnings.push(
    `The header announces an extended header of ${raw.nsymbt} bytes, which the file cannot hold; it was ignored.`,
  );
  return MRC_HEADER_BYTES;
}

function framesOf(
  raw: MrcHeader,
  frameBytes: number,
  dataOffset: number,
  source: ByteSource,
  warnings: string[],
): number {
  const held = Math.floor((source.size - dataOffset) / frameBytes);
  if (held < 1) throw truncated(source.name, dataOffset, frameBytes, source.size);
  if (raw.nz < 1) {
    warnings.push(`The header says ${raw.nz} sections; the file holds ${held}.`);
    return held;
  }
  if (held < raw.nz) {
    warnings.push(
      `The header says ${raw.nz} sections, but the file holds only ${held}: the rest is missing.`,
    );
    return held;
  }
  if (held > raw.nz)
    warnings.push(
      `The header says ${raw.nz} sections, but the file has room for ${held}; ${raw.nz} are read.`,
    );
  return raw.nz;
}

/** Nothing that was recorded in an electron microscope is outside; some headers hold other numbers there. */
const SMALLEST_PIXEL_A = 1e-3;
const LARGEST_PIXEL_A = 1e5;

/** Å/px from cella/mx, else from the extended header; null when neither makes sense. */
function pixelSizeOf(
  raw: MrcHeader,
  extended: ExtendedHeader,
  warnings: string[],
): { pixelSizeA: number | null; pixelSizeSource: string | null } {
  const x = raw.cellA[0] / raw.mx;
  const y = raw.cellA[1] / raw.my;
  if (x > 0 && (x < SMALLEST_PIXEL_A || x > LARGEST_PIXEL_A))
    warnings.push(`The header has a pixel size of ${x.toPrecision(2)} Å; it was ignored.`);
  else if (x > 0) {
    if (Number.isFinite(y) && y > 0 && Math.abs(x - y) > 0.01 * x)
      warnings.push(
        `Pixels are not square in the header: ${x.toPrecision(4)} × ${y.toPrecision(4)} Å; the first is used.`,
      );
    const other = extended.pixelSizeA;
    if (other !== null && Math.abs(x - other) > 0.01 * other)
      warnings.push(
        `The cell says ${x.toPrecision(4)} Å a pixel, the extended header ${other.toPrecision(4)} Å; the cell is used.`,
      );
    return { pixelSizeA: Number(x.toPrecision(7)), pixelSizeSource: "MRC cell" };
  }
  if (x < 0)
    warnings.push(`The header has a negative pixel size (${x.toPrecision(4)} Å); it was ignored.`);
  return extended.pixelSizeA === null
    ? { pixelSizeA: null, pixelSizeSource: null }
    : { pixelSizeA: extended.pixelSizeA, pixelSizeSource: "extended header" };
}
