import type { DenoiseReport, PreprocessRecipe } from "#src/domain/preprocess.ts";
import { cropBorders } from "#src/math/preprocess/crop.ts";
import type { ImageSize } from "#src/math/preprocess/fourierFilter.ts";
import { smallestArgument } from "#src/math/preprocess/logarithm.ts";
import { planPreprocess } from "#src/math/preprocess/plan.ts";
import type { PreprocessStage } from "#src/math/preprocess/plan.ts";
import { normalization } from "#src/math/preprocess/pointwise.ts";
import { logarithmUndefined, mendNonFinite } from "#src/math/preprocess/runStages.ts";
import type { ChainPosition, PreprocessedImage } from "#src/math/preprocess/runStages.ts";
import type { ImageToFilter } from "#src/compute/filterCompute.ts";
import type { GpuContext } from "./device.ts";
import { createGpuDenoiser } from "./gpuDenoise.ts";
import type { GpuDenoiser } from "./gpuDenoise.ts";
import { filterOnDevice } from "./gpuFourierFilter.ts";
import { gpuRemoveBadPixels, gpuStatistics, submitWork } from "./gpuImage.ts";
import { createScaleOffset } from "./kernels/scaleOffset.ts";
import { createTakeLogarithm } from "./kernels/takeLogarithm.ts";
import { readFloats } from "./readback.ts";

/** A chain on the device, in portions; `release` gives its buffers back. */
export interface GpuChain {
  readonly position: ChainPosition;
  advance(): Promise<void>;
  result(): Promise<PreprocessedImage>;
  release(): void;
}

/** Iterations of the denoiser between two looks at the cancel signal. */
const DENOISE_PORTION = 5;

/**
 * The chain of src/math/preprocess/runStages.ts on the device. The host does what needs exact control
 * before the image goes up: repair of non-finite pixels, the crop, and the search for the smallest
 * argument of the logarithm.
 */
export async function createGpuChain(
  gpu: GpuContext,
  image: ImageToFilter,
  recipe: PreprocessRecipe,
): Promise<GpuChain> {
  const stages = planPreprocess(recipe, image);
  const nonFinitePixels = mendNonFinite(image.pixels, image, recipe.arithmetic);
  const border = recipe.operations.crop?.pixels ?? 0;
  const host =
    border > 0 ? cropBorders(image.pixels, image.width, image.height, border) : image.pixels;
  const cropped = { width: image.width - 2 * border, height: image.height - 2 * border };
  const { log } = recipe.operations;
  const argument = log === null ? null : smallestArgument(host, log.c);
  if (log !== null && argument?.undefinedCount === host.length) throw logarithmUndefined(log.c);

  const scaler = await createScaleOffset(gpu);
  let pixels = await gpu.buffers.acquire(4 * host.length, "micrograph");
  gpu.upload(pixels, host);
  let now: ImageSize = cropped;
  let at = 0;
  let denoiser: GpuDenoiser | null = null;
  let badPixels: number | null = null;
  let denoise: DenoiseReport | null = null;

  const scaleOffset = (scale: number, offset: number): Promise<void> =>
    submitWork(gpu, "scaling", (encoder) =>
      scaler.encode(encoder, { pixels, count: now.width * now.height, scale, offset }),
    );

  const runFourier = async (
    stage: PreprocessStage & { readonly kind: "fourier" },
  ): Promise<void> => {
    const filtered = await filterOnDevice(gpu, pixels, stage);
    gpu.buffers.release(pixels);
    pixels = filtered;
    now = stage.to;
  };

  const runDenoiser = async (
    stage: PreprocessStage & { readonly kind: "denoise" },
  ): Promise<boolean> => {
    denoiser ??= await createGpuDenoiser(gpu, pixels, now, stage.iterations);
    await denoiser.advance(DENOISE_PORTION);
    if (!denoiser.ended) return false;
    await denoiser.finish(pixels, stage.arithmetic === "xmipp" ? "unit" : "input");
    denoise = denoiser.report();
    denoiser.release();
    denoiser = null;
    return true;
  };

  const run = async (stage: PreprocessStage): Promise<boolean> => {
    switch (stage.kind) {
      case "crop":
        return true;
      case "log": {
        const kernel = await createTakeLogarithm(gpu);
        const smallest = argument?.smallest ?? 1;
        await submitWork(gpu, "the logarithm", (encoder) =>
          kernel.encode(encoder, {
            ...{ pixels, count: now.width * now.height, smallest },
            ...{ a: stage.a, b: stage.b, c: stage.c },
          }),
        );
        return true;
      }
      case "badPixels":
        badPixels = await gpuRemoveBadPixels(gpu, pixels, now, stage.stddev);
        return true;
      case "invert":
        await scaleOffset(-1, 0);
        return true;
      case "fourier":
        await runFourier(stage);
        return true;
      case "denoise":
        return await runDenoiser(stage);
      case "normalize": {
        const statistics = await gpuStatistics(gpu, pixels, now.width * now.height);
        const { scale, offset } = normalization(statistics);
        await scaleOffset(scale, offset);
        return true;
      }
    }
  };

  return {
    get position(): ChainPosition {
      if (at >= stages.length) return { stage: "done", done: 1, total: 1 };
      const stage = stages[at];
      return {
        stage: stage.kind,
        done: denoiser?.report().iterations ?? 0,
        total: stage.kind === "denoise" ? stage.iterations : 1,
      };
    },
    advance: async () => {
      if (at < stages.length && (await run(stages[at]))) at++;
    },
    result: async () => {
      const count = now.width * now.height;
      return {
        pixels: await readFloats(gpu, pixels, count),
        ...now,
        report: {
          nonFinitePixels,
          undefinedLogarithms: argument?.undefinedCount ?? null,
          badPixels,
          denoise,
          factorX: cropped.width / now.width,
          factorY: cropped.height / now.height,
          statistics: await gpuStatistics(gpu, pixels, count),
        },
      };
    },
    release: () => {
      denoiser?.release();
      gpu.buffers.release(pixels);
    },
  };
}
