import { throwIfCancelled } from "#src/domain/cancel.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import type { FourierCompute, FourierSize } from "#src/compute/fourierCompute.ts";
import { halfWidth } from "#src/math/fft.ts";
import { resampleRows } from "#src/math/spectrumResample.ts";
import type { GpuContext } from "./device.ts";
import { createGpuRealFft2 } from "./gpuRealFft2.ts";
import type { GpuRealFft2, RealFft2Buffers } from "./gpuRealFft2.ts";
import { readFloats } from "./readback.ts";

const plans = new WeakMap<GpuContext, Map<string, Promise<GpuRealFft2>>>();

/** The plan of a size on a device, made once. */
export function gpuRealFft2(gpu: GpuContext, { width, height }: FourierSize): Promise<GpuRealFft2> {
  let known = plans.get(gpu);
  if (known === undefined) plans.set(gpu, (known = new Map<string, Promise<GpuRealFft2>>()));
  const key = `${width}x${height}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = createGpuRealFft2(gpu, width, height);
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}

function checkSize(found: number, expected: number): void {
  if (found !== expected)
    throw new CryoloupeError(
      "size-mismatch",
      `Fourier transform: ${found} numbers were given, ${expected} expected.`,
    );
}

/** {@link FourierCompute} by shaders/fft*.wgsl, in single precision. */
export function createGpuFourier(context: () => Promise<GpuContext>): FourierCompute {
  /** Runs `work` with the buffers of a size, which go back to the pool afterwards. */
  const withBuffers = async <T>(
    size: FourierSize,
    columns: number,
    signal: CancelSignal | undefined,
    work: (gpu: GpuContext, plan: GpuRealFft2, buffers: RealFft2Buffers) => Promise<T>,
  ): Promise<T> => {
    throwIfCancelled(signal);
    const gpu = await context();
    const plan = await gpuRealFft2(gpu, size);
    const held: GPUBuffer[] = [];
    const acquire = async (bytes: number, label: string): Promise<GPUBuffer> => {
      const buffer = await gpu.buffers.acquire(bytes, label);
      held.push(buffer);
      return buffer;
    };
    try {
      const image = await acquire(4 * size.width * size.height, "image");
      const spectrumBytes = plan.spectrumBytes(columns);
      return await work(gpu, plan, {
        image,
        pairs: [await acquire(plan.pairsBytes, "rows"), await acquire(plan.pairsBytes, "rows")],
        spectra: [
          await acquire(spectrumBytes, "spectrum"),
          await acquire(spectrumBytes, "spectrum"),
        ],
      });
    } finally {
      for (const buffer of held) gpu.buffers.release(buffer);
    }
  };

  const forward = (
    image: Float32Pixels,
    size: FourierSize,
    columns: number,
    signal: CancelSignal | undefined,
  ): Promise<Float32Pixels> => {
    checkSize(image.length, size.width * size.height);
    return withBuffers(size, columns, signal, async (gpu, plan, buffers) => {
      gpu.upload(buffers.image, image);
      const result = await gpu.scoped("a Fourier transform", () => {
        const encoder = gpu.device.createCommandEncoder({ label: "Fourier transform" });
        const spectrum = plan.encodeForward(encoder, buffers, columns);
        gpu.submit(encoder);
        return spectrum;
      });
      return await readFloats(gpu, result, 2 * columns * size.height);
    });
  };

  return {
    forward: (image, size, signal) => forward(image, size, halfWidth(size.width), signal),
    inverse: (spectrum, size, signal) => {
      const columns = halfWidth(size.width);
      checkSize(spectrum.length, 2 * columns * size.height);
      return withBuffers(size, columns, signal, async (gpu, plan, buffers) => {
        gpu.upload(buffers.spectra[0], spectrum);
        await gpu.scoped("an inverse Fourier transform", () => {
          const encoder = gpu.device.createCommandEncoder({ label: "inverse Fourier transform" });
          plan.encodeInverse(encoder, buffers);
          gpu.submit(encoder);
        });
        return await readFloats(gpu, buffers.image, size.width * size.height);
      });
    },
    forwardCropped: async (image, size, crop, signal) => {
      if (crop.width > size.width || crop.height > size.height)
        throw new CryoloupeError(
          "internal",
          `A spectrum of ${size.width} × ${size.height} cannot be cut to ${crop.width} × ${crop.height}.`,
        );
      const columns = halfWidth(crop.width);
      const band = await forward(image, size, columns, signal);
      const out = new Float32Array(2 * columns * crop.height);
      resampleRows(band, columns, size, out, crop);
      return out;
    },
  };
}
