import { CryoloupeError } from "#src/domain/errors.ts";

/** Storage buffers that are used again, under a budget. */
export interface BufferPool {
  readonly budgetBytes: number;
  /** Bytes in buffers that are in use, and in all buffers that exist. */
  readonly usedBytes: number;
  readonly heldBytes: number;
  /** A storage buffer of at least `bytes` bytes; its contents are undefined. */
  acquire(bytes: number, label: string): Promise<GPUBuffer>;
  /** Gives a buffer back for later use. Work that was submitted with it still runs. */
  release(buffer: GPUBuffer): void;
  destroy(): void;
}

const megabytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;

/** Sizes come in steps of an eighth of their power of two, so that near sizes share buffers. */
export function sizeClass(bytes: number): number {
  const step = Math.max(256, 2 ** Math.floor(Math.log2(Math.max(1, bytes))) / 8);
  return Math.ceil(bytes / step) * step;
}

export function createBufferPool(
  device: GPUDevice,
  budgetBytes: number,
  check: () => void,
): BufferPool {
  const free = new Map<number, GPUBuffer[]>();
  const used = new Set<GPUBuffer>();
  let usedBytes = 0;
  let heldBytes = 0;

  const drop = (buffer: GPUBuffer): void => {
    heldBytes -= buffer.size;
    buffer.destroy();
  };
  const dropFree = (): void => {
    for (const buffers of free.values()) for (const buffer of buffers) drop(buffer);
    free.clear();
  };

  return {
    budgetBytes,
    get usedBytes() {
      return usedBytes;
    },
    get heldBytes() {
      return heldBytes;
    },
    acquire: async (bytes, label) => {
      check();
      const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
      const largest = Math.min(maxStorageBufferBindingSize, maxBufferSize);
      if (bytes > largest)
        throw new CryoloupeError(
          "limit-exceeded",
          `${label} needs a buffer of ${megabytes(bytes)}; this graphics device allows ${megabytes(largest)}. Use the CPU backend or bin the movie.`,
        );
      const size = Math.min(sizeClass(bytes), Math.floor(largest / 4) * 4);
      const waiting = free.get(size)?.pop();
      if (waiting !== undefined) {
        used.add(waiting);
        usedBytes += size;
        return waiting;
      }
      if (heldBytes + size > budgetBytes) dropFree();
      if (heldBytes + size > budgetBytes)
        throw new CryoloupeError(
          "limit-exceeded",
          `${label} needs ${megabytes(size)} besides the ${megabytes(heldBytes)} in use; the memory budget is ${megabytes(budgetBytes)}. Raise the budget, use the CPU backend or bin the movie.`,
        );
      heldBytes += size;
      usedBytes += size;
      device.pushErrorScope("out-of-memory");
      const buffer = device.createBuffer({
        label,
        size,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      });
      used.add(buffer);
      const error = await device.popErrorScope().catch(() => null);
      if (error !== null) {
        used.delete(buffer);
        usedBytes -= size;
        drop(buffer);
        throw new CryoloupeError(
          "out-of-memory",
          `The graphics device has no ${megabytes(size)} left for ${label}. Close other programs or lower the memory budget.`,
        );
      }
      check();
      return buffer;
    },
    release: (buffer) => {
      if (!used.delete(buffer)) return;
      usedBytes -= buffer.size;
      const same = free.get(buffer.size);
      if (same === undefined) free.set(buffer.size, [buffer]);
      else same.push(buffer);
    },
    destroy: () => {
      dropFree();
      for (const buffer of used) drop(buffer);
      used.clear();
      usedBytes = 0;
    },
  };
}
