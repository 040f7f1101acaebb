import code from "#shaders/splitPatches.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface SplitPatches {
  /** Half spectra of the two frames of each pair; twin: src/math/motion/patchTransform.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly pairs: GPUBuffer;
      readonly spectra: GPUBuffer;
      readonly side: number;
      readonly items: number;
      readonly frames: number;
      readonly kept: number;
    },
  ): void;
}

export async function createSplitPatches(gpu: GpuContext): Promise<SplitPatches> {
  const kernel = await createKernel(gpu, { label: "splitPatches", code });
  return {
    encode: (encoder, { pairs, spectra, side, items, frames, kept }) => {
      const plane = (2 * kept + 1) * (kept + 1);
      requireBytes("splitPatches", pairs, 8 * items * Math.ceil(frames / 2) * side * side);
      requireBytes("splitPatches", spectra, 8 * items * frames * plane);
      kernel.encode(encoder, {
        uniforms: { side, items, frames, kept },
        buffers: { pairs, spectra },
        groups: gridOf(Math.ceil((items * Math.ceil(frames / 2) * plane) / 64)),
      });
    },
  };
}
