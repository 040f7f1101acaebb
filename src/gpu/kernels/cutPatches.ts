import code from "#shaders/cutPatches.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface CutPatches {
  /** Windowed patches of two frames each as complex images; twin: src/math/motion/patchEngine.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly slab: GPUBuffer;
      /** (x, y) of every patch in every frame. */
      readonly corners: GPUBuffer;
      readonly window: GPUBuffer;
      readonly pairs: GPUBuffer;
      readonly width: number;
      readonly height: number;
      readonly side: number;
      readonly items: number;
      readonly frames: number;
      /** Even. */
      readonly firstFrame: number;
      readonly slabFrames: number;
    },
  ): void;
}

export async function createCutPatches(gpu: GpuContext): Promise<CutPatches> {
  const kernel = await createKernel(gpu, { label: "cutPatches", code });
  return {
    encode: (
      encoder,
      { slab, corners, window, pairs, width, height, side, items, frames, firstFrame, slabFrames },
    ) => {
      requireBytes("cutPatches", slab, 4 * slabFrames * width * height);
      requireBytes("cutPatches", corners, 8 * items * frames);
      requireBytes("cutPatches", window, 4 * side);
      requireBytes("cutPatches", pairs, 8 * items * Math.ceil(frames / 2) * side * side);
      kernel.encode(encoder, {
        uniforms: { width, height, side, items, frames, firstFrame, slabFrames },
        buffers: { slab, corners, window, pairs },
        groups: gridOf(Math.ceil((items * Math.ceil(slabFrames / 2) * side * side) / 64)),
      });
    },
  };
}
