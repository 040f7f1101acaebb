/** How electrons are written in a raw frame. */
export interface EerCoding {
  /** Bits of a run of empty pixels; a run of all ones means "go on, no electron here". */
  readonly runBits: number;
  /** Bits of the place inside the pixel. */
  readonly subBitsX: number;
  readonly subBitsY: number;
  /** The place bits also follow a run of all ones (65000), or do not (65001, 65002). */
  readonly placeAfterFullRun: boolean;
}

export interface EerCanvas {
  /** Sensor pixels. */
  readonly width: number;
  readonly height: number;
  /** Bits of upsampling: 0 = one canvas pixel a sensor pixel, 1 = 2 × 2, 2 = 4 × 4. */
  readonly upsamplingBits: number;
  readonly counts: Uint8Array | Uint16Array;
}

/**
 * Adds the electrons of one raw frame to the canvas (relion-motioncorr notes §10.2–10.3, after RELION's
 * renderEER.cpp and EerReaderLib). Bits come least significant first. Place symbol: x in the low bits, y
 * above, the top bit of each turned over, so that 0 is the left (first) edge of the pixel.
 *
 * @param bytes the frame, with at least four bytes of padding behind `length`
 * @returns the pixel position where the frame ended; a sound one ends exactly at width · height
 */
export function addElectrons(
  bytes: Uint8Array,
  length: number,
  coding: EerCoding,
  canvas: EerCanvas,
): number {
  const { runBits, subBitsX, subBitsY, placeAfterFullRun } = coding;
  const { width, height, upsamplingBits: up, counts } = canvas;
  const total = width * height;
  const placeBits = subBitsX + subBitsY;
  const symbolBits = runBits + placeBits;
  const fullRun = (1 << runBits) - 1;
  const afterFull = placeAfterFullRun ? symbolBits : runBits;
  const bitsEnd = length * 8;
  let bit = 0;
  let pos = 0;
  if (up === 0) {
    while (bit < bitsEnd) {
      const at = bit >>> 3;
      const window = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
      const run = (window >>> (bit & 7)) & fullRun;
      pos += run;
      if (pos >= total) break;
      if (run === fullRun) bit += afterFull;
      else {
        counts[pos++]++;
        bit += symbolBits;
      }
    }
    return pos;
  }
  const wide = width << up;
  const places = placeOffsets(coding, up, wide);
  const placeMask = places.length - 1;
  // Row and column are kept up as the position grows; a division a electron costs more.
  let x = 0;
  let row = 0;
  while (bit < bitsEnd) {
    const at = bit >>> 3;
    const window = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    const symbol = window >>> (bit & 7);
    const run = symbol & fullRun;
    pos += run;
    if (pos >= total) break;
    x += run;
    while (x >= width) {
      x -= width;
      row += wide << up;
    }
    if (run === fullRun) {
      bit += afterFull;
      continue;
    }
    counts[row + (x << up) + places[(symbol >>> runBits) & placeMask]]++;
    pos++;
    if (++x === width) {
      x = 0;
      row += wide << up;
    }
    bit += symbolBits;
  }
  return pos;
}

/** Where on the canvas each place symbol lies, from the first canvas pixel of its sensor pixel. */
function placeOffsets(coding: EerCoding, up: number, wide: number): Int32Array {
  const { subBitsX, subBitsY } = coding;
  return Int32Array.from({ length: 1 << (subBitsX + subBitsY) }, (_, place) => {
    const x = (place & ((1 << subBitsX) - 1)) ^ (1 << (subBitsX - 1));
    const y = (place >>> subBitsX) ^ (1 << (subBitsY - 1));
    return (y >> (subBitsY - up)) * wide + (x >> (subBitsX - up));
  });
}
