import code from "#shaders/imageMoments.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

/** Pixels that one workgroup sums. */
const GROUP_PIXELS = 4096;

export interface ImageMoments {
  /** Number of partial results (four floats each) for so many pixels. */
  partialsFor(count: number): number;
  /** Partial Σ(x − shift), Σ(x − shift)², min, max; twin: src/math/preprocess/imageStatistics.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly pixels: GPUBuffer;
      readonly partials: GPUBuffer;
      readonly count: number;
      readonly shift: number;
    },
  ): void;
}

export async function createImageMoments(gpu: GpuContext): Promise<ImageMoments> {
  const kernel = await createKernel(gpu, { label: "imageMoments", code });
  const partialsFor = (count: number): number => Math.ceil(count / GROUP_PIXELS);
  return {
    partialsFor,
    encode: (encoder, { pixels, partials, count, shift }) => {
      requireBytes("imageMoments", pixels, 4 * count);
      requireBytes("imageMoments", partials, 16 * partialsFor(count));
      kernel.encode(encoder, {
        uniforms: { count, shift },
        buffers: { pixels, partials },
        groups: gridOf(partialsFor(count)),
      });
    },
  };
}

/** Adds partial results in double: sums, and the range. */
export function addMoments(partials: Float32Array): {
  readonly sum: number;
  readonly squares: number;
  readonly min: number;
  readonly max: number;
} {
  let sum = 0;
  let squares = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < partials.length; i += 4) {
    sum += partials[i];
    squares += partials[i + 1];
    min = Math.min(min, partials[i + 2]);
    max = Math.max(max, partials[i + 3]);
  }
  return { sum, squares, min, max };
}
