import { Inflate, Unzlib } from "fflate";
import { CodecError } from "./lzw.ts";

/** Small enough that what one piece can swell to (1032 times) stays bounded. */
const PIECE_BYTES = 1 << 16;

/**
 * zlib (or bare deflate) into `out`; stops when it is full, so that a decompression bomb costs no more
 * than a sound strip.
 * @returns bytes written
 */
export function inflateInto(input: Uint8Array, out: Uint8Array): number {
  if (input.length < 2) throw new CodecError("a deflate strip of less than two bytes");
  const zlib = (input[0] & 15) === 8 && ((input[0] << 8) | input[1]) % 31 === 0;
  let written = 0;
  const stream = zlib ? new Unzlib() : new Inflate();
  stream.ondata = (chunk) => {
    const part = chunk.subarray(0, out.length - written);
    out.set(part, written);
    written += part.length;
  };
  try {
    // Never marked as the last piece: the strip may have been cut behind its pixels on purpose.
    for (let at = 0; at < input.length && written < out.length; at += PIECE_BYTES)
      stream.push(input.subarray(at, at + PIECE_BYTES), false);
  } catch (error) {
    // The checksum and what follows the pixels do not matter once all pixels are there.
    if (written < out.length)
      throw new CodecError(`deflate: ${error instanceof Error ? error.message : String(error)}`);
  }
  return written;
}
