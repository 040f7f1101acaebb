import code from "#shaders/lineVariation.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";
import { readFloats } from "../readback.ts";
import type { LineShape } from "./lineBatches.ts";

const PIXELS_PER_GROUP = 16384;
const THREADS = 256;

export interface LineVariation {
  /** `Σ |v_j − v_{j−1}|` over neighbouring lines; twin: `variation` in src/math/midwayEqualization.ts. */
  measure(
    args: LineShape & {
      readonly values: GPUBuffer;
      /** The lines themselves, which tell what is masked. */
      readonly masked: GPUBuffer;
    },
  ): Promise<number>;
}

export async function createLineVariation(gpu: GpuContext): Promise<LineVariation> {
  const kernel = await createKernel(gpu, { label: "lineVariation", code });
  return {
    measure: async ({ values, masked, lines, length }) => {
      const count = lines * length;
      const groups = Math.ceil(count / PIXELS_PER_GROUP);
      const partials = await gpu.buffers.acquire(4 * THREADS * groups, "total variation");
      try {
        await gpu.scoped("the total variation", () => {
          const encoder = gpu.device.createCommandEncoder({ label: "lineVariation" });
          kernel.encode(encoder, {
            uniforms: { lineLength: length, count },
            buffers: { values, lines: masked, partials },
            groups: gridOf(groups),
          });
          gpu.submit(encoder);
        });
        const parts = await readFloats(gpu, partials, THREADS * groups);
        return parts.reduce((sum, part) => sum + part, 0);
      } finally {
        gpu.buffers.release(partials);
      }
    },
  };
}
