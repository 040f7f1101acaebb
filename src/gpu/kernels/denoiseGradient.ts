import code from "#shaders/denoiseGradient.wgsl?raw";
import { TV_SMOOTHING, TV_WEIGHT } from "#src/math/preprocess/denoiseBand.ts";
import type { DenoiseScale, StepSums } from "#src/math/preprocess/denoise.ts";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";
import { SWEEP_PIXELS } from "./denoiseTrial.ts";

export interface DenoiseGradient {
  /** The gradient at `trial` and partial sums (four floats each); twin: src/math/preprocess/denoise.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly trial: GPUBuffer;
      readonly estimate: GPUBuffer;
      readonly data: GPUBuffer;
      /** At the estimate. */
      readonly gradient: GPUBuffer;
      /** Where the gradient at the trial goes. */
      readonly next: GPUBuffer;
      readonly partials: GPUBuffer;
      readonly width: number;
      readonly height: number;
      readonly scale: DenoiseScale;
    },
  ): void;
}

export async function createDenoiseGradient(gpu: GpuContext): Promise<DenoiseGradient> {
  const kernel = await createKernel(gpu, { label: "denoiseGradient", code });
  return {
    encode: (
      encoder,
      { trial, estimate, data, gradient, next, partials, width, height, scale },
    ) => {
      const count = width * height;
      const groups = Math.ceil(count / SWEEP_PIXELS);
      for (const buffer of [trial, estimate, data, gradient, next])
        requireBytes("denoiseGradient", buffer, 4 * count);
      requireBytes("denoiseGradient", partials, 16 * groups);
      kernel.encode(encoder, {
        uniforms: {
          width,
          height,
          k1: scale.k1,
          k2: scale.k2,
          mu: TV_WEIGHT,
          beta2: TV_SMOOTHING ** 2,
        },
        buffers: { trial, estimate, data, gradient, next, partials },
        groups: gridOf(groups),
      });
    },
  };
}

/** Adds partial sums in double. */
export function addStepSums(partials: Float32Array): StepSums {
  let curvature = 0;
  let squares = 0;
  let largest = -Infinity;
  for (let i = 0; i < partials.length; i += 4) {
    curvature += partials[i];
    squares += partials[i + 1];
    largest = Math.max(largest, partials[i + 2]);
  }
  return { curvature, squares, largest };
}
