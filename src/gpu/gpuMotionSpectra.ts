import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { SpectraCorrelation } from "#src/compute/motionCompute.ts";
import { globalMapGrid } from "#src/math/motion/globalSpectra.ts";
import type { MapRequest, Spectrum } from "#src/math/motion/globalSpectra.ts";
import type { MapGrid, SpectrumShape } from "#src/math/motion/displacementMaps.ts";
import { fillPhases } from "#src/math/motion/phaseTables.ts";
import { createHolder } from "./bufferHolder.ts";
import type { BufferHolder } from "./bufferHolder.ts";
import type { GpuContext } from "./device.ts";
import { createGpuMaps } from "./gpuMaps.ts";
import type { GpuMaps } from "./gpuMaps.ts";
import { createAlignSpectra } from "./kernels/alignSpectra.ts";
import { createLeaveOneOut } from "./kernels/leaveOneOut.ts";
import { stageFloats } from "./readback.ts";

/** Bytes of each of the two buffers that cross spectra and maps pass through. */
const WORK_BYTES = 32 * 1024 ** 2;

/** Writes a planar spectrum as complex numbers from `at` on. */
function interleave({ re, im }: Spectrum, out: Float32Array, at = 0): void {
  for (let i = 0; i < re.length; i++) {
    out[at + 2 * i] = re[i];
    out[at + 2 * i + 1] = im[i];
  }
}

/** Whole frames against each other; their spectra stay on the device. */
export async function openGpuSpectra(
  gpu: GpuContext,
  held: BufferHolder,
  shape: SpectrumShape,
  spectra: readonly Spectrum[],
): Promise<SpectraCorrelation> {
  const frames = spectra.length;
  const { kx, ky } = shape;
  const plane = (2 * ky + 1) * (kx + 1);
  const aligner = await createAlignSpectra(gpu);
  const crosser = await createLeaveOneOut(gpu);
  // What one frame takes of a work buffer, with the largest map there can be.
  const largest = globalMapGrid(shape, Infinity);
  const [widest, highest] = [2 * largest.radiusX + 1, 2 * largest.radiusY + 1];
  const perFrame = Math.max(8 * plane, 8 * highest * (kx + 1), 4 * highest * widest);
  const workBytes = Math.max(perFrame, Math.min(WORK_BYTES, perFrame * frames));
  const portion = Math.floor(workBytes / perFrame);

  const own = await held.acquire(8 * plane * frames, "spectra of frames");
  const base = await held.acquire(8 * plane, "what is subtracted from spectra");
  const weight = await held.acquire(4 * plane, "weights of frequencies");
  const phases = await held.acquire(8 * frames * (kx + ky + 2), "phases of frames");
  const sums = await held.acquire(32 * plane, "sums of spectra");
  const cross = await held.acquire(workBytes, "cross spectra");
  const partial = await held.acquire(workBytes, "maps in the making");
  const one = new Float32Array(2 * plane);
  spectra.forEach((spectrum, t) => {
    interleave(spectrum, one);
    gpu.upload(own, one, 8 * plane * t);
  });

  let known: { readonly grid: MapGrid; readonly maps: GpuMaps } | null = null;
  let tables = createHolder(gpu);
  const mapsOf = async (grid: MapGrid): Promise<GpuMaps> => {
    const same =
      known?.grid.radiusX === grid.radiusX &&
      known.grid.radiusY === grid.radiusY &&
      known.grid.step === grid.step;
    if (known !== null && same) return known.maps;
    tables.release();
    tables = createHolder(gpu);
    known = { grid, maps: await createGpuMaps(gpu, tables, shape, grid) };
    return known.maps;
  };

  return {
    correlate: async (request: MapRequest, signal) => {
      throwIfCancelled(signal);
      const maps = await mapsOf(request.grid);
      const size = maps.mapWidth * maps.mapHeight;
      const out = new Float32Array(frames * size);
      const factors = new Float32Array(2 * frames * (kx + ky + 2));
      fillPhases(request.shifts, shape, factors);
      const mended = request.kind !== "others";
      const common = {
        ...{ spectra: own, phases, base: request.base === null ? null : base, sums },
        ...{ items: 1, frames, kx, ky },
      };
      for (let first = 0; first < frames; first += portion) {
        throwIfCancelled(signal);
        const count = Math.min(portion, frames - first);
        const read = await gpu.scoped("the correlation of frames", () => {
          const encoder = gpu.device.createCommandEncoder({ label: "correlate frames" });
          if (first === 0) {
            gpu.upload(weight, Float32Array.from(request.weight));
            gpu.upload(phases, factors);
            if (request.base !== null) {
              interleave(request.base, one);
              gpu.upload(base, one);
            }
            aligner.encode(encoder, common);
          }
          crosser.encode(encoder, {
            ...{ ...common, weight, cross, firstFrame: first, count },
            ...{ chain: request.kind === "chain", mended },
          });
          maps.encode(encoder, { cross, partial, maps: cross }, count);
          const staged = stageFloats(gpu, encoder, [{ source: cross, count: count * size }]);
          gpu.submit(encoder);
          return staged;
        });
        out.set(await read(), first * size);
      }
      return out;
    },
    close: () => {
      tables.release();
      held.release();
    },
  };
}
