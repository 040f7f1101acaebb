import { BYTES_PER_PIXEL } from "#src/domain/movie.ts";
import type { MovieHeader, MovieReader } from "#src/domain/movie.ts";
import type { ByteSource } from "#src/domain/byteSource.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { DEFAULT_MAX_FRAME_BYTES } from "../openOptions.ts";
import type { OpenOptions } from "../openOptions.ts";
import { STORED_BITS, decodedType } from "../pixels.ts";
import type { StoredType } from "../pixels.ts";
import { corrupt, tooLarge, truncated, unsupported } from "../refusals.ts";
import {
  MRC_HEADER_BYTES,
  MRC_MODES,
  imodBytesSigned,
  mrcByteOrder,
  mrcFields,
  parseMrcHeader,
} from "./mrcHeader.ts";
import type { MrcHeader } from "./mrcHeader.ts";

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
  const stored = storedTypeOf(raw, file, options, warnings);
  const { nx: width, ny: height } = raw;
  const pixels = width * height;
  if (stored === "uint4" && width % 2 === 1 && height % 2 === 1)
    throw unsupported(
      file,
      `4-bit pixels (mode 101) of odd sides ${width} × ${height} have no agreed layout`,
      "Convert it to mode 0 with IMOD's newstack.",
    );
  const frameBytes = Math.ceil((pixels * STORED_BITS[stored]) / 8);
  const pixelType = decodedType(stored);
  const budget = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
  const needed = Math.max(frameBytes, pixels * BYTES_PER_PIXEL[pixelType]);
  const dataOffset = offsetOfData(raw, source, warnings);
  const frames = framesOf(raw, frameBytes, dataOffset, source, warnings);
  if (needed > budget) throw tooLarge(file, width, height, needed, budget);
  if (!raw.hasMapWord)
    warnings.push("The header lacks the word MAP (older than MRC2000); it was read all the same.");
  const pixelSizeA = pixelSizeOf(raw, warnings);
  const header: MovieHeader = {
    format: "mrc",
    width,
    height,
    frames,
    pixelType,
    storedType: stored,
    pixelSizeA,
    pixelSizeSource: pixelSizeA === null ? null : "MRC cell",
    dosePerFrame: null,
    unitsPerElectron: null,
    warnings,
    fields: mrcFields(raw),
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

/** Refuses a frame index outside the movie. */
export function checkFrameIndex(file: string, index: number, frames: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= frames)
    throw new CryoloupeError(
      "bad-arguments",
      `Frame ${index + 1} of ${file} was asked for, but the movie has ${frames} frames.`,
      { file },
    );
}

function storedTypeOf(
  raw: MrcHeader,
  file: string,
  options: OpenOptions,
  warnings: string[],
): StoredType {
  const stored = MRC_MODES[raw.mode];
  if (stored === undefined)
    throw unsupported(
      file,
      raw.mode === 3 || raw.mode === 4
        ? `mode ${raw.mode} holds complex numbers (a Fourier transform), not an image`
        : `mode ${raw.mode} holds no grey picture that a detector writes`,
      "Modes 0, 1, 2, 6, 12 and 101 can be opened.",
    );
  if (stored !== "int8") return stored;
  if (options.unsignedBytes !== undefined) return options.unsignedBytes ? "uint8" : "int8";
  if (imodBytesSigned(raw) === false) {
    warnings.push("Mode 0 with IMOD's mark for unsigned bytes: read as 0 to 255.");
    return "uint8";
  }
  return "int8";
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

/** Å/px from cella/mx; null when it makes no sense. */
function pixelSizeOf(raw: MrcHeader, warnings: string[]): number | null {
  const x = raw.cellA[0] / raw.mx;
  const y = raw.cellA[1] / raw.my;
  if (!Number.isFinite(x) || x === 0) return null;
  if (x < 0) {
    warnings.push(`The header has a negative pixel size (${x.toPrecision(4)} Å); it was ignored.`);
    return null;
  }
  if (Number.isFinite(y) && y > 0 && Math.abs(x - y) > 0.01 * x)
    warnings.push(
      `Pixels are not square in the header: ${x.toPrecision(4)} × ${y.toPrecision(4)} Å; the first is used.`,
    );
  return x;
}
