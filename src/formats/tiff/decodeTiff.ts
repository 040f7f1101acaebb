import { CryoloupeError } from "#src/domain/errors.ts";
import type { EncodedFrame, PixelArray } from "#src/domain/movie.ts";
import { allocatePixels, samplesToPixels } from "../pixels.ts";
import { corrupt } from "../refusals.ts";
import { reverseBits, unpackSamples } from "./bitSamples.ts";
import { inflateInto } from "./inflate.ts";
import { CodecError, decodeLzw } from "./lzw.ts";
import { unpackBits } from "./packBits.ts";
import { unzstd } from "./zstd.ts";
import { undoFloat, undoHorizontal } from "./predictor.ts";
import { blockGrid, blockRowBytes, blockRows, wholeByteType } from "./tiffLayout.ts";
import type { TiffLayout } from "./tiffLayout.ts";

type Expand = (input: Uint8Array, out: Uint8Array) => number;

const expanders: Readonly<Record<number, Expand>> = {
  1: (input, out) => {
    out.set(input.subarray(0, out.length));
    return Math.min(input.length, out.length);
  },
  5: decodeLzw,
  8: inflateInto,
  32946: inflateInto,
  32773: unpackBits,
  50000: unzstd,
};

/** Compressions that are read, by TIFF number. */
export const READABLE_COMPRESSIONS: ReadonlySet<number> = new Set(
  Object.keys(expanders).map(Number),
);

/**
 * Codec "tiff": the strips or tiles of one page. Parameters: those of `TiffLayout`, `blocks` (part,
 * offset and length of each block), `flipRows` (row 0 of the file becomes the last row), `pack4`
 * (two pixels in a byte, low nibble first).
 */
export function decodeTiffFrame(frame: EncodedFrame): PixelArray {
  const layout = frame.parameters as unknown as TiffLayout;
  const { blocks, flipRows, pack4 } = frame.parameters as unknown as {
    blocks: readonly number[];
    flipRows: boolean;
    pack4: boolean;
  };
  const expand = expanders[layout.compression];
  if (expand === undefined)
    throw new CryoloupeError("internal", `No decoder for TIFF compression ${layout.compression}.`);
  const out = allocatePixels(frame.pixelType, frame.width * frame.height);
  const { across, count } = blockGrid(layout);
  const rowBytes = blockRowBytes(layout);
  const scratch = new Uint8Array(rowBytes * layout.blockHeight);
  for (let block = 0; block < count; block++) {
    const rows = blockRows(layout, block);
    const raw = scratch.subarray(0, rowBytes * rows);
    const input = frame.parts[blocks[3 * block]].subarray(
      blocks[3 * block + 1],
      blocks[3 * block + 1] + blocks[3 * block + 2],
    );
    if (layout.fillOrder === 2) reverseBits(input);
    let got: number;
    try {
      got = expand(input, raw);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      throw corrupt(
        frame.file,
        `strip ${block + 1} of ${count} cannot be decoded (${error.message})`,
        error,
      );
    }
    if (got < raw.length)
      throw corrupt(
        frame.file,
        `strip ${block + 1} of ${count} decodes to ${got} bytes where ${raw.length} were expected`,
      );
    const x0 = (block % across) * layout.blockWidth;
    const y0 = Math.floor(block / across) * layout.blockHeight;
    const copyRows = Math.min(rows, layout.height - y0);
    const copyColumns = Math.min(layout.blockWidth, layout.width - x0);
    for (let y = 0; y < copyRows; y++) {
      const row = raw.subarray(y * rowBytes, (y + 1) * rowBytes);
      const target = flipRows ? layout.height - 1 - (y0 + y) : y0 + y;
      if (pack4) unpackNibbles(row, out, target * frame.width + 2 * x0, 2 * copyColumns);
      else putRow(row, layout, out, target * frame.width + x0, copyColumns);
    }
  }
  return out;
}

function unpackNibbles(row: Uint8Array, out: PixelArray, start: number, count: number): void {
  for (let i = 0; i < count; i++) out[start + i] = i & 1 ? row[i >> 1] >> 4 : row[i >> 1] & 15;
}

/** 24-bit samples are whole bytes and follow the byte order of the file. */
function unpackThreeBytes(
  row: Uint8Array,
  { littleEndian, sampleFormat }: TiffLayout,
  out: PixelArray,
  start: number,
  count: number,
): void {
  const [low, high] = littleEndian ? [0, 2] : [2, 0];
  const sign = sampleFormat === 2 ? 8 : 0;
  for (let i = 0; i < count; i++) {
    const value = row[3 * i + low] | (row[3 * i + 1] << 8) | (row[3 * i + high] << 16);
    out[start + i] = (value << sign) >> sign;
  }
}

/** One row of a block, decompressed, to pixels. `row` is used up. */
function putRow(
  row: Uint8Array<ArrayBuffer>,
  layout: TiffLayout,
  out: PixelArray,
  start: number,
  columns: number,
): void {
  const { bits, sampleFormat, predictor } = layout;
  const stored = wholeByteType(bits, sampleFormat);
  if (stored === null) {
    if (bits === 24) unpackThreeBytes(row, layout, out, start, columns);
    else unpackSamples(row, bits, sampleFormat === 2, out, start, columns);
    if (predictor === 2) {
      const modulus = 2 ** bits;
      for (let i = start + 1; i < start + columns; i++) out[i] = (out[i] + out[i - 1]) % modulus;
    }
    return;
  }
  let littleEndian = layout.littleEndian;
  let samples = row;
  if (predictor === 2) undoHorizontal(row, bits / 8, littleEndian);
  else if (predictor === 3) {
    samples = undoFloat(row, bits / 8) as Uint8Array<ArrayBuffer>;
    littleEndian = false;
  }
  if (bits === 8) {
    out.set(samples.subarray(0, columns), start);
    return;
  }
  out.set(samplesToPixels(samples, stored, littleEndian, columns), start);
}
