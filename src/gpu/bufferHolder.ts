import type { GpuContext } from "./device.ts";

/** Buffers of a session, given back together. */
export interface BufferHolder {
  acquire(bytes: number, label: string): Promise<GPUBuffer>;
  /** A buffer with these contents. */
  with(data: ArrayBufferView<ArrayBuffer>, label: string): Promise<GPUBuffer>;
  release(): void;
}

export function createHolder(gpu: GpuContext): BufferHolder {
  const held: GPUBuffer[] = [];
  const acquire = async (bytes: number, label: string): Promise<GPUBuffer> => {
    const buffer = await gpu.buffers.acquire(Math.max(4, bytes), label);
    held.push(buffer);
    return buffer;
  };
  return {
    acquire,
    with: async (data, label) => {
      const buffer = await acquire(data.byteLength, label);
      gpu.upload(buffer, data);
      return buffer;
    },
    release: () => {
      for (const buffer of held.splice(0)) gpu.buffers.release(buffer);
    },
  };
}

/** Opens what holds buffers; they are given back when opening fails. */
export async function openHolding<T>(
  gpu: GpuContext,
  open: (held: BufferHolder) => Promise<T>,
): Promise<T> {
  const held = createHolder(gpu);
  try {
    return await open(held);
  } catch (error) {
    held.release();
    throw error;
  }
}
