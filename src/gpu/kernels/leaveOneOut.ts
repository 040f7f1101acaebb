import code from "#shaders/leaveOneOut.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { requireBytes } from "../requireBytes.ts";

export interface LeaveOneOut {
  /** Weighted cross spectra of frames with the others, or with the frame before; twin: src/math/motion/globalSpectra.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly spectra: GPUBuffer;
      readonly phases: GPUBuffer;
      readonly base: GPUBuffer | null;
      readonly sums: GPUBuffer;
      readonly weight: GPUBuffer;
      readonly cross: GPUBuffer;
      readonly items: number;
      readonly frames: number;
      readonly firstFrame: number;
      readonly count: number;
      readonly kx: number;
      readonly ky: number;
      /** Against the frame before instead of the others. */
      readonly chain: boolean;
      /** Puts back what a frame has of itself in a time mean that was subtracted. */
      readonly mended: boolean;
    },
  ): void;
}

export async function createLeaveOneOut(gpu: GpuContext): Promise<LeaveOneOut> {
  const kernel = await createKernel(gpu, { label: "leaveOneOut", code });
  return {
    encode: (
      encoder,
      {
        spectra,
        phases,
        base,
        sums,
        weight,
        cross,
        items,
        frames,
        firstFrame,
        count,
        kx,
        ky,
        chain,
        mended,
      },
    ) => {
      const plane = (2 * ky + 1) * (kx + 1);
      requireBytes("leaveOneOut", spectra, 8 * items * frames * plane);
      requireBytes("leaveOneOut", phases, 8 * items * frames * (kx + ky + 2));
      requireBytes("leaveOneOut", sums, 32 * items * plane);
      requireBytes("leaveOneOut", weight, 4 * plane);
      requireBytes("leaveOneOut", cross, 8 * items * count * plane);
      kernel.encode(encoder, {
        uniforms: {
          items,
          frames,
          firstFrame,
          count,
          kx,
          ky,
          kind: chain ? 1 : 0,
          mended: mended ? 1 : 0,
          useBase: base === null ? 0 : 1,
        },
        buffers: { spectra, phases, base: base ?? spectra, sums, weight, cross },
        groups: gridOf(Math.ceil((items * count * plane) / 64)),
      });
    },
  };
}
