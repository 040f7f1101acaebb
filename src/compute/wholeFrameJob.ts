import type { EncodedFrame, Float32Pixels, PixelArray } from "#src/domain/movie.ts";
import { decodeFrame } from "#src/formats/decodeFrame.ts";
import { accumulate } from "#src/math/accumulate.ts";
import { repairedValues } from "#src/math/repairPixels.ts";
import { repairStrayPixels } from "#src/math/strayPixels.ts";
import { createWarpScratch, warpFrame } from "#src/math/warpFrame.ts";
import type { WarpScratch } from "#src/math/warpFrame.ts";
import type { CorrectionSums, WholeFrameSetup, WholeFrameTask } from "./correctionCompute.ts";
import type { JobDefinition } from "./pool.ts";

/** Decodes, repairs, moves and sums whole frames; every worker keeps sums of its own. */
export const wholeFrameJob: JobDefinition<
  WholeFrameSetup,
  { readonly frame: EncodedFrame; readonly task: WholeFrameTask },
  Float32Pixels | null,
  CorrectionSums | null
> = {
  name: "correct-frames",
  create: (setup) => {
    // Made with the first frame: a worker that gets none needs no memory.
    let state: State | null = null;
    return {
      run: async ({ frame, task }) => {
        state ??= createState(setup);
        const moved = addFrame(setup, state, await decodeFrame(frame), task);
        return { value: moved, transfer: moved === null ? [] : [moved.buffer] };
      },
      finish: () => {
        if (state === null) return { value: null };
        const { sums, unaligned } = state;
        const all = unaligned === null ? sums : [...sums, unaligned];
        return { value: { sums, unaligned }, transfer: all.map((sum) => sum.buffer) };
      },
    };
  },
};

interface State {
  readonly sums: readonly Float32Pixels[];
  readonly unaligned: Float32Pixels | null;
  readonly scratch: WarpScratch;
}

function createState(setup: WholeFrameSetup): State {
  const count = setup.width * setup.height;
  return {
    sums: Array.from({ length: setup.sums }, () => new Float32Array(count)),
    unaligned: setup.unaligned ? new Float32Array(count) : null,
    scratch: createWarpScratch(setup.tile),
  };
}

function addFrame(
  setup: WholeFrameSetup,
  { sums, unaligned, scratch }: State,
  pixels: PixelArray,
  { index, displacements, weights, wanted }: WholeFrameTask,
): Float32Pixels | null {
  const { width, height, correction, repair } = setup;
  const frame = prepareFrame(pixels, setup.dark, width, height, index);
  const repaired = repairedValues(repair, frame, correction, index, 0);
  repairBadPixels(frame, correction, repair.bad, repaired);
  if (unaligned !== null) accumulate(unaligned, frame, correction);
  const moved = wanted ? new Float32Array(width * height) : null;
  const targets = sums.map((target, s) => ({ target, weight: weights[s] }));
  if (moved !== null) targets.push({ target: moved, weight: 1 });
  const source = { frame, gain: correction, firstRow: 0 };
  warpFrame(source, width, height, displacements, { start: 0, end: height }, targets, scratch);
  return moved;
}

/**
 * Puts repaired values (gain applied) in place. Without a gain they are other pixels' values. With one, the
 * raw pixel becomes 1 and the gain there the value, so that the product is the repaired frame.
 */
export function repairBadPixels(
  frame: PixelArray,
  gain: Float32Array | null,
  bad: Uint32Array,
  repaired: Float32Array,
): void {
  for (let n = 0; n < bad.length; n++)
    if (gain === null) frame[bad[n]] = repaired[n];
    else {
      frame[bad[n]] = 1;
      gain[bad[n]] = repaired[n];
    }
}

/** Dark subtracted; X-rays, and in float frames what is no number, repaired. */
export function prepareFrame(
  pixels: PixelArray,
  dark: Float32Pixels | null,
  width: number,
  height: number,
  index: number,
): PixelArray {
  let frame = pixels;
  if (dark !== null) {
    frame = new Float32Array(pixels.length);
    for (let i = 0; i < frame.length; i++) frame[i] = pixels[i] - dark[i];
  }
  repairStrayPixels(frame, width, height, index);
  return frame;
}
