import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import type {
  CorrectionCompute,
  CorrectionRun,
  CorrectionSetup,
} from "#src/compute/correctionCompute.ts";
import type { GpuContext } from "./device.ts";
import { createAccumulate } from "./kernels/accumulate.ts";
import { createReplacePixels } from "./kernels/replacePixels.ts";
import { createWarpFrame } from "./kernels/warpFrame.ts";
import { packedType } from "./packed.ts";
import { readFloats } from "./readback.ts";

/** Frames between two waits: the queue stays short, and so does a cancelled run's tail. */
const FRAMES_IN_FLIGHT = 4;

/** {@link CorrectionCompute} by shaders/accumulate.wgsl, replacePixels.wgsl and warpFrame.wgsl. */
export function createGpuCorrection(context: () => Promise<GpuContext>): CorrectionCompute {
  return {
    // Frame as stored and as floats, gain, sums, the frame that is given back.
    memoryBytes: ({ width, height, sums, unaligned }) =>
      4 * width * height * (3 + sums + (unaligned ? 1 : 0)),
    open: async (setup) => {
      const gpu = await context();
      const held: GPUBuffer[] = [];
      const close = (): void => {
        for (const buffer of held.splice(0)) gpu.buffers.release(buffer);
      };
      try {
        return await openRun(gpu, setup, held, close);
      } catch (error) {
        close();
        throw error;
      }
    },
  };
}

async function openRun(
  gpu: GpuContext,
  setup: CorrectionSetup,
  held: GPUBuffer[],
  close: () => void,
): Promise<CorrectionRun> {
  const { width, height, tile } = setup;
  const count = width * height;
  const columns = Math.ceil(width / tile);
  const tiles = columns * Math.ceil(height / tile);
  const [unpack, replace, warp] = await Promise.all([
    createAccumulate(gpu),
    createReplacePixels(gpu),
    createWarpFrame(gpu),
  ]);
  const acquire = async (bytes: number, label: string): Promise<GPUBuffer> => {
    const buffer = await gpu.buffers.acquire(Math.max(4, bytes), label);
    held.push(buffer);
    return buffer;
  };
  const frame = await acquire(4 * count, "frame in floats");
  const correction = setup.correction === null ? null : await acquire(4 * count, "gain");
  if (correction !== null && setup.correction !== null) gpu.upload(correction, setup.correction);
  const sums: GPUBuffer[] = [];
  for (let s = 0; s < setup.sums; s++) sums.push(await acquire(4 * count, "sum of moved frames"));
  const unaligned = setup.unaligned ? await acquire(4 * count, "sum of frames") : null;
  const place = await acquire(setup.bad.byteLength, "bad pixels");
  gpu.upload(place, setup.bad);
  const value = await acquire(setup.bad.byteLength, "repaired values");
  const shiftX = await acquire(4 * tiles, "displacements along x");
  const shiftY = await acquire(4 * tiles, "displacements along y");
  const begun = new Set<GPUBuffer>();
  let added = 0;

  return {
    add: async (pixels, { displacements, weights, repaired, wanted }, signal) => {
      throwIfCancelled(signal);
      const packed = await gpu.buffers.acquire(Math.max(4, pixels.byteLength), "frame");
      const moved = wanted ? await gpu.buffers.acquire(4 * count, "moved frame") : null;
      try {
        await gpu.scoped("the correction of a frame", () => {
          gpu.upload(packed, pixels);
          gpu.upload(value, repaired);
          gpu.upload(shiftX, displacements.x);
          gpu.upload(shiftY, displacements.y);
          const encoder = gpu.device.createCommandEncoder({ label: "correct a frame" });
          unpack.encode(encoder, {
            frame: packed,
            pixelType: packedType(pixels),
            correction,
            total: frame,
            count,
            replace: true,
          });
          if (setup.bad.length > 0)
            replace.encode(encoder, { frame, place, value, count: setup.bad.length });
          if (unaligned !== null)
            unpack.encode(encoder, {
              frame,
              pixelType: packedType(new Float32Array(0)),
              correction: null,
              total: unaligned,
              count,
              replace: !begun.has(unaligned),
            });
          const into = (total: GPUBuffer, weight: number, fresh: boolean): void =>
            warp.encode(encoder, {
              frame,
              shiftX,
              shiftY,
              total,
              width,
              height,
              tile,
              columns,
              weight,
              replace: fresh,
            });
          sums.forEach((total, s) => {
            if (weights[s] === 0) return;
            into(total, weights[s], !begun.has(total));
            begun.add(total);
          });
          if (unaligned !== null) begun.add(unaligned);
          if (moved !== null) into(moved, 1, true);
          gpu.submit(encoder);
        });
        const result = moved === null ? null : await readFloats(gpu, moved, count);
        added++;
        if (added % FRAMES_IN_FLIGHT === 0) await gpu.settle();
        return result;
      } finally {
        gpu.buffers.release(packed);
        if (moved !== null) gpu.buffers.release(moved);
      }
    },
    finish: async () => {
      // A sum that no frame was added to has never been written.
      const read = (buffer: GPUBuffer): Promise<Float32Pixels> =>
        begun.has(buffer)
          ? readFloats(gpu, buffer, count)
          : Promise.resolve(new Float32Array(count));
      try {
        const results: Float32Pixels[] = [];
        for (const buffer of sums) results.push(await read(buffer));
        return { sums: results, unaligned: unaligned === null ? null : await read(unaligned) };
      } finally {
        close();
      }
    },
    close,
  };
}
