import { CryoloupeError } from "#src/domain/errors.ts";
import type { EncodedFrame, PixelArray } from "#src/domain/movie.ts";
import { decodeEerFrame } from "./eer/decodeEer.ts";
import { decodePlain } from "./plain.ts";
import { decodeTiffFrame } from "./tiff/decodeTiff.ts";

type Decoder = (frame: EncodedFrame) => PixelArray | Promise<PixelArray>;

/** Decoders by the codec that readers write into their frames. */
const decoders: Readonly<Record<string, Decoder>> = {
  plain: decodePlain,
  tiff: decodeTiffFrame,
  eer: decodeEerFrame,
};

/** Decodes a frame to pixels `[height, width]`, row 0 first. Pure: runs in any worker. */
export async function decodeFrame(frame: EncodedFrame): Promise<PixelArray> {
  const decoder = decoders[frame.codec];
  if (decoder === undefined)
    throw new CryoloupeError("internal", `No decoder for "${frame.codec}".`, { file: frame.file });
  return await decoder(frame);
}
