import code from "#shaders/denoiseTrial.wgsl?raw";
import { TV_SMOOTHING, TV_WEIGHT } from "#src/math/preprocess/denoiseBand.ts";
import type { DenoiseScale, TrialSums } from "#src/math/preprocess/denoise.ts";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

/** Pixels that one workgroup sums, in both sweeps of the denoiser. */
export const SWEEP_PIXELS = 2048;

export interface DenoiseTrial {
  /** The trial image and its partial sums (two floats each); twin: src/math/preprocess/denoise.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly estimate: GPUBuffer;
      readonly gradient: GPUBuffer;
      readonly data: GPUBuffer;
      readonly trial: GPUBuffer;
      readonly partials: GPUBuffer;
      readonly width: number;
      readonly height: number;
      readonly theta: number;
      readonly xi: number;
      readonly scale: DenoiseScale;
    },
  ): void;
}

export async function createDenoiseTrial(gpu: GpuContext): Promise<DenoiseTrial> {
  const kernel = await createKernel(gpu, { label: "denoiseTrial", code });
  return {
    encode: (
      encoder,
      { estimate, gradient, data, trial, partials, width, height, theta, xi, scale },
    ) => {
      const count = width * height;
      const groups = Math.ceil(count / SWEEP_PIXELS);
      for (const buffer of [estimate, gradient, data, trial])
        requireBytes("denoiseTrial", buffer, 4 * count);
      requireBytes("denoiseTrial", partials, 8 * groups);
      kernel.encode(encoder, {
        uniforms: {
          width,
          height,
          theta,
          xi,
          k1: scale.k1,
          k2: scale.k2,
          mu: TV_WEIGHT,
          beta2: TV_SMOOTHING ** 2,
        },
        buffers: { estimate, gradient, data, trial, partials },
        groups: gridOf(groups),
      });
    },
  };
}

/** Adds partial sums in double. */
export function addTrialSums(partials: Float32Array): TrialSums {
  let change = 0;
  let slope = 0;
  for (let i = 0; i < partials.length; i += 2) {
    change += partials[i];
    slope += partials[i + 1];
  }
  return { change, slope };
}
