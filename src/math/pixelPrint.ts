import type { Float32Pixels } from "#src/domain/movie.ts";

/**
 * A short print of pixels: whether an image that is read back is the one that was made. 64 bits in two
 * lanes of multiply and xor over the bits of the values, in order: against chance and mix-ups, not
 * against an adversary. Some nanoseconds a pixel.
 * @param pixels  any shape; bits count, so 0 and −0 differ, and so do NaNs of other payloads
 * @returns 16 hexadecimal digits
 */
export function pixelPrint(pixels: Float32Pixels): string {
  const words = new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length);
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    a = Math.imul(a ^ word, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul(b, 0x85ebca6b) + word;
    b ^= b >>> 13;
  }
  return [a, b].map((n) => (n >>> 0).toString(16).padStart(8, "0")).join("");
}
