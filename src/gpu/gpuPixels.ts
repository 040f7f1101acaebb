import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { PixelCompute } from "#src/compute/pixelCompute.ts";
import type { GpuContext } from "./device.ts";
import { createAccumulate } from "./kernels/accumulate.ts";
import { packedType } from "./packed.ts";
import { readFloats } from "./readback.ts";

/** Frames between two waits: the queue stays short, and so does a cancelled run's tail. */
const FRAMES_IN_FLIGHT = 4;

/** {@link PixelCompute} by shaders/accumulate.wgsl, in single precision. */
export function createGpuPixels(context: () => Promise<GpuContext>): PixelCompute {
  return {
    openSum: async ({ width, height, correction }) => {
      const gpu = await context();
      const count = width * height;
      const kernel = await createAccumulate(gpu);
      const held: GPUBuffer[] = [];
      const acquire = async (bytes: number, label: string): Promise<GPUBuffer> => {
        const buffer = await gpu.buffers.acquire(bytes, label);
        held.push(buffer);
        return buffer;
      };
      const close = (): void => {
        for (const buffer of held.splice(0)) gpu.buffers.release(buffer);
      };
      try {
        const total = await acquire(4 * count, "sum of frames");
        const factor = correction === null ? null : await acquire(4 * count, "correction");
        if (factor !== null && correction !== null) gpu.upload(factor, correction);
        let added = 0;
        return {
          add: async (frame, signal) => {
            throwIfCancelled(signal);
            const packed = await gpu.buffers.acquire(Math.max(4, frame.byteLength), "frame");
            const replace = added === 0;
            added++;
            await gpu.scoped("the sum of frames", () => {
              gpu.upload(packed, frame);
              const encoder = gpu.device.createCommandEncoder({ label: "sum of frames" });
              kernel.encode(encoder, {
                frame: packed,
                pixelType: packedType(frame),
                correction: factor,
                total,
                count,
                replace,
              });
              gpu.submit(encoder);
            });
            gpu.buffers.release(packed);
            if (added % FRAMES_IN_FLIGHT === 0) await gpu.settle();
          },
          finish: async () => {
            try {
              return added === 0 ? new Float32Array(count) : await readFloats(gpu, total, count);
            } finally {
              close();
            }
          },
          close,
        };
      } catch (error) {
        close();
        throw error;
      }
    },
  };
}
