import type { PageSpec, TagSpec } from "./tiffFile.ts";
import { tiffFile } from "./tiffFile.ts";

/** An electron: sensor pixel and place inside it in units of 1/2^bits of a pixel. */
export interface Electron {
  readonly x: number;
  readonly y: number;
  readonly subX: number;
  readonly subY: number;
}

export interface EerCodingSpec {
  readonly compression: 65000 | 65001 | 65002;
  readonly runBits: number;
  readonly subBitsX: number;
  readonly subBitsY: number;
  /** Whether a full run is followed by a place symbol. */
  readonly placeAfterFullRun: boolean;
}

/** Electrons of one raw frame as the camera writes them, ending exactly at the last pixel. */
export function encodeEerFrame(
  electrons: readonly Electron[],
  width: number,
  height: number,
  coding: EerCodingSpec,
): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  let acc = 0;
  let bits = 0;
  const put = (value: number, count: number): void => {
    acc |= value << bits;
    bits += count;
    while (bits >= 8) {
      out.push(acc & 255);
      acc >>>= 8;
      bits -= 8;
    }
  };
  const full = (1 << coding.runBits) - 1;
  const run = (length: number): void => {
    let rest = length;
    while (rest >= full) {
      put(full, coding.runBits);
      if (coding.placeAfterFullRun) put(0, coding.subBitsX + coding.subBitsY);
      rest -= full;
    }
    put(rest, coding.runBits);
  };
  const sorted = [...electrons].sort((a, b) => a.y * width + a.x - (b.y * width + b.x));
  let position = 0;
  for (const { x, y, subX, subY } of sorted) {
    run(y * width + x - position);
    put(subX ^ (1 << (coding.subBitsX - 1)), coding.subBitsX);
    put(subY ^ (1 << (coding.subBitsY - 1)), coding.subBitsY);
    position = y * width + x + 1;
  }
  if (position < width * height) run(width * height - position);
  if (bits > 0) out.push(acc & 255);
  return Uint8Array.from(out);
}

/** An EER file: one page for each raw frame, split into strips; other pages may be put before. */
export function eerFile(
  frames: readonly (readonly Electron[])[],
  width: number,
  height: number,
  coding: EerCodingSpec,
  options: { strips?: number; metadata?: string; before?: readonly PageSpec[] } = {},
): Uint8Array<ArrayBuffer> {
  const pages = frames.map((electrons, i): PageSpec => {
    const bytes = encodeEerFrame(electrons, width, height, coding);
    const strips = options.strips ?? 1;
    const size = Math.ceil(bytes.length / strips);
    const tags: TagSpec[] = [
      { tag: 256, type: "long", value: [width] },
      { tag: 257, type: "long", value: [height] },
      { tag: 259, value: [coding.compression] },
    ];
    if (coding.compression === 65002)
      tags.push(
        { tag: 65007, value: [coding.runBits] },
        { tag: 65008, value: [coding.subBitsX] },
        { tag: 65009, value: [coding.subBitsY] },
      );
    if (i === 0 && options.metadata !== undefined)
      tags.push({ tag: 65001, value: options.metadata });
    return {
      tags,
      blocks: Array.from({ length: strips }, (_, k) => bytes.subarray(k * size, (k + 1) * size)),
    };
  });
  return tiffFile({ big: true, pages: [...(options.before ?? []), ...pages] });
}
