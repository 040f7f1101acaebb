import { accumulate } from "#src/math/accumulate.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { Float32Pixels, PixelArray } from "#src/domain/movie.ts";
import { bandsOf } from "./bands.ts";
import type { PixelCompute } from "./pixelCompute.ts";
import type { JobDefinition, WorkerPool } from "./pool.ts";

interface SumTask {
  /** The band's part of the correction, sent once before the frames; null otherwise. */
  readonly correction: Float32Pixels | null;
  readonly pixels: PixelArray | null;
  /** Pixels of the band. */
  readonly count: number;
}

/** Sums one band of rows over the frames, in double precision. */
export const sumJob: JobDefinition<null, SumTask, null, Float64Array<ArrayBuffer>> = {
  name: "sum",
  create: () => {
    let total = new Float64Array(0);
    let factor: Float32Pixels | null = null;
    return {
      run: ({ correction, pixels, count }) => {
        if (total.length !== count) total = new Float64Array(count);
        if (correction !== null) factor = correction;
        if (pixels !== null) accumulate(total, pixels, factor);
        return { value: null };
      },
      finish: () => ({ value: total, transfer: [total.buffer] }),
    };
  },
};

/** {@link PixelCompute} over the pool: each worker sums a band of rows. */
export function createCpuPixels(pool: WorkerPool): PixelCompute {
  return {
    openSum: async ({ width, height, correction }) => {
      const bands = bandsOf(height, pool.size);
      const job = await pool.open(sumJob, null, { workers: bands.length });
      const cut = <T extends PixelArray>(pixels: T, worker: number): T =>
        pixels.slice(bands[worker].start * width, bands[worker].end * width) as T;
      const send = async (
        make: (worker: number) => Pick<SumTask, "correction" | "pixels">,
      ): Promise<void> => {
        await Promise.all(
          bands.map(({ start, end }, worker) => {
            const part = make(worker);
            const transfer = [part.correction, part.pixels].flatMap((a) =>
              a === null ? [] : [a.buffer],
            );
            return job.run({ ...part, count: (end - start) * width }, { worker, transfer });
          }),
        );
      };
      await send((worker) => ({
        correction: correction === null ? null : cut(correction, worker),
        pixels: null,
      }));
      return {
        add: async (frame, signal) => {
          throwIfCancelled(signal);
          await send((worker) => ({ correction: null, pixels: cut(frame, worker) }));
        },
        finish: async () => {
          const parts = await job.finish();
          const sum = new Float32Array(width * height);
          parts.forEach((part, worker) => sum.set(part, bands[worker].start * width));
          return sum;
        },
        close: () => job.close(),
      };
    },
  };
}
