/** Where a running step is. */
export interface Progress {
  /** What is being done, in words ("Reading frames"). */
  readonly step: string;
  /** Units of work done and in all; `total` 0 = not known. */
  readonly done: number;
  readonly total: number;
  /** Bytes read so far in this step, for MB/s. */
  readonly bytes?: number;
}
