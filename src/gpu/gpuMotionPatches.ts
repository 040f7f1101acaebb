import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import type { PatchCorrelation } from "#src/compute/motionCompute.ts";
import { patchRingCount, sineWindow } from "#src/math/motion/patchEngine.ts";
import type { PatchPlace } from "#src/math/motion/patchEngine.ts";
import { createHolder } from "./bufferHolder.ts";
import type { BufferHolder } from "./bufferHolder.ts";
import type { GpuContext } from "./device.ts";
import { gpuFft } from "./gpuFft.ts";
import { createGpuMaps } from "./gpuMaps.ts";
import { createPatchSpectra, holdSlabs, MAX_SIDE } from "./gpuPatchSpectra.ts";
import type { PatchPortion } from "./gpuPatchSpectra.ts";
import { createAlignSpectra } from "./kernels/alignSpectra.ts";
import { createLeaveOneOut } from "./kernels/leaveOneOut.ts";
import { createSubtractImage } from "./kernels/subtractImage.ts";
import { createWeighPattern } from "./kernels/weighPattern.ts";
import { stageFloats } from "./readback.ts";
import type { FloatRange } from "./readback.ts";

/** Portions that are computed while an earlier one is still being read back. */
const IN_FLIGHT = 2;

/** Twice the counts of one plane: the coefficients with kx > 0 stand for their mirror images too. */
function eachCoefficient(
  kept: number,
  visit: (i: number, radius: number, m: number) => void,
): void {
  for (let k = -kept, i = 0; k <= kept; k++)
    for (let x = 0; x <= kept; x++, i++) visit(i, Math.hypot(k, x), x === 0 ? 1 : 2);
}

/**
 * {@link PatchCorrelation} with the binned movie on the device, in slabs of frames. Patches go in portions
 * through work buffers of a fixed size, all reserved here: later steps do not run out of the budget.
 */
export async function openGpuPatches(
  gpu: GpuContext,
  held: BufferHolder,
  width: number,
  height: number,
  frames: Float32Pixels[],
): Promise<PatchCorrelation> {
  const count = frames.length;
  const pixels = width * height;
  const [aligner, crosser, weigher, subtracter] = await Promise.all([
    createAlignSpectra(gpu),
    createLeaveOneOut(gpu),
    createWeighPattern(gpu),
    createSubtractImage(gpu),
  ]);
  const slabs = await holdSlabs(gpu, held, pixels, count);
  const spectra = await createPatchSpectra(gpu, held, slabs, { width, height, frames: count });
  const { work, sums } = spectra;
  const image = await held.acquire(4 * pixels, "pattern");
  const table = await held.acquire(8 * MAX_SIDE * MAX_SIDE, "weights of frequencies");
  // From here on nothing large is asked for: the frames are taken over.
  for (const { buffer, first, members } of slabs)
    for (let t = first; t < first + members; t++) {
      gpu.upload(buffer, frames[t], 4 * pixels * (t - first));
      frames[t] = new Float32Array(0);
    }

  /**
   * Computes patches portion by portion and reads back what `encode` names; `take` gets it in the order
   * of the patches.
   */
  const inPortions = async (
    patches: readonly PatchPlace[],
    side: number,
    kept: number,
    rest: boolean,
    encode: (encoder: GPUCommandEncoder, portion: PatchPortion) => readonly FloatRange[],
    take: (values: Float32Array, portion: PatchPortion) => void,
    signal?: CancelSignal,
  ): Promise<void> => {
    const plan = await spectra.plan(side, kept);
    const waiting: (() => Promise<void>)[] = [];
    const drain = async (keep: number): Promise<void> => {
      while (waiting.length > keep) await waiting.shift()?.();
    };
    try {
      for (let first = 0; first < patches.length; first += plan.portion) {
        throwIfCancelled(signal);
        const portion = { first, places: patches.slice(first, first + plan.portion) };
        const read = await gpu.scoped("the correlation of patches", () => {
          const encoder = gpu.device.createCommandEncoder({ label: "correlate patches" });
          plan.encode(encoder, portion.places, rest);
          aligner.encode(encoder, {
            ...{ spectra: work.spectra, phases: work.phases, base: null, sums },
            ...{ items: portion.places.length, frames: count, kx: kept, ky: kept },
          });
          const staged = stageFloats(gpu, encoder, encode(encoder, portion));
          gpu.submit(encoder);
          return staged;
        });
        waiting.push(async () => take(await read(), portion));
        await drain(IN_FLIGHT);
      }
      await drain(0);
    } catch (error) {
      // What was staged is read all the same, so that its buffers are freed.
      await Promise.allSettled(waiting.map((read) => read()));
      throw error;
    }
  };

  /** The sums of all patches of a portion, `[patch][plane][8]`. */
  const wholeSums = (side: number, { places }: PatchPortion): readonly FloatRange[] => [
    { source: sums, count: 8 * places.length * (side - 1) * (side / 2) },
  ];

  return {
    measure: async (side, patches, signal) => {
      const kept = side / 2 - 1;
      const rings = patchRingCount(side);
      const together = new Float64Array(rings);
      const single = new Float64Array(rings);
      const plane = (side - 1) * (side / 2);
      await inPortions(
        patches,
        side,
        kept,
        false,
        (_, portion) => wholeSums(side, portion),
        (values) => {
          for (let at = 0; at < values.length; at += 8 * plane)
            eachCoefficient(kept, (i, radius, m) => {
              const ring = Math.min(Math.round(radius), rings - 1);
              const o = at + 8 * i;
              together[ring] += m * (values[o] ** 2 + values[o + 1] ** 2);
              single[ring] += m * values[o + 2];
            });
        },
        signal,
      );
      return { together, single };
    },
    surfaces: async ({ side, patches, weight, kept, radius }, signal, onProgress) => {
      const shape = { width: side, height: side, ky: kept, kx: kept };
      const tables = createHolder(gpu);
      try {
        const maps = await createGpuMaps(
          gpu,
          tables,
          shape,
          { radiusX: radius, radiusY: radius, step: 1 },
          { scale: 1 / (side * side), prefilter: true },
        );
        const size = count * (2 * radius + 1) ** 2;
        const out = new Float32Array(patches.length * size);
        gpu.upload(table, weight);
        const [cross, partial] = work.pairs;
        await inPortions(
          patches,
          side,
          kept,
          false,
          (encoder, { places }) => {
            const items = places.length;
            crosser.encode(encoder, {
              ...{ spectra: work.spectra, phases: work.phases, base: null, sums },
              ...{ weight: table, cross, items, frames: count, firstFrame: 0, count },
              ...{ kx: kept, ky: kept, chain: false, mended: false },
            });
            maps.encode(encoder, { cross, partial, maps: cross }, items * count);
            return [{ source: cross, count: items * size }];
          },
          (values, { first, places }) => {
            out.set(values, first * size);
            onProgress?.(first + places.length);
          },
          signal,
        );
        return out;
      } finally {
        tables.release();
      }
    },
    restMoments: async (side, patches) => {
      const kept = side / 2 - 1;
      const plane = (side - 1) * (side / 2);
      const rings = side / 4 + 1;
      const out = Array.from({ length: 4 }, () => new Float64Array(rings));
      await inPortions(
        patches,
        side,
        kept,
        true,
        (_, portion) => wholeSums(side, portion),
        (values) => {
          for (let at = 0; at < values.length; at += 8 * plane)
            eachCoefficient(kept, (i, radius, m) => {
              const ring = Math.min(Math.floor(radius / 2), rings - 1);
              const o = at + 8 * i;
              out[0][ring] += m * (values[o + 4] ** 2 + values[o + 5] ** 2);
              out[1][ring] += m * (values[o] ** 2 + values[o + 1] ** 2);
              out[2][ring] += m * values[o + 2];
              out[3][ring] += m * (values[o + 6] ** 2 + values[o + 7] ** 2);
            });
        },
      );
      return out;
    },
    restPattern: async (side, patches, still, moving, signal) => {
      const kept = side / 2 - 1;
      const rings = side / 4 + 1;
      const ratios = new Float32Array(2 * (side - 1) * (side / 2));
      eachCoefficient(kept, (i, radius) => {
        const ring = Math.min(Math.floor(radius / 2), rings - 1);
        ratios[2 * i] = Number.isFinite(still[ring]) ? Math.max(0, still[ring] - count) : -1;
        ratios[2 * i + 1] = moving[ring] - count;
      });
      gpu.upload(table, ratios);
      const fft = await gpuFft(gpu, side);
      const window = sineWindow(side);
      const out = new Float32Array(pixels);
      await inPortions(
        patches,
        side,
        kept,
        true,
        (encoder, { places }) => {
          const items = places.length;
          const members = Math.ceil(items / 2);
          const [a, b] = work.pairs;
          weigher.encode(encoder, {
            ...{ sums, ratios: table, pairs: a, side, items, frames: count, kept },
          });
          const across = members * side;
          const alongY = { batch: across, firstBatch: 0, batchStride: 1, elementStride: across };
          const alongX = { batch: across, firstBatch: 0, batchStride: side, elementStride: 1 };
          const y = fft.encode(encoder, { ...alongY, data: a, spare: b, inverse: true });
          const x = fft.encode(encoder, {
            ...{ ...alongX, data: y, spare: y === a ? b : a, inverse: true },
          });
          return [{ source: x, count: 2 * across * side }];
        },
        (values, { places }) => {
          const members = Math.ceil(places.length / 2);
          places.forEach((patch, p) => {
            for (let y = 0; y < side; y++) {
              const from = 2 * (y * members + (p >> 1)) * side + (p & 1);
              const into = (patch.y + y) * width + patch.x;
              for (let x = 0; x < side; x++)
                out[into + x] += window[y] * window[x] * values[from + 2 * x];
            }
          });
        },
        signal,
      );
      return out;
    },
    subtract: async (pattern) => {
      await gpu.scoped("the subtraction of a pattern", () => {
        gpu.upload(image, Float32Array.from(pattern));
        const encoder = gpu.device.createCommandEncoder({ label: "subtract a pattern" });
        for (const { buffer, members } of slabs)
          subtracter.encode(encoder, { slab: buffer, image, slabFrames: members, pixels });
        gpu.submit(encoder);
      });
    },
    close: () => held.release(),
  };
}
