import type { ByteSource } from "#src/domain/byteSource.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { DefectList } from "#src/domain/defects.ts";
import type { Float32Pixels, MovieHeader, MovieReader } from "#src/domain/movie.ts";
import { decodeFrame } from "../decodeFrame.ts";
import { openMovie } from "../openMovie.ts";
import type { OpenOptions } from "../openOptions.ts";
import { tooLarge } from "../refusals.ts";
import { parseGainXml } from "./defectLists.ts";
import { judgeReference } from "./judgeReference.ts";
import type { ReferenceHints } from "./judgeReference.ts";
import { DEFAULT_MAX_FRAME_BYTES } from "../openOptions.ts";

/** A gain, dark, defect map or micrograph: one image, whatever the format. */
export interface OpenedImage {
  readonly header: MovieHeader;
  readonly width: number;
  readonly height: number;
  /** `[height, width]`, row 0 first (TIFF rows reversed, `.gain` as stored); mean over the frames. */
  readonly pixels: Float32Pixels;
  /** Defects that the file itself lists (`.gain`), or null. */
  readonly defects: DefectList | null;
  /** What the values look like; a suggestion, never applied unasked. */
  readonly hints: ReferenceHints;
  readonly warnings: readonly string[];
}

/** Opens any readable file as one float32 image; a stack is averaged. The source is closed. */
export async function openImage(
  source: ByteSource,
  options: OpenOptions = {},
): Promise<OpenedImage> {
  const reader = await openMovie(source, options).catch(async (error: unknown) => {
    await source.close?.();
    throw error;
  });
  try {
    return await readImage(reader, options);
  } finally {
    await reader.close();
  }
}

async function readImage(reader: MovieReader, options: OpenOptions): Promise<OpenedImage> {
  const { header } = reader;
  const { width, height, frames } = header;
  const budget = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
  if (4 * width * height > budget)
    throw tooLarge(reader.name, width, height, 4 * width * height, budget);
  const warnings = [...header.warnings];
  const pixels = await meanOfFrames(reader, options);
  if (frames > 1) warnings.push(`${reader.name} has ${frames} frames; their mean is used.`);
  const defects =
    header.defectsXml === undefined ? null : parseGainXml(header.defectsXml, reader.name);
  return {
    header,
    width,
    height,
    pixels,
    defects,
    hints: judgeReference(pixels, header),
    warnings,
  };
}

async function meanOfFrames(reader: MovieReader, options: OpenOptions): Promise<Float32Pixels> {
  const { width, height, frames } = reader.header;
  const first = await decodeFrame(await reader.readEncoded(0, options.signal));
  if (frames === 1) return first instanceof Float32Array ? first : Float32Array.from(first);
  // Double sums: thousands of raw-count frames exceed what float32 adds exactly.
  const sum = new Float64Array(width * height);
  sum.set(first);
  for (let i = 1; i < frames; i++) {
    throwIfCancelled(options.signal);
    const pixels = await decodeFrame(await reader.readEncoded(i, options.signal));
    for (let k = 0; k < sum.length; k++) sum[k] += pixels[k];
  }
  const mean = new Float32Array(width * height);
  for (let k = 0; k < mean.length; k++) mean[k] = sum[k] / frames;
  return mean;
}
