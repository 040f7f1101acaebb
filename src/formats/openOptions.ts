import type { CancelSignal } from "#src/domain/cancel.ts";

/** How raw EER frames are gathered into the frames of the movie. */
export interface EerOptions {
  /** Number of fractions; leftover raw frames at the end are dropped and named. */
  readonly fractions?: number;
  /** Raw frames per fraction; wins over `fractions`. */
  readonly groupSize?: number;
  /** Pixels per sensor pixel along each axis: 1 (4k), 2 (8k) or 4 (16k). */
  readonly upsampling?: 1 | 2 | 4;
}

export interface OpenOptions {
  readonly signal?: CancelSignal;
  /** Bytes that one decoded frame may take; larger ones are refused. */
  readonly maxFrameBytes?: number;
  /** Bytes that a gzip file may unpack to in memory. */
  readonly maxUnpackedBytes?: number;
  /** Bytes of MRC mode 0 are unsigned (true), signed (false), or judged by header and content. */
  readonly unsignedBytes?: boolean;
  readonly eer?: EerOptions;
}

/** 16384 × 16384 pixels of four bytes. */
export const DEFAULT_MAX_FRAME_BYTES = 2 ** 30;
