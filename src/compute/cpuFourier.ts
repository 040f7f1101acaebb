import type { Float32Pixels } from "#src/domain/movie.ts";
import { realFft2 } from "#src/math/fft.ts";
import type { FourierCompute, FourierSize } from "./fourierCompute.ts";
import type { JobDefinition, PoolJob, WorkerPool } from "./pool.ts";

interface FourierTask {
  readonly kind: "forward" | "inverse" | "cropped";
  readonly data: Float32Pixels;
  readonly size: FourierSize;
  readonly crop: FourierSize | null;
}

/** Transforms one image a task. */
export const fourierJob: JobDefinition<null, FourierTask, Float32Pixels, null> = {
  name: "fourier",
  create: () => ({
    run: ({ kind, data, size, crop }) => {
      const fft = realFft2(size.width, size.height);
      const value =
        kind === "inverse"
          ? fft.inverse(data)
          : crop === null
            ? fft.forward(data)
            : fft.forwardCropped(data, crop.width, crop.height);
      return { value, transfer: [value.buffer] };
    },
    finish: () => ({ value: null }),
  }),
};

/** {@link FourierCompute} over the pool: whole images, one a worker. */
export function createCpuFourier(pool: WorkerPool): FourierCompute {
  let job: Promise<PoolJob<FourierTask, Float32Pixels, null>> | undefined;
  const run = async (
    task: FourierTask,
    signal: Parameters<FourierCompute["forward"]>[2],
  ): Promise<Float32Pixels> => {
    job ??= pool.open(fourierJob, null);
    return await (
      await job
    ).run(task, {
      transfer: [task.data.buffer],
      ...(signal === undefined ? {} : { signal }),
    });
  };
  return {
    forward: (data, size, signal) => run({ kind: "forward", data, size, crop: null }, signal),
    inverse: (data, size, signal) => run({ kind: "inverse", data, size, crop: null }, signal),
    forwardCropped: (data, size, crop, signal) =>
      run({ kind: "cropped", data, size, crop }, signal),
  };
}
