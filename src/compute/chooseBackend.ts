import { CryoloupeError } from "#src/domain/errors.ts";
import type { BackendChoice, ComputeBackend } from "./backend.ts";
import type { HostCache } from "./hostCache.ts";
import { timeTrial } from "./timeTrial.ts";

/** How a host makes its backends; each call makes a new one. */
export interface BackendMakers {
  /** Rejects with `no-webgpu` where there is none. */
  readonly webgpu: (reason?: string) => Promise<ComputeBackend>;
  readonly cpu: (reason: string) => Promise<ComputeBackend>;
  readonly cache: HostCache;
  /** What would switch WebGPU on here, for the reason shown with the CPU backend. */
  readonly hint: string;
}

const milliseconds = (seconds: number): string => `${(1000 * seconds).toFixed(0)} ms`;

/**
 * Chooses what computes. `auto`: a hardware WebGPU adapter; with a software one, whichever does a small
 * standard piece of work faster (measured once for each adapter, then remembered); else the CPU.
 */
export async function chooseBackend(
  choice: BackendChoice,
  makers: BackendMakers,
): Promise<ComputeBackend> {
  if (choice === "cpu") return makers.cpu("The CPU backend was asked for.");
  if (choice === "webgpu") return makers.webgpu("WebGPU was asked for.");

  let webgpu: ComputeBackend;
  try {
    webgpu = await makers.webgpu();
  } catch (error) {
    const why = error instanceof CryoloupeError ? error.message : "WebGPU could not be started.";
    return makers.cpu(`${why} ${makers.hint}`.trim());
  }
  if (!webgpu.info.software) return webgpu;

  const cpu = await makers.cpu(`WebGPU has only a software adapter here. ${makers.hint}`.trim());
  const key = `faster:${webgpu.info.name}:${cpu.info.name}`;
  let faster = await makers.cache.get(key);
  let told = "measured earlier";
  if (faster !== "webgpu" && faster !== "cpu") {
    const cpuSeconds = await timeTrial(cpu);
    // A trial that fails has lost: the adapter is there but not fit for work.
    const gpuSeconds = await timeTrial(webgpu).catch(() => Infinity);
    faster = gpuSeconds < cpuSeconds ? "webgpu" : "cpu";
    told = `${milliseconds(cpuSeconds)} on the CPU, ${Number.isFinite(gpuSeconds) ? milliseconds(gpuSeconds) : "failed"} on the software adapter`;
    await makers.cache.set(key, faster);
  }
  const winner = faster === "webgpu" ? webgpu : cpu;
  await (winner === webgpu ? cpu : webgpu).dispose();
  const reason =
    winner === cpu
      ? `Only a software WebGPU adapter (${webgpu.info.name}) was found, and the CPU backend is faster (${told}). ${makers.hint}`.trim()
      : `A software WebGPU adapter, faster here than the CPU backend (${told}).`;
  return withReason(winner, reason);
}

/**
 * The same backend with another reason: everything is its own, so that a copy of it (`{ ...backend }`) is
 * whole, and what it reads afresh (`info` after a recovery) stays so.
 */
function withReason(backend: ComputeBackend, reason: string): ComputeBackend {
  return Object.defineProperties({} as ComputeBackend, {
    ...Object.getOwnPropertyDescriptors(backend),
    info: { get: () => ({ ...backend.info, reason }), enumerable: true },
  });
}
