import { CryoloupeError } from "#src/domain/errors.ts";
import { fillPhases } from "#src/math/motion/phaseTables.ts";
import { sineWindow } from "#src/math/motion/patchEngine.ts";
import type { PatchPlace } from "#src/math/motion/patchEngine.ts";
import type { BufferHolder } from "./bufferHolder.ts";
import type { GpuContext } from "./device.ts";
import { gpuFft } from "./gpuFft.ts";
import { createCutPatches } from "./kernels/cutPatches.ts";
import { createSplitPatches } from "./kernels/splitPatches.ts";

/** Largest and smallest side of a patch. */
export const MAX_SIDE = 160;
const MIN_SIDE = 16;
/** Bytes of each work buffer, unless one patch needs more. */
const WORK_BYTES = 32 * 1024 ** 2;
/** Bytes of a slab of frames: what every device can bind. */
const SLAB_BYTES = 128 * 1024 ** 2;

/** Frames `first … first + members − 1` in one buffer; `first` is even. */
export interface FrameSlab {
  readonly buffer: GPUBuffer;
  readonly first: number;
  readonly members: number;
}

export async function holdSlabs(
  gpu: GpuContext,
  held: BufferHolder,
  pixels: number,
  frames: number,
): Promise<FrameSlab[]> {
  const { maxStorageBufferBindingSize } = gpu.device.limits;
  const bytes = Math.min(SLAB_BYTES, maxStorageBufferBindingSize);
  const members = Math.max(2, 2 * Math.floor(bytes / (8 * pixels)));
  const slabs: FrameSlab[] = [];
  for (let first = 0; first < frames; first += members) {
    const here = Math.min(members, frames - first);
    slabs.push({
      buffer: await held.acquire(4 * pixels * here, "binned frames"),
      first,
      members: here,
    });
  }
  return slabs;
}

/** Patches that are computed together. */
export interface PatchPortion {
  /** Number of the first. */
  readonly first: number;
  readonly places: readonly PatchPlace[];
}

/** Spectra of patches of one side, up to `kept`. */
export interface PatchPlan {
  /** Most patches that the work buffers hold. */
  readonly portion: number;
  /**
   * Spectra of patches in all frames, `[patch][t]`, into `work.spectra`, and into `work.phases` what
   * undoes the displacement that is left: its fraction where patches are cut at the displaced place, all of
   * it where they are cut at rest.
   */
  encode(encoder: GPUCommandEncoder, places: readonly PatchPlace[], rest: boolean): void;
}

export interface PatchSpectra {
  readonly work: {
    /** Complex images; free for other use after `encode`. */
    readonly pairs: readonly [GPUBuffer, GPUBuffer];
    readonly spectra: GPUBuffer;
    readonly phases: GPUBuffer;
  };
  /** Room for sums over frames of a portion (shaders/alignSpectra.wgsl). */
  readonly sums: GPUBuffer;
  plan(side: number, kept: number): Promise<PatchPlan>;
}

/** Reserves the work buffers. */
export async function createPatchSpectra(
  gpu: GpuContext,
  held: BufferHolder,
  slabs: readonly FrameSlab[],
  {
    width,
    height,
    frames,
  }: { readonly width: number; readonly height: number; readonly frames: number },
): Promise<PatchSpectra> {
  const [cutter, splitter] = await Promise.all([createCutPatches(gpu), createSplitPatches(gpu)]);
  const pairs = Math.ceil(frames / 2);
  /** Bytes of a patch in a work buffer: its complex images, or the sums over its frames. */
  const bytesOf = (side: number): number => 8 * Math.max(pairs, 2) * side * side;
  const workBytes = Math.max(WORK_BYTES, bytesOf(MAX_SIDE));
  const work = {
    pairs: [
      await held.acquire(workBytes, "patches"),
      await held.acquire(workBytes, "patches"),
    ] as const,
    spectra: await held.acquire(workBytes, "spectra of patches"),
    // A patch has frames · (2·kept + 2) factors, kept < side/2, and side ≥ 16.
    phases: await held.acquire(Math.ceil(workBytes / 4), "phases of patches"),
  };
  const sums = await held.acquire(workBytes, "sums of patches");
  const corners = await held.acquire(Math.ceil(workBytes / 64), "places of patches");
  const windows = new Map<number, GPUBuffer>();
  const windowOf = async (side: number): Promise<GPUBuffer> => {
    const known = windows.get(side);
    if (known !== undefined) return known;
    const made = await held.with(Float32Array.from(sineWindow(side)), "window of patches");
    windows.set(side, made);
    return made;
  };

  return {
    work,
    sums,
    plan: async (side, kept) => {
      if (side > MAX_SIDE || side < MIN_SIDE)
        throw new CryoloupeError(
          "internal",
          `Patches of ${side} px are outside of ${MIN_SIDE} to ${MAX_SIDE} px.`,
        );
      const [window, fft] = await Promise.all([windowOf(side), gpuFft(gpu, side)]);
      const portion = Math.floor(workBytes / bytesOf(side));
      const places2 = new Int32Array(2 * portion * frames);
      const left = new Float64Array(2 * portion * frames);
      const factors = new Float32Array(2 * portion * frames * (2 * kept + 2));
      const shape = { width: side, height: side, kx: kept, ky: kept };
      return {
        portion,
        encode: (encoder, places, rest) => {
          const items = places.length;
          places.forEach(({ x, y, displacement }, p) => {
            for (let t = 0, at = 2 * p * frames; t < frames; t++, at += 2)
              for (const axis of [0, 1]) {
                const d = displacement[2 * t + axis];
                const whole = rest ? 0 : Math.round(d);
                places2[at + axis] = (axis === 0 ? x : y) + whole;
                left[at + axis] = d - whole;
              }
          });
          const used = 2 * items * frames;
          fillPhases(left.subarray(0, used), shape, factors);
          gpu.upload(corners, places2.subarray(0, used));
          gpu.upload(work.phases, factors.subarray(0, used * (2 * kept + 2)));
          const [a, b] = work.pairs;
          for (const slab of slabs)
            cutter.encode(encoder, {
              ...{ slab: slab.buffer, firstFrame: slab.first, slabFrames: slab.members },
              ...{ corners, window, pairs: a, width, height, side, items, frames },
            });
          const across = items * pairs * side;
          const alongX = { batch: across, firstBatch: 0, batchStride: side, elementStride: 1 };
          const alongY = { batch: across, firstBatch: 0, batchStride: 1, elementStride: across };
          const x = fft.encode(encoder, { ...alongX, data: a, spare: b, inverse: false });
          const y = fft.encode(encoder, {
            ...{ ...alongY, data: x, spare: x === a ? b : a, inverse: false },
          });
          splitter.encode(encoder, { pairs: y, spectra: work.spectra, side, items, frames, kept });
        },
      };
    },
  };
}
