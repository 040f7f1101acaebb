import { CryoloupeError } from "#src/domain/errors.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { PreprocessedImage } from "#src/math/preprocess/runStages.ts";
import type { FilterCompute } from "./filterCompute.ts";
import { orCancelled } from "./orCancelled.ts";
import type { PoolJob, WorkerPool } from "./pool.ts";
import { preprocessJob } from "./preprocessJob.ts";
import type { PreprocessAnswer, PreprocessTask } from "./preprocessJob.ts";

type Job = PoolJob<PreprocessTask, PreprocessAnswer, null>;

/** {@link FilterCompute} over the pool: a whole image in each worker, as many images as workers. */
export function createCpuFilters(pool: WorkerPool): FilterCompute {
  let opened: Promise<Job> | null = null;
  const images = new Array<number>(pool.size).fill(0);
  let nextImage = 1;

  const job = (): Promise<Job> => {
    opened ??= pool.open(preprocessJob, null).catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
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
          onProgress?.(answer.position);
          answer = await run({ kind: "advance", image });
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
          if (error instanceof CryoloupeError && error.code === "worker-died") opened = null;
          else void run({ kind: "drop", image }).catch(() => undefined);
          throw error;
        })
        .finally(() => images[worker]--);
      return await orCancelled(done, signal);
    },
  };
}
