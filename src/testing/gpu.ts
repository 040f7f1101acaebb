import { afterAll, beforeAll } from "vitest";
import { openGpu } from "#src/gpu/device.ts";
import type { GpuContext } from "#src/gpu/device.ts";
import { readFloats } from "#src/gpu/readback.ts";
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

/** What results hold before a kernel runs: nothing that any test expects. */
const UNTOUCHED = -12345;

export interface TestDevice {
  readonly gpu: GpuContext;
  /**
   * Runs what `encode` encodes on buffers that hold `data` (a number: so many floats to be written) and
   * reads one of them back, or the buffer that `encode` returns. All buffers are given back.
   */
  run<K extends string>(
    data: Readonly<Record<K, ArrayBufferView<ArrayBuffer> | number>>,
    result: NoInfer<K>,
    encode: (encoder: GPUCommandEncoder, buffers: Readonly<Record<K, GPUBuffer>>) => unknown,
  ): Promise<Float32Array<ArrayBuffer>>;
  /** What `work` leaves in a buffer that holds `pixels`; the buffer is given back. */
  change(
    pixels: Float32Array<ArrayBuffer>,
    work: (buffer: GPUBuffer) => Promise<void>,
  ): Promise<Float32Array<ArrayBuffer>>;
}

/** Opens a device for the tests of a file or `describe`, and closes it after them. */
export function useTestDevice(): TestDevice {
  let opened: GpuContext | null = null;
  beforeAll(async () => {
    opened = await openTestGpu();
  });
  afterAll(() => opened?.destroy());
  const device = (): GpuContext => {
    if (opened === null) throw new Error("The test device opens before the tests of its file.");
    return opened;
  };
  return {
    get gpu() {
      return device();
    },
    change: async (pixels, work) => {
      const gpu = device();
      const buffer = await storageOf(gpu, pixels);
      await work(buffer);
      const result = await readFloats(gpu, buffer, pixels.length);
      gpu.buffers.release(buffer);
      return result;
    },
    run: async (data, result, encode) => {
      const gpu = device();
      const entries = Object.entries(data) as [
        typeof result,
        ArrayBufferView<ArrayBuffer> | number,
      ][];
      const buffers = {} as Record<typeof result, GPUBuffer>;
      for (const [name, given] of entries)
        buffers[name] = await storageOf(
          gpu,
          typeof given === "number" ? new Float32Array(given).fill(UNTOUCHED) : given,
          name,
        );
      const given = data[result];
      const count = typeof given === "number" ? given : given.byteLength / 4;
      const returned = await gpu.scoped("a test", () => {
        const encoder = gpu.device.createCommandEncoder({ label: "test" });
        const chosen = encode(encoder, buffers);
        gpu.submit(encoder);
        return chosen;
      });
      const held = Object.values<GPUBuffer>(buffers);
      const source = held.find((buffer) => buffer === returned) ?? buffers[result];
      const values = await readFloats(gpu, source, Math.ceil(count));
      for (const buffer of held) gpu.buffers.release(buffer);
      return values;
    },
  };
}

/** rms of the difference over the rms of what is expected. */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length)
    throw new Error(`${found.length} values instead of ${expected.length}`);
  let difference = 0;
  let power = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (found[i] - expected[i]) ** 2;
    power += expected[i] ** 2;
  }
  return Math.sqrt(difference / power);
}
