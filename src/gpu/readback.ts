import { CryoloupeError } from "#src/domain/errors.ts";
import type { GpuContext } from "./device.ts";

/** Copies of more than this are split, so that the mapped buffer stays small. */
const CHUNK_BYTES = 32 * 1024 * 1024;

function createStaging(gpu: GpuContext, bytes: number): GPUBuffer {
  return gpu.device.createBuffer({
    label: "readback",
    size: Math.max(4, bytes),
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  });
}

/** What was thrown while a result was read, as an error that says why. */
async function readFailure(gpu: GpuContext, error: unknown): Promise<Error> {
  // Mapping fails when the device goes; the loss may be told a moment later.
  await Promise.race([gpu.device.lost, new Promise((resolve) => setTimeout(resolve, 200))]);
  gpu.check();
  return new CryoloupeError(
    "internal",
    `Reading a result from the graphics device failed: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  );
}

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
  const staging = createStaging(gpu, chunk);
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
    throw await readFailure(gpu, error);
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

/** A part of a buffer, in floats. */
export interface FloatRange {
  readonly source: GPUBuffer;
  readonly count: number;
  readonly offset?: number;
}

/**
 * Copies parts of buffers in the same submit that made them, so that the buffers may be written again at
 * once. Call the result after the submit, once: it gives the parts, one after the other.
 */
export function stageFloats(
  gpu: GpuContext,
  encoder: GPUCommandEncoder,
  ranges: readonly FloatRange[],
): () => Promise<Float32Array<ArrayBuffer>> {
  const bytes = 4 * ranges.reduce((n, { count }) => n + count, 0);
  const staging = createStaging(gpu, bytes);
  let at = 0;
  for (const { source, count, offset = 0 } of ranges) {
    if (count > 0) encoder.copyBufferToBuffer(source, 4 * offset, staging, at, 4 * count);
    at += 4 * count;
  }
  return async () => {
    try {
      await staging.mapAsync(GPUMapMode.READ);
      return new Float32Array(staging.getMappedRange().slice(0, bytes));
    } catch (error) {
      throw await readFailure(gpu, error);
    } finally {
      staging.destroy();
    }
  };
}
