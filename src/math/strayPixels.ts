import type { PixelArray } from "#src/domain/movie.ts";
import { fractionOf } from "./repairPixels.ts";

/** Pixels beyond mean ± 30 sd (and 10 units) of a frame are X-rays or broken, no specimen and no shot noise. */
const LIMIT_SD = 30;
const LIMIT_UNITS = 10;
const SAMPLES = 50_021;

/** Values that a frame's pixels may have, from about 50 000 of them, trimmed twice at 12 sd. */
export function plausibleValues(frame: PixelArray): { low: number; high: number } {
  const step = Math.max(1, Math.floor(frame.length / SAMPLES)) | 1;
  let low = -Infinity;
  let high = Infinity;
  let reach = 0;
  let mean = 0;
  for (let round = 0; round < 3; round++) {
    let n = 0;
    let sum = 0;
    let square = 0;
    for (let i = 0; i < frame.length; i += step) {
      const v = frame[i];
      if (!(v >= low && v <= high)) continue;
      n++;
      sum += v;
      square += v * v;
    }
    if (n === 0) break;
    mean = sum / n;
    const sd = Math.sqrt(Math.max(0, square / n - mean * mean));
    reach = Math.max(LIMIT_SD * sd, LIMIT_UNITS);
    low = mean - 12 * Math.max(sd, 1e-30);
    high = mean + 12 * Math.max(sd, 1e-30);
  }
  return { low: mean - reach, high: mean + reach };
}

/**
 * Gives each implausible pixel of a frame `[height, width]` (NaN included) the value of a random plausible
 * one in 5 × 5 px, in place; what has none becomes the middle of the plausible range.
 * @returns how many there were
 */
export function repairStrayPixels(
  frame: PixelArray,
  width: number,
  height: number,
  frameIndex: number,
): number {
  const { low, high } = plausibleValues(frame);
  let count = 0;
  const near: number[] = [];
  for (let i = nextBeyond(frame, 0, low, high); i >= 0; i = nextBeyond(frame, i + 1, low, high)) {
    const x = i % width;
    const y = (i - x) / width;
    near.length = 0;
    for (let b = Math.max(0, y - 2); b <= Math.min(height - 1, y + 2); b++)
      for (let a = Math.max(0, x - 2); a <= Math.min(width - 1, x + 2); a++) {
        const u = frame[b * width + a];
        if (u >= low && u <= high) near.push(u);
      }
    frame[i] =
      near.length > 0
        ? near[Math.floor(fractionOf(frameIndex, count) * near.length)]
        : (low + high) / 2;
    count++;
  }
  return count;
}

/** The first pixel from `from` on that is not in low … high; −1 where there is none. */
function nextBeyond(frame: PixelArray, from: number, low: number, high: number): number {
  let i = from;
  if (frame instanceof Uint8Array && low <= 0 && frame.byteOffset % 4 === 0) {
    const limit = Math.floor(high);
    if (limit >= 255) return -1;
    const words = new Uint32Array(frame.buffer, frame.byteOffset, frame.length >> 2);
    while (i % 4 !== 0 && i < frame.length && frame[i] <= limit) i++;
    let w = i >> 2;
    // Counts below the largest power of two up to the limit have no bit above it: eight words at once.
    const above = 0x01010101 * (256 - 2 ** Math.floor(Math.log2(limit + 1)));
    if (i % 4 === 0) {
      for (; w + 7 < words.length; w += 8) {
        const all =
          words[w] |
          words[w + 1] |
          words[w + 2] |
          words[w + 3] |
          words[w + 4] |
          words[w + 5] |
          words[w + 6] |
          words[w + 7];
        if ((all & above) !== 0 && beyond(words, w, w + 8, limit) < w + 8) break;
      }
      w = beyond(words, w, words.length, limit);
      i = 4 * w;
    }
  }
  for (; i < frame.length; i++) {
    const v = frame[i];
    if (!(v >= low && v <= high)) return i;
  }
  return -1;
}

/** The first of the words `w … end − 1` with a byte above the limit (of at most 254), or `end`. */
function beyond(words: Uint32Array, from: number, end: number, limit: number): number {
  let w = from;
  // The carry into the top bit tells bytes of seven bits.
  const carry = 0x01010101 * (limit < 127 ? 127 - limit : 255 - limit);
  if (limit < 127)
    while (w < end && ((((words[w] & 0x7f7f7f7f) + carry) | words[w]) & 0x80808080) === 0) w++;
  else while (w < end && (((words[w] & 0x7f7f7f7f) + carry) & words[w] & 0x80808080) === 0) w++;
  return w;
}
