import { createRequire } from "node:module";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism, homedir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { CryoloupeError } from "#src/domain/errors.ts";
import { createCpuBackend } from "#src/compute/cpuBackend.ts";
import { chooseBackend } from "#src/compute/chooseBackend.ts";
import { createGpuBackend } from "#src/gpu/gpuBackend.ts";
import type { BackendChoice, ComputeBackend } from "#src/compute/backend.ts";
import type { HostCache } from "#src/compute/hostCache.ts";
import { probeDawn, quietDrivers } from "./dawnProbe.ts";
import { createNodePool } from "./nodePool.ts";

/** Short texts in the user's cache folder; what cannot be written is forgotten. */
export function createFileCache(
  path = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "cryoloupe", "host.json"),
): HostCache {
  const read = async (): Promise<Record<string, string>> => {
    try {
      return JSON.parse(await readFile(path, "utf8")) as Record<string, string>;
    } catch {
      return {};
    }
  };
  return {
    get: async (key) => (await read())[key] ?? null,
    set: async (key, value) => {
      try {
        const values = { ...(await read()), [key]: value };
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, JSON.stringify(values, null, 1));
      } catch {
        // A read-only home: the choice is made anew next time.
      }
    },
  };
}

/** Dawn's WebGPU entry; the package is optional and its absence no failure. */
async function openDawn(probeFirst: boolean): Promise<GPU> {
  quietDrivers();
  try {
    if (probeFirst) {
      const path = createRequire(import.meta.url).resolve("webgpu");
      await probeDawn(pathToFileURL(path).href);
    }
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    return create([]);
  } catch (error) {
    if (error instanceof CryoloupeError) throw error;
    throw new CryoloupeError(
      "no-webgpu",
      'The optional package "webgpu" is not installed or does not run here.',
      { cause: error },
    );
  }
}

/**
 * The backend of the command line. Dispose it at the end: it keeps worker threads.
 * @param share  backends that are open at the same time and share the cores
 * @param budgetBytes  memory budget; each backend has its default
 */
export async function openBackend(
  choice: BackendChoice,
  share = 1,
  budgetBytes?: number,
): Promise<ComputeBackend> {
  const budget = budgetBytes === undefined ? {} : { budgetBytes };
  const cores = Math.max(1, Math.floor(availableParallelism() / share));
  const cache = createFileCache();
  return await chooseBackend(choice, {
    webgpu: async (reason) => {
      // Where nobody asked for WebGPU, its drivers are heard in a process of their own first.
      const entry = await openDawn(choice === "auto");
      const pool = createNodePool(cores);
      try {
        return await createGpuBackend({
          entry,
          pool,
          cache,
          ...budget,
          ...(reason === undefined ? {} : { reason }),
        });
      } catch (error) {
        pool.dispose();
        throw error;
      }
    },
    cpu: (reason) =>
      Promise.resolve(createCpuBackend(createNodePool(cores), { reason, ...budget })),
    cache,
    hint: "",
  });
}
