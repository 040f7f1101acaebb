import type { EncodedFrame, PixelArray } from "#src/domain/movie.ts";
import { decodeFrame } from "#src/formats/decodeFrame.ts";
import type { JobDefinition } from "./pool.ts";

/** Decodes frames; keeps nothing. */
export const decodeJob: JobDefinition<null, EncodedFrame, PixelArray, null> = {
  name: "decode",
  create: () => ({
    run: async (frame) => {
      const pixels = await decodeFrame(frame);
      return { value: pixels, transfer: [pixels.buffer] };
    },
    finish: () => ({ value: null }),
  }),
};
