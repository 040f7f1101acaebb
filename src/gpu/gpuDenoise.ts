import type { DenoiseReport } from "#src/domain/preprocess.ts";
import {
  DenoiseSteps,
  TV_SMOOTHING,
  TV_WEIGHT,
  denoiseScale,
} from "#src/math/preprocess/denoise.ts";
import type { ImageSize } from "#src/math/preprocess/fourierFilter.ts";
import type { GpuContext } from "./device.ts";
import { gpuStatistics, submitWork } from "./gpuImage.ts";
import { createAnscombe } from "./kernels/anscombe.ts";
import { addStepSums, createDenoiseGradient } from "./kernels/denoiseGradient.ts";
import { SWEEP_PIXELS, addTrialSums, createDenoiseTrial } from "./kernels/denoiseTrial.ts";
import { createScaleOffset } from "./kernels/scaleOffset.ts";
import { readFloats } from "./readback.ts";

/** A denoiser on the device: the same steps as src/math/preprocess/denoise.ts, other sweeps. */
export interface GpuDenoiser {
  readonly ended: boolean;
  advance(iterations: number): Promise<void>;
  /**
   * Writes the clean image into `pixels`: in [0, 1] ("unit"; zeros for a constant image), or on the
   * input's scale.
   */
  finish(pixels: GPUBuffer, scale: "unit" | "input"): Promise<void>;
  report(): DenoiseReport;
  release(): void;
}

/** @param pixels [height, width] on the device, finite; not changed until `finish` */
export async function createGpuDenoiser(
  gpu: GpuContext,
  pixels: GPUBuffer,
  { width, height }: ImageSize,
  iterations: number,
): Promise<GpuDenoiser> {
  const count = width * height;
  const scaler = await createScaleOffset(gpu);
  const rescale = (buffer: GPUBuffer, factor: number, offset: number): Promise<void> =>
    submitWork(gpu, "denoising", (encoder) =>
      scaler.encode(encoder, { pixels: buffer, count, scale: factor, offset }),
    );
  const scale = denoiseScale(await gpuStatistics(gpu, pixels, count));
  if (scale === null)
    return {
      ended: true,
      advance: () => Promise.resolve(),
      finish: async (out, kind) => {
        if (kind === "unit") await rescale(out, 0, 0);
      },
      report: () => ({ iterations: 0, energies: [], ended: "constant" }),
      release: () => undefined,
    };

  const transform = await createAnscombe(gpu);
  const trialKernel = await createDenoiseTrial(gpu);
  const gradientKernel = await createDenoiseGradient(gpu);
  const groups = Math.ceil(count / SWEEP_PIXELS);
  const held: GPUBuffer[] = [];
  const release = (): void => {
    for (const buffer of held.splice(0)) gpu.buffers.release(buffer);
  };
  try {
    for (const label of ["denoising data", "estimate", "trial", "gradient"])
      held.push(await gpu.buffers.acquire(4 * count, label));
    const [data, first, second, gradient] = held;
    const partials = await gpu.buffers.acquire(16 * groups, "partial sums");
    held.push(partials);
    let [estimate, trial] = [first, second];
    const size = { width, height };
    await submitWork(gpu, "denoising", (encoder) => {
      transform.encode(encoder, { pixels, transformed: data, estimate, count, scale });
      // The old gradient enters sums that nobody reads here; zero keeps them finite.
      encoder.clearBuffer(gradient);
      const start = { trial: estimate, estimate, data, gradient, partials, ...size, scale };
      gradientKernel.encode(encoder, start);
    });
    const energy = startEnergy(await readFloats(gpu, estimate, count), size, scale.k1, scale.k2);
    const steps = new DenoiseSteps(energy, iterations);

    const iterate = async (): Promise<void> => {
      while (!steps.ended) {
        await submitWork(gpu, "denoising", (encoder) =>
          trialKernel.encode(encoder, {
            ...{ estimate, gradient, data, trial, partials, ...size, scale },
            theta: steps.theta,
            xi: steps.xi,
          }),
        );
        if (!steps.judge(addTrialSums(await readFloats(gpu, partials, 2 * groups)))) continue;
        await submitWork(gpu, "denoising", (encoder) =>
          gradientKernel.encode(encoder, {
            ...{ trial, estimate, data, gradient, partials, ...size, scale },
          }),
        );
        steps.advance(addStepSums(await readFloats(gpu, partials, 4 * groups)));
        [estimate, trial] = [trial, estimate];
        return;
      }
    };

    return {
      get ended() {
        return steps.ended;
      },
      advance: async (number) => {
        for (let i = 0; i < number && !steps.ended; i++) await iterate();
      },
      finish: async (out, kind) => {
        await submitWork(gpu, "denoising", (encoder) =>
          encoder.copyBufferToBuffer(estimate, 0, out, 0, 4 * count),
        );
        if (kind === "input") await rescale(out, scale.range, scale.min);
      },
      report: () => steps.report(),
      release,
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** Energy of the first estimate, which equals the data; only for the report. */
function startEnergy(
  x: Float32Array,
  { width, height }: ImageSize,
  k1: number,
  k2: number,
): number {
  let sum = 0;
  for (let y = 0; y < height; y++)
    for (let u = 0; u < width; u++) {
      const value = x[y * width + u];
      const dx = x[y * width + ((u + 1) % width)] - value;
      const dy = x[((y + 1) % height) * width + u] - value;
      const residual = 2 * Math.sqrt(Math.max(0, k2 * value + k1)) - value;
      sum +=
        0.5 * residual * residual +
        TV_WEIGHT * Math.sqrt(dx * dx + dy * dy + TV_SMOOTHING * TV_SMOOTHING);
    }
  return sum;
}
