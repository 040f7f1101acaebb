import code from "#shaders/alignSpectra.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface AlignSpectra {
  /** Sums over frames of spectra whose displacements are undone; twin: src/math/motion/globalSpectra.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly spectra: GPUBuffer;
      readonly phases: GPUBuffer;
      /** Subtracted from every spectrum. */
      readonly base: GPUBuffer | null;
      readonly sums: GPUBuffer;
      readonly items: number;
      readonly frames: number;
      readonly kx: number;
      readonly ky: number;
    },
  ): void;
}

export async function createAlignSpectra(gpu: GpuContext): Promise<AlignSpectra> {
  const kernel = await createKernel(gpu, { label: "alignSpectra", code });
  return {
    encode: (encoder, { spectra, phases, base, sums, items, frames, kx, ky }) => {
      const plane = (2 * ky + 1) * (kx + 1);
      requireBytes("alignSpectra", spectra, 8 * items * frames * plane);
      requireBytes("alignSpectra", phases, 8 * items * frames * (kx + ky + 2));
      requireBytes("alignSpectra", sums, 32 * items * plane);
      kernel.encode(encoder, {
        uniforms: { items, frames, kx, ky, useBase: base === null ? 0 : 1 },
        buffers: { spectra, phases, base: base ?? spectra, sums },
        groups: gridOf(Math.ceil((items * plane) / 64)),
      });
    },
  };
}
