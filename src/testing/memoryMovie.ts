import { BYTES_PER_PIXEL } from "#src/domain/movie.ts";
import type {
  EncodedFrame,
  MovieHeader,
  MovieReader,
  PixelArray,
  PixelType,
} from "#src/domain/movie.ts";

function typeOf(pixels: PixelArray): PixelType {
  if (pixels instanceof Uint8Array) return "uint8";
  if (pixels instanceof Int8Array) return "int8";
  if (pixels instanceof Uint16Array) return "uint16";
  if (pixels instanceof Int16Array) return "int16";
  if (pixels instanceof Uint32Array) return "uint32";
  if (pixels instanceof Int32Array) return "int32";
  return "float32";
}

/** A movie of frames in memory, `[height, width]` each, read through the codec of raw pixels. */
export function memoryMovie(
  frames: readonly PixelArray[],
  width: number,
  height: number,
  header: Partial<MovieHeader> = {},
  name = "memory.mrcs",
): MovieReader {
  const pixelType = typeOf(frames[0]);
  return {
    name,
    size: frames.length * width * height * BYTES_PER_PIXEL[pixelType],
    header: {
      format: "memory",
      width,
      height,
      frames: frames.length,
      pixelType,
      pixelSizeA: 1,
      pixelSizeSource: "test",
      dosePerFrame: null,
      unitsPerElectron: null,
      warnings: [],
      fields: [],
      ...header,
    },
    readEncoded: (index): Promise<EncodedFrame> =>
      Promise.resolve({
        codec: "plain",
        file: name,
        width,
        height,
        pixelType,
        parts: [new Uint8Array(frames[index].slice().buffer)],
        parameters: { stored: pixelType, littleEndian: true },
      }),
    close: () => Promise.resolve(),
  };
}
