import prefixCode from "#shaders/prefixQuantiles.wgsl?raw";
import smoothCode from "#shaders/smoothQuantiles.wgsl?raw";
import sumCode from "#shaders/sumQuantiles.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel } from "../kernel.ts";
import { readFloats } from "../readback.ts";
import { lineBatches } from "./lineBatches.ts";
import type { LineShape } from "./lineBatches.ts";

/** Lines whose quantile functions one thread adds in single precision. */
const BLOCK = 64;

/** Sorted lines and how many values of each count. */
export interface SortedLines extends LineShape {
  readonly sorted: GPUBuffer;
  /** u32 for each line. */
  readonly good: GPUBuffer;
}

/** Reference distributions from sorted lines; twins: src/math/quantiles.ts, midwayEqualization.ts. */
export interface QuantileReferences {
  /** `Σ_j weight_j · quantile_j(r)`: blocks of lines on the device, then in double precision here. */
  sum(lines: SortedLines, weight: GPUBuffer): Promise<Float64Array<ArrayBuffer>>;
  /** Each line's Gaussian neighbourhood into `references`. */
  encodeSmooth(
    encoder: GPUCommandEncoder,
    lines: SortedLines,
    args: { readonly kernel: GPUBuffer; readonly reach: number; readonly references: GPUBuffer },
  ): void;
  /** Running sums of references in fixed point. */
  encodeSums(
    encoder: GPUCommandEncoder,
    args: { readonly references: GPUBuffer; readonly sums: GPUBuffer } & LineShape,
  ): void;
}

export async function createQuantileReferences(gpu: GpuContext): Promise<QuantileReferences> {
  const adder = await createKernel(gpu, { label: "sumQuantiles", code: sumCode });
  const smoother = await createKernel(gpu, { label: "smoothQuantiles", code: smoothCode });
  const prefix = await createKernel(gpu, { label: "prefixQuantiles", code: prefixCode });
  return {
    sum: async ({ sorted, good, lines, length }, weight) => {
      const blocks = Math.ceil(lines / BLOCK);
      const partials = await gpu.buffers.acquire(4 * blocks * length, "sums of quantiles");
      try {
        await gpu.scoped("sums of quantiles", () => {
          const encoder = gpu.device.createCommandEncoder({ label: "sumQuantiles" });
          adder.encode(encoder, {
            uniforms: { lineLength: length, lineCount: lines },
            buffers: { sorted, good, weight, partials },
            groups: [Math.ceil(length / 256), blocks, 1],
          });
          gpu.submit(encoder);
        });
        const parts = await readFloats(gpu, partials, blocks * length);
        const sum = new Float64Array(length);
        for (let b = 0; b < blocks; b++)
          for (let r = 0; r < length; r++) sum[r] += parts[b * length + r];
        return sum;
      } finally {
        gpu.buffers.release(partials);
      }
    },
    encodeSmooth: (encoder, { sorted, good, lines, length }, { kernel, reach, references }) => {
      for (const { first, count } of lineBatches(lines))
        smoother.encode(encoder, {
          uniforms: { lineLength: length, lineCount: lines, firstLine: first, reach },
          buffers: { sorted, good, kernel, references },
          groups: [Math.ceil(length / 256), count, 1],
        });
    },
    encodeSums: (encoder, { references, sums, lines, length }) => {
      prefix.encode(encoder, {
        uniforms: { lineLength: length, lineCount: lines },
        buffers: { references, sums },
        groups: [Math.ceil(lines / 64), 1, 1],
      });
    },
  };
}
