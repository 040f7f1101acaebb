import { decompress } from "fzstd";
import { CodecError } from "./lzw.ts";

/** Zstandard frames into `out`, never beyond it. Returns bytes written. */
export function unzstd(input: Uint8Array, out: Uint8Array): number {
  try {
    return Math.min(decompress(input, out).length, out.length);
  } catch (error) {
    throw new CodecError(`zstd: ${error instanceof Error ? error.message : String(error)}`);
  }
}
