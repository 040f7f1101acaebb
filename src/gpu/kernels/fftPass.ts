import code from "#shaders/fftPass.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";

export type GpuRadix = 2 | 3 | 4 | 5 | 7 | 8;

/** Where a batch of transforms lies in a buffer, in complex numbers. */
export interface GpuBatch {
  readonly batch: number;
  readonly firstBatch: number;
  readonly batchStride: number;
  readonly elementStride: number;
}

export interface FftPass {
  readonly radix: GpuRadix;
  /** One radix pass from `source` to `result` (not the same buffer); twin: src/math/fftPasses.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: GpuBatch & {
      readonly source: GPUBuffer;
      readonly result: GPUBuffer;
      readonly roots: GPUBuffer;
      readonly n: number;
      /** Product of the radices of earlier passes. */
      readonly s: number;
      readonly inverse: boolean;
      readonly scale: number;
    },
  ): void;
}

export async function createFftPass(gpu: GpuContext, radix: GpuRadix): Promise<FftPass> {
  const kernel = await createKernel(gpu, { label: "fftPass", code, constants: { radix } });
  return {
    radix,
    encode: (encoder, { source, result, roots, n, s, inverse, scale, ...batch }) =>
      kernel.encode(encoder, {
        uniforms: {
          ...batch,
          n,
          s,
          m: n / (s * radix),
          batchFastest: batch.batchStride < batch.elementStride ? 1 : 0,
          inverse: inverse ? 1 : 0,
          scale,
        },
        buffers: { source, roots, result },
        groups: gridOf(Math.ceil((batch.batch * n) / radix / 64)),
      }),
  };
}
