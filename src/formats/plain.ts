import type { Bytes } from "#src/domain/byteSource.ts";
import type { EncodedFrame, PixelArray } from "#src/domain/movie.ts";
import { samplesToPixels } from "./pixels.ts";
import type { StoredType } from "./pixels.ts";

/**
 * Codec "plain": samples one after another, as MRC and DM hold them.
 * Parameters: `stored` (StoredType), `littleEndian`.
 */
export function decodePlain(frame: EncodedFrame): PixelArray {
  const { stored, littleEndian } = frame.parameters;
  const bytes = frame.parts.length === 1 ? frame.parts[0] : joinBytes(frame.parts);
  return samplesToPixels(
    bytes,
    stored as StoredType,
    littleEndian as boolean,
    frame.width * frame.height,
  );
}

export function joinBytes(parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
