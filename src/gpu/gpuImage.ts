import type { Float32Pixels } from "#src/domain/movie.ts";
import type { ImageStatistics } from "#src/domain/preprocess.ts";
import type { ImageSize } from "#src/math/preprocess/fourierFilter.ts";
import {
  REPAIR_REACH,
  accessTo,
  findOutliers,
  outlierLimits,
  repairPixels,
} from "#src/math/preprocess/badPixels.ts";
import type { PixelAccess } from "#src/math/preprocess/badPixels.ts";
import type { GpuContext } from "./device.ts";
import { createFindOutliers } from "./kernels/findOutliers.ts";
import { WINDOW_VALUES, createGatherWindows } from "./kernels/gatherWindows.ts";
import { addMoments, createImageMoments } from "./kernels/imageMoments.ts";
import { createScatterPixels } from "./kernels/scatterPixels.ts";
import { readBuffer, readFloats } from "./readback.ts";
import { roundDown, roundUp } from "./rounding.ts";

/** Runs `work` with storage buffers that are given back afterwards. */
export async function withBuffers<T>(
  gpu: GpuContext,
  sizes: readonly (readonly [bytes: number, label: string])[],
  work: (...buffers: GPUBuffer[]) => Promise<T>,
): Promise<T> {
  const buffers: GPUBuffer[] = [];
  try {
    for (const [bytes, label] of sizes) buffers.push(await gpu.buffers.acquire(bytes, label));
    return await work(...buffers);
  } finally {
    for (const buffer of buffers) gpu.buffers.release(buffer);
  }
}

/** Encodes and submits. Errors of the device come out as a CryoloupeError that names `what`. */
export async function submitWork(
  gpu: GpuContext,
  what: string,
  encode: (encoder: GPUCommandEncoder) => void,
): Promise<void> {
  await gpu.scoped(what, () => {
    const encoder = gpu.device.createCommandEncoder({ label: what });
    encode(encoder);
    gpu.submit(encoder);
  });
}

/** Mean, population standard deviation and range of an image on the device, in two passes. */
export async function gpuStatistics(
  gpu: GpuContext,
  pixels: GPUBuffer,
  count: number,
): Promise<ImageStatistics> {
  const kernel = await createImageMoments(gpu);
  const partialCount = kernel.partialsFor(count);
  return await withBuffers(gpu, [[16 * partialCount, "partial moments"]], async (partials) => {
    const pass = async (shift: number): Promise<ReturnType<typeof addMoments>> => {
      await submitWork(gpu, "image statistics", (encoder) =>
        kernel.encode(encoder, { pixels, partials, count, shift }),
      );
      return addMoments(await readFloats(gpu, partials, 4 * partialCount));
    };
    const { sum, min, max } = await pass(0);
    const shift = Math.fround(sum / count);
    const centred = await pass(shift);
    const rest = centred.sum / count;
    const variance = Math.max(0, centred.squares / count - rest * rest);
    return { mean: shift + rest, std: min === max ? 0 : Math.sqrt(variance), min, max };
  });
}

/** Indices of bad pixels that the device lists at most; with more, the host looks itself. */
const LISTED_PIXELS = 1 << 18;

/**
 * Replaces outliers on the device: it lists them and hands over their 5 × 5 windows, the host repairs
 * in raster order (so that clusters come out as the original's), the device takes the values back.
 * @returns how many were bad
 */
export async function gpuRemoveBadPixels(
  gpu: GpuContext,
  pixels: GPUBuffer,
  { width, height }: ImageSize,
  stddev: number,
): Promise<number> {
  const count = width * height;
  const limits = outlierLimits(await gpuStatistics(gpu, pixels, count), stddev);
  if (limits.low === -Infinity) return 0;
  // Compared in single precision on the device: the same pixels as with the double limits.
  const low = roundUp(limits.low);
  const high = roundDown(limits.high);
  const capacity = Math.min(LISTED_PIXELS, count);
  const finder = await createFindOutliers(gpu);
  const bad = await withBuffers(gpu, [[4 * (capacity + 1), "bad pixels"]], async (found) => {
    gpu.upload(found, new Uint32Array(1));
    await submitWork(gpu, "the search for bad pixels", (encoder) =>
      finder.encode(encoder, { pixels, found, count, capacity, low, high }),
    );
    const [number] = new Uint32Array(await readBuffer(gpu, found, 4));
    if (number === 0) return [];
    if (number > capacity) return null;
    const listed = new Uint32Array(await readBuffer(gpu, found, 4 * number, 4));
    return Array.from(listed.sort());
  });
  if (bad === null) return await repairOnHost(gpu, pixels, { width, height }, limits);
  if (bad.length > 0) await repairListed(gpu, pixels, { width, height }, bad);
  return bad.length;
}

async function repairOnHost(
  gpu: GpuContext,
  pixels: GPUBuffer,
  { width, height }: ImageSize,
  limits: { readonly low: number; readonly high: number },
): Promise<number> {
  const host = await readFloats(gpu, pixels, width * height);
  const bad = findOutliers(host, limits);
  repairPixels(accessTo(host, width), width, height, bad);
  gpu.upload(pixels, host);
  return bad.length;
}

async function repairListed(
  gpu: GpuContext,
  pixels: GPUBuffer,
  { width, height }: ImageSize,
  bad: readonly number[],
): Promise<void> {
  const gather = await createGatherWindows(gpu);
  const scatter = await createScatterPixels(gpu);
  const count = bad.length;
  await withBuffers(
    gpu,
    [
      [4 * count, "bad pixel places"],
      [4 * WINDOW_VALUES * count, "windows of bad pixels"],
      [4 * count, "repaired pixels"],
    ],
    async (places, windows, values) => {
      gpu.upload(places, Uint32Array.from(bad));
      await submitWork(gpu, "the windows of bad pixels", (encoder) =>
        gather.encode(encoder, { pixels, places, windows, width, height, count }),
      );
      const fetched = await readFloats(gpu, windows, WINDOW_VALUES * count);
      const { access, repaired } = windowAccess(fetched, bad, width);
      repairPixels(access, width, height, bad);
      gpu.upload(values, repaired());
      await submitWork(gpu, "the repair of bad pixels", (encoder) =>
        scatter.encode(encoder, { pixels, places, values, count }),
      );
    },
  );
}

/** The image as the repair sees it, from the windows that were fetched. */
function windowAccess(
  windows: Float32Pixels,
  bad: readonly number[],
  width: number,
): { readonly access: PixelAccess; readonly repaired: () => Float32Pixels } {
  const side = 2 * REPAIR_REACH + 1;
  const known = new Map<number, number>();
  bad.forEach((index, n) => {
    const x = index % width;
    const y = (index - x) / width;
    for (let k = 0; k < WINDOW_VALUES; k++) {
      const u = x + (k % side) - REPAIR_REACH;
      const v = y + Math.floor(k / side) - REPAIR_REACH;
      if (u >= 0 && u < width) known.set(v * width + u, windows[n * WINDOW_VALUES + k]);
    }
  });
  return {
    access: {
      get: (x, y) => known.get(y * width + x) ?? 0,
      set: (x, y, value) => known.set(y * width + x, Math.fround(value)),
    },
    repaired: () => Float32Array.from(bad, (index) => known.get(index) ?? 0),
  };
}
