import mergeCode from "#shaders/mergeRuns.wgsl?raw";
import runsCode from "#shaders/sortRuns.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel } from "../kernel.ts";
import { lineBatches } from "./lineBatches.ts";
import type { LineShape } from "./lineBatches.ts";

/** Values that one thread sorts before runs are merged; RUN of shaders/sortRuns.wgsl. */
const RUN = 16;

export interface SortLines {
  /**
   * Sorts each line; any length. `source` is left as it is; the result stands in the returned one of the
   * two buffers. Twin: src/math/lineSort.ts.
   */
  encode(
    encoder: GPUCommandEncoder,
    args: LineShape & {
      readonly source: GPUBuffer;
      readonly buffers: readonly [GPUBuffer, GPUBuffer];
    },
  ): GPUBuffer;
}

export async function createSortLines(gpu: GpuContext): Promise<SortLines> {
  const sortRuns = await createKernel(gpu, { label: "sortRuns", code: runsCode });
  const mergeRuns = await createKernel(gpu, { label: "mergeRuns", code: mergeCode });
  return {
    encode: (encoder, { source, buffers, lines, length }) => {
      let [from, to] = buffers;
      for (const { first, count } of lineBatches(lines))
        sortRuns.encode(encoder, {
          uniforms: { lineLength: length, firstLine: first },
          buffers: { lines: source, sorted: from },
          groups: [Math.ceil(length / RUN / 64), count, 1],
        });
      for (let run = RUN; run < length; run *= 2) {
        for (const { first, count } of lineBatches(lines))
          mergeRuns.encode(encoder, {
            uniforms: { lineLength: length, firstLine: first, run },
            buffers: { source: from, merged: to },
            groups: [Math.ceil(length / 256), count, 1],
          });
        [from, to] = [to, from];
      }
      return from;
    },
  };
}
