import chunksCode from "#shaders/sortChunks.wgsl?raw";
import mergeCode from "#shaders/mergeRuns.wgsl?raw";
import type { GpuContext } from "../device.ts";
import { createKernel } from "../kernel.ts";
import { lineBatches } from "./lineBatches.ts";
import type { LineShape } from "./lineBatches.ts";

/** Values that are sorted in shared memory; longer lines are merged from such chunks. */
const LARGEST_CHUNK = 2048;

export interface SortLines {
  /**
   * Sorts each line; any length. `lines` is left as it is; the result stands in the returned one of the
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

export async function createSortLines(gpu: GpuContext, length: number): Promise<SortLines> {
  // Short lines take the smallest power of two that holds them.
  const chunk = Math.min(LARGEST_CHUNK, 2 ** Math.ceil(Math.log2(Math.max(2, length))));
  const chunks = await createKernel(gpu, {
    label: "sortChunks",
    code: chunksCode,
    constants: { CHUNK: chunk },
  });
  const merge = await createKernel(gpu, { label: "mergeRuns", code: mergeCode });
  return {
    encode: (encoder, { source, buffers, lines, length: lineLength }) => {
      let [from, to] = buffers;
      for (const { first, count } of lineBatches(lines))
        chunks.encode(encoder, {
          uniforms: { lineLength, firstLine: first },
          buffers: { lines: source, sorted: from },
          groups: [Math.ceil(lineLength / chunk), count, 1],
        });
      for (let run = chunk; run < lineLength; run *= 2) {
        for (const { first, count } of lineBatches(lines))
          merge.encode(encoder, {
            uniforms: { lineLength, firstLine: first, run },
            buffers: { source: from, merged: to },
            groups: [Math.ceil(lineLength / 256), count, 1],
          });
        [from, to] = [to, from];
      }
      return from;
    },
  };
}
