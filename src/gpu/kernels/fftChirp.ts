import code from "#shaders/fftChirp.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import type { GpuBatch } from "./fftPass.ts";

export interface FftChirp {
  /** A pointwise step of the chirp-z transform; twin: `createChirpFft` in src/math/laneFft.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: GpuBatch & {
      /** 0 = load and pad, 1 = multiply spectra, 2 = store. */
      readonly stage: 0 | 1 | 2;
      readonly data: GPUBuffer;
      readonly work: GPUBuffer;
      readonly factor: GPUBuffer;
      readonly n: number;
      readonly m: number;
      readonly workBatchStride: number;
      readonly workElementStride: number;
      readonly inverse: boolean;
      readonly scale: number;
    },
  ): void;
}

export async function createFftChirp(gpu: GpuContext): Promise<FftChirp> {
  const kernel = await createKernel(gpu, { label: "fftChirp", code });
  return {
    encode: (encoder, { data, work, factor, inverse, ...args }) => {
      const length = args.stage === 2 ? args.n : args.m;
      kernel.encode(encoder, {
        uniforms: {
          ...args,
          batchFastest: args.batchStride < args.elementStride ? 1 : 0,
          inverse: inverse ? 1 : 0,
        },
        buffers: { data, work, factor },
        groups: gridOf(Math.ceil((args.batch * length) / 64)),
      });
    },
  };
}
