import code from "#shaders/equalizeLines.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel } from "../kernel.ts";
import { lineBatches } from "./lineBatches.ts";
import type { SortedLines } from "./quantileReferences.ts";

export interface EqualizeLines {
  /** Adds the equalized lines to `result`. Twin: `equalize` in src/math/sortedLines.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: SortedLines & {
      readonly values: GPUBuffer;
      readonly references: GPUBuffer;
      readonly sums: GPUBuffer;
      readonly result: GPUBuffer;
      /** Every line has a reference of its own. */
      readonly ownReference: boolean;
      readonly lastTie: boolean;
      /** The result is laid out as the image whose columns the lines are. */
      readonly transposed: boolean;
    },
  ): void;
}

export async function createEqualizeLines(gpu: GpuContext): Promise<EqualizeLines> {
  const kernel = await createKernel(gpu, { label: "equalizeLines", code });
  return {
    encode: (encoder, args) => {
      const { values, sorted, good, references, sums, result, lines, length } = args;
      for (const { first, count } of lineBatches(lines))
        kernel.encode(encoder, {
          uniforms: {
            lineLength: length,
            lineCount: lines,
            firstLine: first,
            ownReference: args.ownReference ? 1 : 0,
            lastTie: args.lastTie ? 1 : 0,
            transposed: args.transposed ? 1 : 0,
          },
          buffers: { lines: values, sorted, good, references, sums, result },
          groups: [Math.ceil(length / 256), count, 1],
        });
    },
  };
}
