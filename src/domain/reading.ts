import type { MovieHeader } from "./movie.ts";

/** What single images and lists can be to a session. */
export type FileRole = "gain" | "dark" | "defects" | "micrograph";

/** How the user wants a file to be read; absent = as the file says. */
export interface ReadingWish {
  /** EER: fractions by number, or by raw frames in each (which wins). */
  readonly fractions?: number;
  readonly groupSize?: number;
  /** EER: pixels for each sensor pixel along an axis. */
  readonly upsampling?: 1 | 2;
  /** MRC mode 0: bytes are unsigned (true) or signed (false). */
  readonly unsignedBytes?: boolean;
  /** Å for one pixel as detected: EER frames rendered finer have this over their upsampling. */
  readonly pixelSizeA?: number;
  /** e⁻/Å² for one frame as recorded: EER fractions have this times their raw frames. */
  readonly dosePerFrame?: number;
}

/** A header with the pixel size and dose that were entered in place of the file's. */
export function withEntered(header: MovieHeader, wish: ReadingWish): MovieHeader {
  const { pixelSizeA, dosePerFrame } = wish;
  if (pixelSizeA === undefined && dosePerFrame === undefined) return header;
  const { eer } = header;
  return {
    ...header,
    ...(pixelSizeA === undefined
      ? {}
      : { pixelSizeA: pixelSizeA / (eer?.upsampling ?? 1), pixelSizeSource: "entered" }),
    ...(dosePerFrame === undefined ? {} : { dosePerFrame: dosePerFrame * (eer?.groupSize ?? 1) }),
    ...(dosePerFrame === undefined || eer === undefined
      ? {}
      : { eer: { ...eer, dosePerRawFrame: dosePerFrame } }),
  };
}

/** Whether two wishes give different frames, not only other numbers in the header. */
export function readsOtherFrames(a: ReadingWish, b: ReadingWish): boolean {
  return (
    a.fractions !== b.fractions ||
    a.groupSize !== b.groupSize ||
    (a.upsampling ?? 1) !== (b.upsampling ?? 1) ||
    a.unsignedBytes !== b.unsignedBytes
  );
}

/** A file that may be one frame of a movie that was written frame by frame. */
export interface FrameCandidate {
  readonly id: string;
  /** Path inside the opened folder. */
  readonly path: string;
  readonly header: MovieHeader;
}

/**
 * Sets of single-frame files that look like one exposure: same folder, size and type, and names that
 * differ in their last number only. Each set has at least two files, ordered by that number.
 */
export function frameSets<T extends FrameCandidate>(
  files: readonly T[],
): readonly (readonly T[])[] {
  const sets = new Map<string, { readonly file: T; readonly number: number }[]>();
  for (const file of files) {
    const { header, path } = file;
    const found = /^(.*?)(\d+)(\D*)$/.exec(path);
    if (header.frames !== 1 || found === null) continue;
    const [, before, digits, after] = found;
    const { width, height, pixelType, format } = header;
    const key = JSON.stringify([before, after, width, height, pixelType, format]);
    const set = sets.get(key) ?? [];
    set.push({ file, number: Number(digits) });
    sets.set(key, set);
  }
  return [...sets.values()]
    .filter((set) => set.length > 1)
    .map((set) => set.sort((a, b) => a.number - b.number).map(({ file }) => file));
}
