import { existsSync } from "node:fs";
import { createCpuBackend } from "#src/compute/cpuBackend.ts";
import { jobDefinitions } from "#src/compute/jobs.ts";
import { createInlinePort, createWorkerPool } from "#src/compute/workerPool.ts";
import { createGpuBackend } from "#src/gpu/gpuBackend.ts";
import type { GpuBackend } from "#src/gpu/gpuBackend.ts";
import type { ComputeBackend } from "#src/compute/backend.ts";
import type { WorkerPool } from "#src/compute/pool.ts";

/** Two workers in this thread; what they are sent is cloned and moved as between real ones. */
export function openInlinePool(size = 2): WorkerPool {
  return createWorkerPool(() => createInlinePort(jobDefinitions), size);
}

let entry: Promise<GPU> | undefined;

/** Dawn on Chromium's software Vulkan driver, or on what the environment names. */
export function openTestEntry(): Promise<GPU> {
  entry ??= (async () => {
    const driver = "/usr/lib/chromium/vk_swiftshader_icd.json";
    if (process.env.VK_ICD_FILENAMES === undefined && existsSync(driver))
      process.env.VK_ICD_FILENAMES = driver;
    process.env.XDG_RUNTIME_DIR ??= "/tmp";
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    return create([]);
  })();
  return entry;
}

export async function openTestGpuBackend(): Promise<GpuBackend> {
  return await createGpuBackend({ entry: await openTestEntry(), pool: openInlinePool() });
}

/** Both backends with motion by kernels on the WebGPU one, slow as a software adapter makes them. */
export const motionBackends: typeof testBackends = [
  { name: "cpu", open: () => Promise.resolve(createCpuBackend(openInlinePool())) },
  {
    name: "webgpu",
    open: async () =>
      await createGpuBackend({
        ...{ entry: await openTestEntry(), pool: openInlinePool(), softwareMotion: true },
      }),
  },
];

/** Both backends, for `describe.each(testBackends)("… on $name", ({ open }) => …)`; dispose what is opened. */
export const testBackends: readonly {
  readonly name: "cpu" | "webgpu";
  readonly open: () => Promise<ComputeBackend>;
}[] = [
  { name: "cpu", open: () => Promise.resolve(createCpuBackend(openInlinePool())) },
  { name: "webgpu", open: openTestGpuBackend },
];
