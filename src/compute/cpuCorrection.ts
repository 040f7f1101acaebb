import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { Float32Pixels, PixelArray } from "#src/domain/movie.ts";
import { accumulate } from "#src/math/accumulate.ts";
import { createWarpScratch, rowsForBand, warpFrame } from "#src/math/warpFrame.ts";
import type { TileDisplacements, WarpBand } from "#src/math/warpFrame.ts";
import { bandsOf } from "./bands.ts";
import type {
  CorrectionCompute,
  CorrectionSetup,
  WholeFrameNeeds,
  WholeFrameRun,
  WholeFrameSetup,
} from "./correctionCompute.ts";
import type { JobDefinition, WorkerPool } from "./pool.ts";
import { repairBadPixels, wholeFrameJob } from "./wholeFrameJob.ts";

/** What one worker needs for its band of rows. */
interface BandSetup {
  readonly width: number;
  readonly height: number;
  readonly band: WarpBand;
  /** Rows of the movie that its frames and gain hold. */
  readonly rows: WarpBand;
  readonly correction: Float32Pixels | null;
  /** Bad pixels, counted from the first of its rows. */
  readonly bad: Uint32Array<ArrayBuffer>;
  readonly sums: number;
  readonly unaligned: boolean;
  readonly tile: number;
}

interface BandFrame {
  readonly pixels: PixelArray;
  readonly displacements: TileDisplacements;
  readonly weights: readonly number[];
  readonly repaired: Float32Pixels;
  readonly wanted: boolean;
}

type CorrectionJobTask =
  | { readonly kind: "setup"; readonly setup: BandSetup }
  | { readonly kind: "frame"; readonly frame: BandFrame }
  /** Gives up a sum by its number; the plain one stands behind the others. */
  | { readonly kind: "take"; readonly sum: number };

/** Keeps a band of the sums in each worker. */
export const correctionJob: JobDefinition<null, CorrectionJobTask, Float32Pixels | null, null> = {
  name: "correction",
  create: () => {
    let band: ReturnType<typeof createBand> | null = null;
    return {
      run: (task) => {
        if (task.kind === "setup") {
          band = createBand(task.setup);
          return { value: null };
        }
        const made = (task.kind === "frame" ? band?.add(task.frame) : band?.take(task.sum)) ?? null;
        return { value: made, transfer: made === null ? [] : [made.buffer] };
      },
      finish: () => ({ value: null }),
    };
  },
};

function createBand(setup: BandSetup): {
  add: (frame: BandFrame) => Float32Pixels | null;
  take: (sum: number) => Float32Pixels | null;
} {
  const { width, height, band, rows, bad, tile } = setup;
  const gain = setup.correction;
  const count = (band.end - band.start) * width;
  const sums = Array.from({ length: setup.sums }, () => new Float32Array(count));
  const unaligned = setup.unaligned ? new Float32Array(count) : null;
  const scratch = createWarpScratch(tile);
  const offset = (band.start - rows.start) * width;
  return {
    add: ({ pixels, displacements, weights, repaired, wanted }) => {
      repairBadPixels(pixels, gain, bad, repaired);
      if (unaligned !== null)
        accumulate(
          unaligned,
          pixels.subarray(offset, offset + count),
          gain === null ? null : gain.subarray(offset, offset + count),
        );
      const moved = wanted ? new Float32Array(count) : null;
      const targets = sums.map((target, s) => ({ target, weight: weights[s] }));
      if (moved !== null) targets.push({ target: moved, weight: 1 });
      const source = { frame: pixels, gain, firstRow: rows.start };
      warpFrame(source, width, height, displacements, band, targets, scratch);
      return moved;
    },
    take: (sum) => [...sums, unaligned][sum],
  };
}

/** Fewer whole frames at once than this (or than there are workers) are slower than bands. */
const WORTHWHILE_WORKERS = 4;
/** Workers that whole frames are worth while with, and the bytes of each; null where bands are better. */
function wholeWorkers(
  size: number,
  { width, height, sums, gain, dark, pixelBytes }: WholeFrameNeeds,
  budgetBytes: number,
): { readonly workers: number; readonly perWorker: number } | null {
  // Sums, gain, dark and what it leaves of a frame; the frame decoded and as it is stored.
  const perWorker =
    width * height * (4 * (sums + (gain ? 1 : 0) + (dark ? 2 : 0)) + 2 * pixelBytes);
  const workers = Math.min(size, Math.floor(budgetBytes / perWorker));
  return workers < Math.min(size, WORTHWHILE_WORKERS) ? null : { workers, perWorker };
}

/**
 * Whole frames, as many at once as there is room for their sums: bands of every frame would wait for each
 * other and for the host, which would have to cut them.
 */
async function openWhole(
  pool: WorkerPool,
  setup: WholeFrameSetup,
  budgetBytes: number,
): Promise<WholeFrameRun | null> {
  const { width, height, pixelBytes } = setup;
  const needs = {
    ...{ width, height, pixelBytes },
    sums: setup.sums + (setup.unaligned ? 1 : 0),
    gain: setup.correction !== null,
    dark: setup.dark !== null,
  };
  const found = wholeWorkers(pool.size, needs, budgetBytes);
  if (found === null) return null;
  const { workers } = found;
  const job = await pool.open(wholeFrameJob, setup, { workers });
  return {
    ahead: workers + 1,
    add: (frame, task, signal) =>
      job.run(
        { frame, task },
        {
          transfer: [...new Set(frame.parts.map((part) => part.buffer))],
          ...(signal === undefined ? {} : { signal }),
        },
      ),
    finish: async () => {
      const [first, ...others] = (await job.finish()).filter((part) => part !== null);
      for (const other of others) {
        first.sums.forEach((sum, s) => addTo(sum, other.sums[s]));
        if (first.unaligned !== null && other.unaligned !== null)
          addTo(first.unaligned, other.unaligned);
      }
      return first;
    },
    close: () => job.close(),
  };
}

function addTo(total: Float32Pixels, part: Float32Pixels): void {
  for (let i = 0; i < total.length; i++) total[i] += part[i];
}

/** {@link CorrectionCompute} over the pool: whole frames, or each worker keeps the sums of a band of rows. */
export function createCpuCorrection(pool: WorkerPool): CorrectionCompute {
  return {
    memoryBytes: ({ width, height, sums, unaligned, gain = true }) =>
      4 * width * height * ((gain ? 1 : 0) + sums + (unaligned ? 1 : 0)),
    wholeBytes: (needs, budgetBytes) => {
      const found = wholeWorkers(pool.size, needs, budgetBytes);
      return found === null ? null : found.workers * found.perWorker;
    },
    openWhole: (setup, budgetBytes) => openWhole(pool, setup, budgetBytes),
    open: async (setup) => {
      const { width, height } = setup;
      const bands = bandsFor(setup, pool.size);
      const rows = bands.map((band) => rowsForBand(band, setup.reachPx, height));
      const job = await pool.open(correctionJob, null, { workers: bands.length });
      const cut = <T extends PixelArray>(pixels: T, { start, end }: WarpBand): T =>
        pixels.slice(start * width, end * width) as T;
      // Where each band's bad pixels stand in the list of all.
      const spans = rows.map(({ start, end }) => ({
        from: lowerBound(setup.bad, start * width),
        to: lowerBound(setup.bad, end * width),
      }));
      await Promise.all(
        bands.map((band, worker) => {
          const bad = setup.bad
            .slice(spans[worker].from, spans[worker].to)
            .map((i) => i - rows[worker].start * width);
          const correction = setup.correction === null ? null : cut(setup.correction, rows[worker]);
          return job.run(
            {
              kind: "setup",
              setup: {
                width,
                height,
                band,
                rows: rows[worker],
                correction,
                bad,
                sums: setup.sums,
                unaligned: setup.unaligned,
                tile: setup.tile,
              },
            },
            { worker, transfer: [bad.buffer, ...(correction === null ? [] : [correction.buffer])] },
          );
        }),
      );
      const join = (parts: readonly Float32Pixels[]): Float32Pixels => {
        const whole = new Float32Array(width * height);
        parts.forEach((part, worker) => whole.set(part, bands[worker].start * width));
        return whole;
      };
      // One band after the other: a sum and its parts are never there in full at once.
      const taken = async (sum: number): Promise<Float32Pixels> => {
        const whole = new Float32Array(width * height);
        for (const [worker, { start }] of bands.entries()) {
          const part = await job.run({ kind: "take", sum }, { worker });
          if (part !== null) whole.set(part, start * width);
        }
        return whole;
      };
      return {
        add: async (frame, { displacements, weights, repaired, wanted }, signal) => {
          throwIfCancelled(signal);
          const parts = await Promise.all(
            bands.map((_, worker) => {
              const pixels = cut(frame, rows[worker]);
              const values = repaired.slice(spans[worker].from, spans[worker].to);
              return job.run(
                {
                  kind: "frame",
                  frame: {
                    pixels,
                    displacements,
                    weights: Array.from(weights),
                    repaired: values,
                    wanted,
                  },
                },
                { worker, transfer: [pixels.buffer, values.buffer] },
              );
            }),
          );
          const moved = parts.flatMap((part) => (part === null ? [] : [part]));
          return moved.length === parts.length && wanted ? join(moved) : null;
        },
        finish: async () => {
          const sums: Float32Pixels[] = [];
          for (let n = 0; n < setup.sums; n++) sums.push(await taken(n));
          return { sums, unaligned: setup.unaligned ? await taken(setup.sums) : null };
        },
        close: () => job.close(),
      };
    },
  };
}

/** Bands that begin at tiles, as many as there are workers. */
function bandsFor({ height, tile }: CorrectionSetup, workers: number): WarpBand[] {
  return bandsOf(Math.ceil(height / tile), workers).map(({ start, end }) => ({
    start: start * tile,
    end: Math.min(height, end * tile),
  }));
}

/** Number of elements of an ascending list that are below `value`. */
function lowerBound(list: Uint32Array, value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
