import type { DenoiseReport } from "#src/domain/preprocess.ts";
import { DenoiseSteps, denoiseScale } from "#src/math/preprocess/denoise.ts";
import { TV_SMOOTHING, TV_WEIGHT } from "#src/math/preprocess/denoiseBand.ts";
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
  let destroyFetch = (): void => undefined;
  const release = (): void => {
    destroyFetch();
    for (const buffer of held.splice(0)) gpu.buffers.release(buffer);
  };
  try {
    for (const label of ["denoising data", "estimate", "trial", "gradient", "next gradient"])
      held.push(await gpu.buffers.acquire(4 * count, label));
    const [data, first, second, third, fourth] = held;
    // Sums of a trial (two floats a group), then those of the step (four).
    const partials = await gpu.buffers.acquire(8 * groups, "partial sums of a trial");
    held.push(partials);
    const stepPartials = await gpu.buffers.acquire(16 * groups, "partial sums of a step");
    held.push(stepPartials);
    const fetch = createFetch(gpu, [
      [partials, 2 * groups],
      [stepPartials, 4 * groups],
    ]);
    destroyFetch = () => fetch.destroy();
    let [estimate, trial, gradient, next] = [first, second, third, fourth];
    const size = { width, height };
    await submitWork(gpu, "denoising", (encoder) => {
      transform.encode(encoder, { pixels, transformed: data, estimate, count, scale });
      // An old gradient of zero enters sums that nobody reads here.
      encoder.clearBuffer(next);
      gradientKernel.encode(encoder, {
        ...{ trial: estimate, estimate, data, gradient: next, next: gradient },
        ...{ partials: stepPartials, ...size, scale },
      });
    });
    const energy = startEnergy(await readFloats(gpu, estimate, count), size, scale.k1, scale.k2);
    const steps = new DenoiseSteps(energy, iterations);

    // Trial and gradient go in one submit, for most trials are accepted: one round trip a step.
    const iterate = async (): Promise<void> => {
      while (!steps.ended) {
        const encoder = gpu.device.createCommandEncoder({ label: "denoising" });
        trialKernel.encode(encoder, {
          ...{ estimate, gradient, data, trial, partials, ...size, scale },
          ...{ theta: steps.theta, xi: steps.xi },
        });
        gradientKernel.encode(encoder, {
          ...{ trial, estimate, data, gradient, next, partials: stepPartials, ...size, scale },
        });
        const [trialSums, stepSums] = await fetch.submitAndRead(encoder);
        if (!steps.judge(addTrialSums(trialSums))) continue;
        steps.advance(addStepSums(stepSums));
        [estimate, trial] = [trial, estimate];
        [gradient, next] = [next, gradient];
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

/** Reads the same buffers again and again through one staging buffer. */
function createFetch(
  gpu: GpuContext,
  sources: readonly (readonly [buffer: GPUBuffer, floats: number])[],
): {
  submitAndRead(encoder: GPUCommandEncoder): Promise<Float32Array[]>;
  destroy(): void;
} {
  const bytes = sources.reduce((sum, [, floats]) => sum + 4 * floats, 0);
  const staging = gpu.device.createBuffer({
    label: "denoising sums",
    size: bytes,
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  });
  return {
    submitAndRead: async (encoder) => {
      let at = 0;
      for (const [buffer, floats] of sources) {
        encoder.copyBufferToBuffer(buffer, 0, staging, at, 4 * floats);
        at += 4 * floats;
      }
      gpu.submit(encoder);
      await staging.mapAsync(GPUMapMode.READ).catch(async (error: unknown) => {
        // Mapping fails when the device goes; settle then tells the loss.
        await gpu.settle();
        throw error;
      });
      const copy = staging.getMappedRange().slice(0);
      staging.unmap();
      gpu.check();
      let from = 0;
      return sources.map(([, floats]) => {
        const part = new Float32Array(copy, from, floats);
        from += 4 * floats;
        return part;
      });
    },
    destroy: () => staging.destroy(),
  };
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
