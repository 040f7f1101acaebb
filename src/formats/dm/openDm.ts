import { BYTES_PER_PIXEL } from "#src/domain/movie.ts";
import type { HeaderField, MovieHeader, MovieReader } from "#src/domain/movie.ts";
import type { ByteSource } from "#src/domain/byteSource.ts";
import { checkFrameIndex } from "../frameIndex.ts";
import { DEFAULT_MAX_FRAME_BYTES } from "../openOptions.ts";
import type { OpenOptions } from "../openOptions.ts";
import { STORED_BITS, decodedType } from "../pixels.ts";
import type { StoredType } from "../pixels.ts";
import { corrupt, tooLarge, truncated, unsupported } from "../refusals.ts";
import { dmNode, dmNumber, dmText, isArray, isGroup, readDmTags } from "./dmTags.ts";
import type { DmArray, DmFile, DmGroup, DmNode } from "./dmTags.ts";

/** Pixel types by DigitalMicrograph's DataType. */
const DATA_TYPES: Readonly<Record<number, StoredType>> = {
  1: "int16",
  2: "float32",
  6: "uint8",
  7: "int32",
  9: "int8",
  10: "uint16",
  11: "uint32",
  12: "float64",
  14: "uint8",
  39: "int64",
  40: "uint64",
};

const REFUSED_TYPES: Readonly<Record<number, string>> = {
  3: "complex numbers",
  5: "packed complex numbers (a Fourier transform)",
  8: "colour",
  13: "complex numbers",
  23: "colour",
};

/** Opens the image or stack of a DM3 or DM4 file. Rows as stored: DigitalMicrograph's top row first. */
export async function openDm(source: ByteSource, options: OpenOptions): Promise<MovieReader> {
  const file = source.name;
  const dm = await readDmTags(source, options.signal);
  const { image, number } = mainImage(file, dm);
  const stored = storedTypeOf(file, image);
  const { width, height, frames } = sizeOf(file, image);
  const data = dmNode(image, "ImageData/Data") as DmArray;
  const pixels = width * height;
  const frameBytes = (pixels * STORED_BITS[stored]) / 8;
  const pixelType = decodedType(stored);
  const budget = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
  const needed = Math.max(frameBytes, pixels * BYTES_PER_PIXEL[pixelType]);
  const held = Math.floor((data.length * data.elementBytes) / frameBytes);
  if (held < 1) throw truncated(file, data.offset, frameBytes, source.size);
  if (needed > budget) throw tooLarge(file, width, height, needed, budget);
  const warnings: string[] = [
    "DigitalMicrograph stores the top row first; where this is a reference for MRC or TIFF movies, its rows may have to be reversed.",
  ];
  if (held < frames)
    warnings.push(`The tags say ${frames} frames, but the data hold only ${held}.`);
  const pixelSizeA = pixelSizeOf(image);
  const header: MovieHeader = {
    format: dm.version === 3 ? "dm3" : "dm4",
    width,
    height,
    frames: Math.min(frames, held),
    pixelType,
    storedType: stored,
    pixelSizeA,
    pixelSizeSource: pixelSizeA === null ? null : "DM calibration",
    dosePerFrame: null,
    unitsPerElectron: null,
    warnings,
    fields: dmFields(dm, image, number),
  };
  return {
    name: file,
    size: source.size,
    header,
    async readEncoded(index, signal) {
      checkFrameIndex(file, index, header.frames);
      const part = await source.read(data.offset + index * frameBytes, frameBytes, signal);
      const parameters = { stored, littleEndian: dm.littleEndian };
      return { codec: "plain", file, width, height, pixelType, parts: [part], parameters };
    },
    close: async () => await source.close?.(),
  };
}

/** The image that is no thumbnail; of several the largest. */
function mainImage(file: string, dm: DmFile): { image: DmGroup; number: string } {
  const list = dmNode(dm.root, "ImageList");
  if (!isGroup(list)) throw corrupt(file, "it holds no list of images");
  const thumbnails = new Set<string>();
  const named = dmNode(dm.root, "Thumbnails");
  if (isGroup(named))
    for (const key of named.entries.keys()) {
      const index = dmNumber(named, `${key}/ImageIndex`);
      if (index !== undefined) thumbnails.add(String(index));
    }
  const candidates: { image: DmGroup; number: string; bytes: number }[] = [];
  for (const [number, image] of list.entries) {
    if (!isGroup(image)) continue;
    const data = dmNode(image, "ImageData/Data");
    if (isArray(data)) candidates.push({ image, number, bytes: data.length * data.elementBytes });
  }
  const real = candidates.filter(({ number }) => !thumbnails.has(number));
  const [best] = (real.length > 0 ? real : candidates).sort((a, b) => b.bytes - a.bytes);
  if (best === undefined) throw corrupt(file, "none of its images has pixels");
  return best;
}

function storedTypeOf(file: string, image: DmGroup): StoredType {
  const type = dmNumber(image, "ImageData/DataType") ?? -1;
  const stored = DATA_TYPES[type];
  if (stored === undefined)
    throw unsupported(
      file,
      REFUSED_TYPES[type] === undefined
        ? `its pixels have the unknown DigitalMicrograph type ${type}`
        : `its pixels are ${REFUSED_TYPES[type]}, not grey values of a detector`,
      "Save the image as real or integer numbers in DigitalMicrograph.",
    );
  const data = dmNode(image, "ImageData/Data");
  if (!isArray(data) || data.elementBytes !== STORED_BITS[stored] / 8)
    throw corrupt(file, `its pixels of type ${type} do not have ${STORED_BITS[stored] / 8} bytes`);
  return stored;
}

function sizeOf(file: string, image: DmGroup): { width: number; height: number; frames: number } {
  const dimensions = dmNode(image, "ImageData/Dimensions");
  const sizes: number[] = [];
  if (isGroup(dimensions))
    for (const size of dimensions.entries.values()) if (typeof size === "number") sizes.push(size);
  while (sizes.length > 3 && sizes[sizes.length - 1] === 1) sizes.pop();
  const [width, height = 1, frames = 1] = sizes;
  if (sizes.length > 3)
    throw unsupported(
      file,
      `it has ${sizes.length} dimensions (${sizes.join(" × ")})`,
      "Images and stacks of images can be opened; split the data set first.",
    );
  if (!(width >= 1 && height >= 1 && frames >= 1 && width * height <= 2 ** 40))
    throw corrupt(file, `it claims a size of ${sizes.join(" × ")}`);
  return { width, height, frames };
}

/** Å/px from the calibration of the first axis; null in reciprocal or unknown units. */
function pixelSizeOf(image: DmGroup): number | null {
  const base = "ImageData/Calibrations/Dimension/0";
  const scale = dmNumber(image, `${base}/Scale`);
  const units = dmText(image, `${base}/Units`)?.trim() ?? "";
  const perUnit =
    units === "nm"
      ? 10
      : /^[µμu]m$/.test(units)
        ? 1e4
        : units === "pm"
          ? 0.01
          : /^[AåÅ\u212b]$/.test(units)
            ? 1
            : null;
  if (scale === undefined || perUnit === null || !(scale > 0)) return null;
  return Number((scale * perUnit).toPrecision(7));
}

/** Scalars and short texts of the image's tags, by path. */
function dmFields(dm: DmFile, image: DmGroup, number: string): HeaderField[] {
  const fields: HeaderField[] = [
    { name: "container", value: `DigitalMicrograph ${dm.version}` },
    { name: "byte order", value: dm.littleEndian ? "little endian" : "big endian" },
    { name: "image", value: number },
  ];
  const walk = (node: DmNode, path: string): void => {
    if (fields.length >= 400) return;
    if (isGroup(node))
      for (const [name, child] of node.entries) walk(child, path === "" ? name : `${path}.${name}`);
    else if (isArray(node))
      fields.push({ name: path, value: `array of ${node.length} × ${node.elementBytes} bytes` });
    else fields.push({ name: path, value: String(node).slice(0, 500) });
  };
  for (const part of ["ImageData", "ImageTags"]) {
    const node = image.entries.get(part);
    if (node !== undefined) walk(node, part);
  }
  return fields;
}
