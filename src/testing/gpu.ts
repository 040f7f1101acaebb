import { openGpu } from "#src/gpu/device.ts";
import type { GpuContext } from "#src/gpu/device.ts";
import { openTestEntry } from "./backends.ts";

/** A device for kernel tests; destroy it in `afterAll`. */
export async function openTestGpu(): Promise<GpuContext> {
  return await openGpu(await openTestEntry());
}

/** A storage buffer that holds `data`. */
export async function storageOf(
  gpu: GpuContext,
  data: ArrayBufferView<ArrayBuffer>,
  label = "test",
): Promise<GPUBuffer> {
  const buffer = await gpu.buffers.acquire(Math.max(4, data.byteLength), label);
  gpu.upload(buffer, data);
  return buffer;
}
