import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import type { DenoiseReport } from "#src/domain/preprocess.ts";
import { DenoiseSteps, anscombe, cleanImage, denoiseScale } from "#src/math/preprocess/denoise.ts";
import type { DenoiseScale } from "#src/math/preprocess/denoise.ts";
import { createDenoiseBand, sumBands } from "#src/math/preprocess/denoiseBand.ts";
import type { BandSums, BandTrial, DenoiseBand, Reals } from "#src/math/preprocess/denoiseBand.ts";
import { imageStatistics } from "#src/math/preprocess/imageStatistics.ts";
import type { LentImage } from "#src/math/preprocess/runStages.ts";
import { bandsOf } from "./bands.ts";
import type { JobDefinition, PoolJob } from "./pool.ts";

export type DenoiseBandTask =
  | {
      readonly kind: "open";
      readonly image: number;
      /** Rows of the band, [rows, width]. */
      readonly pixels: Float32Pixels;
      readonly width: number;
      readonly scale: DenoiseScale;
      readonly precision: "single" | "double";
    }
  | {
      readonly kind: "trial";
      readonly image: number;
      readonly theta: number;
      readonly xi: number;
      /** The trial before is taken as X first. */
      readonly accept: boolean;
    }
  | {
      readonly kind: "sweep";
      readonly image: number;
      readonly above: Reals;
      readonly below: Reals;
    }
  /** Gives X away, on the scale wanted; `accept`: the last trial is taken as X first. */
  | {
      readonly kind: "take";
      readonly image: number;
      readonly scale: DenoiseScale | null;
      readonly accept: boolean;
    }
  | { readonly kind: "drop"; readonly image: number };

export type DenoiseBandAnswer =
  | { readonly trial: BandTrial }
  | { readonly sums: BandSums }
  | { readonly pixels: Float32Pixels }
  | null;

/** Keeps a band of rows of each image that is being denoised. */
export const denoiseBandJob: JobDefinition<null, DenoiseBandTask, DenoiseBandAnswer, null> = {
  name: "denoiseBand",
  create: () => {
    const bands = new Map<number, DenoiseBand>();
    const bandOf = (image: number): DenoiseBand => {
      const band = bands.get(image);
      if (band === undefined)
        throw new CryoloupeError("internal", `A band of image ${image} is not in this worker.`);
      return band;
    };
    return {
      run: (task) => {
        switch (task.kind) {
          case "open": {
            const { pixels, width, scale, precision } = task;
            const room = precision === "double" ? new Float64Array(pixels.length) : pixels;
            bands.set(task.image, createDenoiseBand(anscombe(pixels, scale, room), width, scale));
            return { value: null };
          }
          case "trial": {
            const band = bandOf(task.image);
            if (task.accept) band.accept();
            return { value: { trial: band.trial(task.theta, task.xi) } };
          }
          case "sweep":
            return { value: { sums: bandOf(task.image).sweep(task.above, task.below) } };
          case "take": {
            const band = bandOf(task.image);
            if (task.accept) band.accept();
            const pixels = cleanImage(band.x, task.scale);
            bands.delete(task.image);
            return { value: { pixels }, transfer: [pixels.buffer] };
          }
          case "drop":
            bands.delete(task.image);
            return { value: null };
        }
      },
      finish: () => ({ value: null }),
    };
  },
};

let images = 0;

/**
 * Denoises one image on all workers: each keeps a band of rows, and neighbours exchange a row at every trial. The
 * same numbers as {@link createDenoiser}, for sums are added row by row in the order of the image.
 */
export async function denoiseInBands(
  job: PoolJob<DenoiseBandTask, DenoiseBandAnswer, null>,
  { pixels, width, height, iterations, precision, scale: wanted }: LentImage,
  {
    signal,
    onIteration,
  }: { readonly signal?: CancelSignal; readonly onIteration: (done: number) => void },
): Promise<{ readonly pixels: Float32Pixels; readonly report: DenoiseReport }> {
  const scale = denoiseScale(imageStatistics(pixels));
  if (scale === null) {
    const constant = wanted === "input" ? pixels : new Float32Array(pixels.length);
    return { pixels: constant, report: { iterations: 0, energies: [], ended: "constant" } };
  }
  const image = ++images;
  const bands = bandsOf(height, job.size);
  const run = async <Key extends "trial" | "sums" | "pixels">(
    key: Key,
    worker: number,
    task: DenoiseBandTask,
  ): Promise<Extract<DenoiseBandAnswer, Record<Key, unknown>>[Key]> => {
    const answer = await job.run(task, { worker });
    if (answer === null || !(key in answer))
      throw new CryoloupeError("internal", "A worker gave no band back.");
    return (answer as Extract<DenoiseBandAnswer, Record<Key, unknown>>)[key];
  };
  let accept = false;
  const attempt = async (theta: number, xi: number): Promise<ReturnType<typeof sumBands>> => {
    throwIfCancelled(signal);
    const trials = await Promise.all(
      bands.map((_, w) => run("trial", w, { kind: "trial", image, theta, xi, accept })),
    );
    accept = false;
    const last = bands.length - 1;
    const sums = await Promise.all(
      bands.map((_, w) =>
        run("sums", w, {
          kind: "sweep",
          image,
          // Periodic: above the first band lies the last.
          above: trials[w === 0 ? last : w - 1].last,
          below: trials[w === last ? 0 : w + 1].first,
        }),
      ),
    );
    return sumBands(trials, sums);
  };
  try {
    await Promise.all(
      bands.map(({ start, end }, worker) => {
        const rows = pixels.slice(start * width, end * width);
        const task = { kind: "open", image, pixels: rows, width, scale, precision } as const;
        return job.run(task, { worker, transfer: [rows.buffer] });
      }),
    );
    let { energy } = await attempt(0, 0);
    accept = true;
    const steps = new DenoiseSteps(energy, iterations);
    while (!steps.ended) {
      const tried = await attempt(steps.theta, steps.xi);
      if (!steps.judge({ change: tried.energy - energy, slope: tried.slope })) continue;
      energy = tried.energy;
      accept = true;
      steps.advance(tried.step);
      onIteration(steps.report().iterations);
    }
    const parts = await Promise.all(
      bands.map((_, w) =>
        run("pixels", w, {
          ...{ kind: "take", image, accept, scale: wanted === "input" ? scale : null },
        }),
      ),
    );
    bands.forEach(({ start }, w) => pixels.set(parts[w], start * width));
    return { pixels, report: steps.report() };
  } catch (error) {
    for (let worker = 0; worker < bands.length; worker++)
      void job.run({ kind: "drop", image }, { worker }).catch(() => undefined);
    throw error;
  }
}
