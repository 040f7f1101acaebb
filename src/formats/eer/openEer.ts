import { BYTES_PER_PIXEL } from "#src/domain/movie.ts";
import type { HeaderField, MovieHeader, MovieReader, PixelType } from "#src/domain/movie.ts";
import type { Bytes, ByteSource } from "#src/domain/byteSource.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import { fractionate } from "#src/domain/eerFractionation.ts";
import { checkFrameIndex } from "../frameIndex.ts";
import { DEFAULT_MAX_FRAME_BYTES } from "../openOptions.ts";
import type { OpenOptions } from "../openOptions.ts";
import { joinBytes } from "../plain.ts";
import { corrupt, tooLarge, truncated, unsupported } from "../refusals.ts";
import { tagNumber, tagNumbers, tagText } from "../tiff/tiffDirectory.ts";
import type { TiffFile, TiffPage } from "../tiff/tiffDirectory.ts";
import type { EerParameters } from "./decodeEer.ts";
import { parseEerMetadata } from "./eerMetadata.ts";

const COMPRESSIONS: ReadonlySet<number> = new Set([65000, 65001, 65002]);
const LARGEST_SENSOR = 1 << 14;

/** The pages that hold electrons; others (a final image, say) are no frames. */
export function eerPages(tiff: TiffFile): TiffPage[] {
  return tiff.pages.filter((page) => COMPRESSIONS.has(tagNumber(page, 259, 1)));
}

/** Opens an EER movie: raw frames gathered into fractions and rendered at 4k, 8k or 16k. */
export function openEer(source: ByteSource, tiff: TiffFile, options: OpenOptions): MovieReader {
  const file = source.name;
  const pages = eerPages(tiff);
  const coding = codingOf(file, pages[0]);
  const { sensorWidth, sensorHeight } = coding;
  const { upsampling, upsamplingBits } = upsamplingOf(file, coding, options);
  const plan = fractionate(pages.length, options.eer);
  const width = sensorWidth * upsampling;
  const height = sensorHeight * upsampling;
  // A raw frame has at most one electron in a pixel.
  const pixelType: PixelType = plan.groupSize <= 255 ? "uint8" : "uint16";
  const needed = width * height * BYTES_PER_PIXEL[pixelType];
  const budget = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
  if (needed > budget) throw tooLarge(file, width, height, needed, budget);

  const warnings: string[] = [];
  if (tiff.brokenChain !== null)
    warnings.push(
      `The file breaks off: ${tiff.brokenChain}. ${pages.length} raw frames before it are read.`,
    );
  const others = tiff.pages.length - pages.length;
  if (others > 0)
    warnings.push(`${others} of ${tiff.pages.length} pages are no EER frames and were skipped.`);
  if (plan.leftover > 0)
    warnings.push(
      `Raw frames ${plan.fractions * plan.groupSize + 1} to ${plan.rawFrames} fill no fraction of ${plan.groupSize} and are left out.`,
    );
  const metadata = parseEerMetadata(metadataText(tiff.pages));
  const dosePerRawFrame = metadata.totalDose === null ? null : metadata.totalDose / plan.rawFrames;
  const sensorPixelA = metadata.pixelSizeA;
  const header: MovieHeader = {
    format: "eer",
    width,
    height,
    frames: plan.fractions,
    pixelType,
    storedType: "electron events",
    pixelSizeA: sensorPixelA === null ? null : sensorPixelA / upsampling,
    pixelSizeSource: sensorPixelA === null ? null : "EER acquisition metadata",
    dosePerFrame: dosePerRawFrame === null ? null : dosePerRawFrame * plan.groupSize,
    unitsPerElectron: 1,
    warnings,
    fields: [...containerFields(tiff, pages, coding), ...metadata.fields],
    eer: { ...plan, upsampling, dosePerRawFrame, gainReference: metadata.gainReference },
  };
  return {
    name: file,
    size: source.size,
    header,
    async readEncoded(index, signal) {
      checkFrameIndex(file, index, plan.fractions);
      const firstRawFrame = index * plan.groupSize;
      const parts: Bytes[] = [];
      for (let i = firstRawFrame; i < firstRawFrame + plan.groupSize; i++) {
        throwIfCancelled(signal);
        parts.push(await readRawFrame(source, pages[i], i, coding, signal));
      }
      const parameters: EerParameters = {
        ...codingOf(file, pages[firstRawFrame]),
        upsamplingBits,
        firstRawFrame,
      };
      return { codec: "eer", file, width, height, pixelType, parts, parameters: { ...parameters } };
    },
    close: async () => await source.close?.(),
  };
}

type Coding = Omit<EerParameters, "upsamplingBits" | "firstRawFrame">;

/** Sizes and bit widths of a raw frame: 65000 = 8 + 4 bits, 65001 = 7 + 4, 65002 = as tags 65007–65009 say. */
function codingOf(file: string, page: TiffPage): Coding {
  const sensorWidth = tagNumber(page, 256, 0);
  const sensorHeight = tagNumber(page, 257, 0);
  if (
    !(sensorWidth >= 1 && sensorHeight >= 1) ||
    sensorWidth > LARGEST_SENSOR ||
    sensorHeight > LARGEST_SENSOR
  )
    throw corrupt(file, `it claims a sensor of ${sensorWidth} × ${sensorHeight} px`);
  const compression = tagNumber(page, 259, 1);
  const runBits = compression === 65000 ? 8 : compression === 65001 ? 7 : tagNumber(page, 65007, 7);
  const subBitsX = compression === 65002 ? tagNumber(page, 65008, 2) : 2;
  const subBitsY = compression === 65002 ? tagNumber(page, 65009, subBitsX) : 2;
  const sound =
    Number.isInteger(runBits + subBitsX + subBitsY) &&
    runBits >= 2 &&
    subBitsX >= 0 &&
    subBitsY >= 0 &&
    runBits + subBitsX + subBitsY <= 16;
  if (!sound)
    throw unsupported(
      file,
      `its EER coding has ${runBits} run bits and ${subBitsX} + ${subBitsY} sub-pixel bits`,
      "At most 16 bits an electron can be read; please report the camera that wrote it.",
    );
  return {
    sensorWidth,
    sensorHeight,
    runBits,
    subBitsX,
    subBitsY,
    placeAfterFullRun: compression === 65000,
  };
}

function upsamplingOf(
  file: string,
  coding: Coding,
  options: OpenOptions,
): { upsampling: number; upsamplingBits: number } {
  const upsampling = options.eer?.upsampling ?? 1;
  const upsamplingBits = Math.log2(upsampling);
  if (upsamplingBits > Math.min(coding.subBitsX, coding.subBitsY))
    throw unsupported(
      file,
      `rendering at ${upsampling} times the sensor's ${coding.sensorWidth} px needs ${upsamplingBits} sub-pixel bits, but the file has ${coding.subBitsX} + ${coding.subBitsY}`,
      "Choose a smaller upsampling.",
    );
  return { upsampling, upsamplingBits };
}

async function readRawFrame(
  source: ByteSource,
  page: TiffPage,
  index: number,
  coding: Coding,
  signal: Parameters<ByteSource["read"]>[2],
): Promise<Bytes> {
  const file = source.name;
  const offsets = tagNumbers(page, 273);
  const lengths = tagNumbers(page, 279);
  if (
    tagNumber(page, 256, 0) !== coding.sensorWidth ||
    tagNumber(page, 257, 0) !== coding.sensorHeight
  )
    throw corrupt(file, `raw frame ${index + 1} differs in size from the first`);
  if (offsets.length === 0 || offsets.length !== lengths.length)
    throw corrupt(file, `raw frame ${index + 1} lists ${offsets.length} strips`);
  // No frame is longer than one electron in every pixel.
  const symbolBits = coding.runBits + coding.subBitsX + coding.subBitsY;
  const sensorPixels = coding.sensorWidth * coding.sensorHeight;
  const most = Math.ceil((sensorPixels * symbolBits) / 8) + 64;
  const total = lengths.reduce((sum, n) => sum + n, 0);
  if (total > most + 8 * lengths.length)
    throw corrupt(
      file,
      `raw frame ${index + 1} claims ${total} bytes, more than a full sensor needs`,
    );
  const strips: Bytes[] = [];
  for (let k = 0; k < offsets.length; k++) {
    if (offsets[k] <= 0 || offsets[k] + lengths[k] > source.size)
      throw truncated(file, offsets[k], lengths[k], source.size);
    strips.push(await source.read(offsets[k], lengths[k], signal));
  }
  return strips.length === 1 ? strips[0] : joinBytes(strips);
}

/** The acquisition XML stands in the first directory that has it. */
function metadataText(pages: readonly TiffPage[]): string {
  for (const page of pages.slice(0, 3)) {
    const text = tagText(page, 65001);
    if (text.includes("<")) return text;
  }
  return "";
}

function containerFields(
  tiff: TiffFile,
  pages: readonly TiffPage[],
  coding: Coding,
): HeaderField[] {
  return [
    { name: "container", value: tiff.bigTiff ? "BigTIFF" : "TIFF" },
    { name: "sensor", value: `${coding.sensorWidth} × ${coding.sensorHeight} px` },
    { name: "raw frames", value: String(pages.length) },
    { name: "compression", value: String(tagNumber(pages[0], 259, 1)) },
    { name: "run bits", value: String(coding.runBits) },
    { name: "sub-pixel bits", value: `${coding.subBitsX} + ${coding.subBitsY}` },
  ];
}
