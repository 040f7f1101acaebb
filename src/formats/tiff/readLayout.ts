import { corrupt, unsupported } from "../refusals.ts";
import { READABLE_COMPRESSIONS } from "./decodeTiff.ts";
import { tagNumber, tagNumbers } from "./tiffDirectory.ts";
import type { TiffPage } from "./tiffDirectory.ts";
import { wholeByteType } from "./tiffLayout.ts";
import type { TiffLayout } from "./tiffLayout.ts";

const LARGEST_SIDE = 1 << 20;

const PREDICTING: ReadonlySet<number> = new Set([5, 8, 32946, 50000]);

const PHOTOMETRICS: Readonly<Record<number, string>> = {
  2: "a colour picture (RGB)",
  3: "a picture with a colour palette",
  4: "a transparency mask",
  5: "a colour picture (CMYK)",
  6: "a colour picture (YCbCr)",
  8: "a colour picture (CIELab)",
  32844: "a picture of logarithmic luminance (LogL)",
  32845: "a picture of logarithmic luminance and colour (LogLuv)",
};

const COMPRESSIONS: Readonly<Record<number, string>> = {
  2: "CCITT modified Huffman",
  3: "fax (CCITT group 3)",
  4: "fax (CCITT group 4)",
  6: "JPEG (old style)",
  7: "JPEG",
  34676: "SGI LogLuv",
  34887: "LERC",
  34925: "LZMA",
  50001: "WebP",
};

/** The layout of a page, or a refusal that says why it is no detector image. */
export function readLayout(
  file: string,
  page: TiffPage,
  littleEndian: boolean,
  index: number,
): TiffLayout {
  const where = `page ${index + 1}`;
  const samples = tagNumber(page, 277, 1);
  const photometric = tagNumber(page, 262, 1);
  const compression = tagNumber(page, 259, 1);
  const grey = "Detector images have one grey value a pixel; choose the original file.";
  if (PHOTOMETRICS[photometric] !== undefined)
    throw unsupported(file, `${where} is ${PHOTOMETRICS[photometric]}`, grey);
  if (photometric > 1)
    throw unsupported(file, `${where} has the photometric interpretation ${photometric}`, grey);
  if (samples !== 1) throw unsupported(file, `${where} has ${samples} samples a pixel`, grey);
  const width = tagNumber(page, 256, 0);
  const height = tagNumber(page, 257, 0);
  if (!(width >= 1 && height >= 1 && width <= LARGEST_SIDE && height <= LARGEST_SIDE))
    throw corrupt(file, `${where} claims a size of ${width} × ${height} px`);
  if (!READABLE_COMPRESSIONS.has(compression))
    throw unsupported(
      file,
      `${where} is compressed with ${COMPRESSIONS[compression] ?? `method ${compression}`}, which is not read here`,
      "Write it anew with LZW, deflate or no compression (tiffcp -c lzw).",
    );
  const bits = tagNumber(page, 258, 1);
  const sampleFormat = sampleFormatOf(page, bits, file, where);
  const tiled = page.tags.hasTag(324);
  const blockWidth = tiled ? tagNumber(page, 322, 0) : width;
  const rowsPerStrip = tagNumber(page, 278, height);
  const blockHeight = tiled
    ? tagNumber(page, 323, 0)
    : Math.min(rowsPerStrip === 0 ? height : rowsPerStrip, height);
  // A tile may be larger than a small image, but no writer makes it larger than twice a large one.
  if (
    !(blockWidth >= 1 && blockHeight >= 1) ||
    blockWidth * blockHeight > Math.max(2 * width * height, 2 ** 20)
  )
    throw corrupt(file, `${where} claims tiles of ${blockWidth} × ${blockHeight} px`);
  // libtiff applies the predictor inside LZW, deflate and zstd; elsewhere the tag means nothing.
  const predictor = PREDICTING.has(compression) ? tagNumber(page, 317, 1) : 1;
  checkPredictor(predictor, bits, sampleFormat, file, where);
  return {
    width,
    height,
    bits,
    sampleFormat,
    compression,
    predictor,
    fillOrder: tagNumber(page, 266, 1),
    blockWidth,
    blockHeight,
    tiled,
    littleEndian,
  };
}

function sampleFormatOf(page: TiffPage, bits: number, file: string, where: string): number {
  const listed = tagNumbers(page, 339)[0] ?? 1;
  // 4 = "undefined": what libtiff reads as unsigned.
  const format = listed === 4 ? 1 : listed;
  if (format === 5 || format === 6)
    throw unsupported(
      file,
      `${where} holds complex numbers`,
      "Choose the image, not its transform.",
    );
  const known = format === 3 ? wholeByteType(bits, 3) !== null : bits >= 1 && bits <= 32;
  if (!(format >= 1 && format <= 3) || (!known && wholeByteType(bits, format) === null))
    throw unsupported(
      file,
      `${where} has samples of ${bits} bits in format ${format}`,
      "Integers up to 32 or of 64 bits and floats of 16, 32 or 64 bits can be opened.",
    );
  return format;
}

function checkPredictor(
  predictor: number,
  bits: number,
  sampleFormat: number,
  file: string,
  where: string,
): void {
  const known =
    predictor === 1 || predictor === 2 || (predictor === 3 && sampleFormat === 3 && bits >= 16);
  if (!known)
    throw unsupported(
      file,
      `${where} has predictor ${predictor} on samples of ${bits} bits`,
      "Write it anew without a predictor (tiffcp -c lzw:1).",
    );
}
