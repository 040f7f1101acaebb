import { CryoloupeError } from "#src/domain/errors.ts";
import type { GpuContext } from "./device.ts";

/** Copies of more than this are split, so that the mapped buffer stays small. */
const CHUNK_BYTES = 32 * 1024 * 1024;

/** Reads `bytes` bytes (a multiple of 4) from a buffer to the host, after all that was submitted. */
export async function readBuffer(
  gpu: GpuContext,
  source: GPUBuffer,
  bytes: number,
  offset = 0,
): Promise<ArrayBuffer> {
  gpu.check();
  const result = new Uint8Array(bytes);
  const chunk = Math.min(bytes, CHUNK_BYTES);
  const staging = gpu.device.createBuffer({
    label: "readback",
    size: Math.max(4, chunk),
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  });
  try {
    for (let at = 0; at < bytes; at += chunk) {
      const length = Math.min(chunk, bytes - at);
      const encoder = gpu.device.createCommandEncoder({ label: "readback" });
      encoder.copyBufferToBuffer(source, offset + at, staging, 0, length);
      gpu.submit(encoder);
      await staging.mapAsync(GPUMapMode.READ, 0, length);
      result.set(new Uint8Array(staging.getMappedRange(0, length)), at);
      staging.unmap();
    }
  } catch (error) {
    // Mapping fails when the device goes; the loss may be told a moment later.
    await Promise.race([gpu.device.lost, new Promise((resolve) => setTimeout(resolve, 200))]);
    gpu.check();
    throw new CryoloupeError(
      "internal",
      `Reading a result from the graphics device failed: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  } finally {
    staging.destroy();
  }
  gpu.check();
  return result.buffer;
}

/** {@link readBuffer} as floats. */
export async function readFloats(
  gpu: GpuContext,
  source: GPUBuffer,
  count: number,
  offset = 0,
): Promise<Float32Array<ArrayBuffer>> {
  return new Float32Array(await readBuffer(gpu, source, count * 4, offset * 4));
}
