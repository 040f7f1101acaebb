import { CryoloupeError } from "#src/domain/errors.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { ChainPosition, PreprocessedImage } from "#src/math/preprocess/runStages.ts";
import { denoiseBandJob, denoiseInBands } from "./denoiseBands.ts";
import type { DenoiseBandAnswer, DenoiseBandTask } from "./denoiseBands.ts";
import type { FilterCompute } from "./filterCompute.ts";
import { orCancelled } from "./orCancelled.ts";
import type { PoolJob, WorkerPool } from "./pool.ts";
import { preprocessJob } from "./preprocessJob.ts";
import type { PreprocessAnswer, PreprocessTask } from "./preprocessJob.ts";

type Job = PoolJob<PreprocessTask, PreprocessAnswer, null>;

type BandJob = PoolJob<DenoiseBandTask, DenoiseBandAnswer, null>;

/** Smaller images are denoised where they are. */
const LEAST_SPREAD_PIXELS = 1 << 19;

/**
 * {@link FilterCompute} over the pool: a whole image in each worker, as many images as workers. An image that is
 * alone is denoised by all of them.
 */
export function createCpuFilters(pool: WorkerPool): FilterCompute {
  let opened: Promise<Job> | null = null;
  let openedBands: Promise<BandJob> | null = null;
  const images = new Array<number>(pool.size).fill(0);
  let nextImage = 1;

  const job = (): Promise<Job> => {
    opened ??= pool.open(preprocessJob, null).catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
  };

  const bandJob = (): Promise<BandJob> => {
    openedBands ??= pool.open(denoiseBandJob, null).catch((error: unknown) => {
      openedBands = null;
      throw error;
    });
    return openedBands;
  };

  return {
    lanes: pool.size,
    preprocess: async (
      { pixels, width, height },
      recipe,
      { signal, onProgress, reuse, enough } = {},
    ) => {
      throwIfCancelled(signal);
      const open = await job();
      const image = nextImage++;
      // What is remembered of an image lies in one worker.
      const worker = reuse === undefined ? images.indexOf(Math.min(...images)) : 0;
      images[worker]++;
      const run = (
        task: PreprocessTask,
        transfer: readonly ArrayBuffer[] = [],
      ): Promise<PreprocessAnswer> => open.run(task, { worker, transfer });
      const advance = { kind: "advance", image } as const;
      const aloneWith = (): boolean =>
        reuse === undefined &&
        pool.size > 1 &&
        width * height >= LEAST_SPREAD_PIXELS &&
        images.reduce((sum, count) => sum + count, 0) === 1;
      /** Denoises on all workers, of which the others have nothing to do; null = there is nothing to denoise. */
      const onAllWorkers = async (position: ChainPosition): Promise<PreprocessAnswer> => {
        const answer = await run({ kind: "lend", image });
        if (answer === null || !("lent" in answer) || answer.lent === null) return null;
        const { pixels: clean, report } = await denoiseInBands(await bandJob(), answer.lent, {
          ...(signal === undefined ? {} : { signal }),
          onIteration: (done) => onProgress?.({ ...position, done }),
        });
        return await run({ kind: "giveBack", image, pixels: clean, denoise: report }, [
          clean.buffer,
        ]);
      };
      const portions = async (): Promise<PreprocessedImage> => {
        const size = { width, height };
        let answer = await run(
          {
            ...{ kind: "open", image, pixels, size, recipe },
            ...{ reuse: reuse ?? null, enough: enough ?? null },
          },
          [pixels.buffer],
        );
        while (answer !== null && "position" in answer && answer.position.stage !== "done") {
          throwIfCancelled(signal);
          const { position } = answer;
          onProgress?.(position);
          const spread = position.stage === "denoise" && position.done === 0 && aloneWith();
          answer = (spread ? await onAllWorkers(position) : null) ?? (await run(advance));
        }
        throwIfCancelled(signal);
        const taken = await run({ kind: "take", image });
        if (taken === null || !("result" in taken))
          throw new CryoloupeError("internal", "A worker gave no image back.");
        return taken.result;
      };
      const done = portions()
        .catch((error: unknown) => {
          // The job is not in a worker that has been replaced: open it anew next time.
          if (error instanceof CryoloupeError && error.code === "worker-died") {
            opened = null;
            openedBands = null;
          } else void run({ kind: "drop", image }).catch(() => undefined);
          throw error;
        })
        .finally(() => images[worker]--);
      return await orCancelled(done, signal);
    },
  };
}
