import { greyTags, tiffFile } from "./tiffFile.ts";

/** A TIFF of frames that are to be read as given: rows are stored the other way round, as readers turn them. */
export function tiffStack(
  frames: readonly (Uint16Array | Float32Array)[],
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  return tiffFile({
    pages: frames.map((frame) => {
      const stored = frame.slice();
      for (let y = 0; y < height; y++)
        stored.set(frame.subarray(y * width, (y + 1) * width), (height - 1 - y) * width);
      const float = frame instanceof Float32Array;
      return {
        tags: greyTags(width, height, {
          bits: float ? 32 : 16,
          sampleFormat: float ? 3 : 1,
          rowsPerStrip: height,
        }),
        blocks: [new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength)],
      };
    }),
  });
}
