import { CryoloupeError } from "#src/domain/errors.ts";
import { createBufferPool } from "./bufferPool.ts";
import type { BufferPool } from "./bufferPool.ts";
import { createPipelineCache } from "./pipelineCache.ts";
import type { PipelineCache } from "./pipelineCache.ts";

/** Limits that kernels profit from, asked for by name at what the adapter offers. */
const WANTED_LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
] as const;

/** Features that are taken where the adapter has them; kernels work without any. */
const WANTED_FEATURES: readonly GPUFeatureName[] = ["timestamp-query"];

/** One device with what belongs to it. After a loss a fresh one is made; nothing is carried over. */
export interface GpuContext {
  readonly device: GPUDevice;
  readonly adapterName: string;
  readonly software: boolean;
  readonly buffers: BufferPool;
  readonly pipelines: PipelineCache;
  /** Throws `device-lost` once the device is gone. */
  check(): void;
  /** A uniform buffer that lives until the next submit. */
  uniform(data: ArrayBuffer, label: string): GPUBuffer;
  /** Uploads bytes (padded to 4) into a buffer. */
  upload(buffer: GPUBuffer, data: ArrayBufferView<ArrayBuffer>, offset?: number): void;
  /** Finishes and submits the encoder. */
  submit(encoder: GPUCommandEncoder): void;
  /** Waits until the device has done what was submitted; a lost device rejects. */
  settle(): Promise<void>;
  /**
   * Runs `work` in error scopes: a validation error or want of memory becomes a CryoloupeError. `work`
   * is synchronous, since scopes are a stack that other work in between would disturb.
   */
  scoped<T>(what: string, work: () => T): Promise<T>;
  destroy(): void;
}

function describeAdapter(info: GPUAdapterInfo | undefined): { name: string; software: boolean } {
  const name =
    [info?.description, info?.device, info?.architecture, info?.vendor].find(
      (part) => part !== undefined && part !== "",
    ) ?? "unnamed adapter";
  const words = `${info?.description ?? ""} ${info?.device ?? ""} ${info?.architecture ?? ""}`;
  const software =
    info?.isFallbackAdapter === true ||
    /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(words);
  return { name, software };
}

/**
 * Opens a device on the entry's best adapter. An adapter serves one device only, so each call asks for
 * a new one. `budgetBytes` bounds what the buffer pool holds; it never exceeds `maxBufferSize`.
 */
export async function openGpu(entry: GPU, wantedBudget = 2 * 1024 ** 3): Promise<GpuContext> {
  const adapter = await entry.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null)
    throw new CryoloupeError(
      "no-webgpu",
      "WebGPU is here, but no adapter answers. The CPU backend computes instead; a newer graphics driver may help.",
    );
  const { name, software } = describeAdapter(adapter.info);
  const requiredLimits: Record<string, number> = {};
  for (const limit of WANTED_LIMITS) requiredLimits[limit] = adapter.limits[limit];
  const device = await adapter
    .requestDevice({
      label: "cryoloupe",
      requiredLimits,
      requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
    })
    .catch((error: unknown) => {
      throw new CryoloupeError("no-webgpu", `The adapter "${name}" gave no device.`, {
        cause: error,
      });
    });

  const state: { lost: string | null } = { lost: null };
  void device.lost.then((info) => {
    state.lost = info.message === "" ? info.reason : info.message;
  });
  const check = (): void => {
    if (state.lost !== null)
      throw new CryoloupeError("device-lost", `The graphics device was lost: ${state.lost}.`);
  };
  let uncaptured: string | null = null;
  device.addEventListener("uncapturederror", (event) => {
    uncaptured ??= event.error.message;
  });

  let transient: GPUBuffer[] = [];
  const budget = Math.min(wantedBudget, device.limits.maxBufferSize);
  const context: GpuContext = {
    device,
    adapterName: name,
    software,
    buffers: createBufferPool(device, budget, check),
    pipelines: createPipelineCache(device, check),
    check,
    uniform: (data, label) => {
      const buffer = device.createBuffer({
        label: `${label} uniforms`,
        size: Math.max(16, Math.ceil(data.byteLength / 16) * 16),
        usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
        mappedAtCreation: true,
      });
      new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(data));
      buffer.unmap();
      transient.push(buffer);
      return buffer;
    },
    upload: (buffer, data, offset = 0) => {
      check();
      const whole = data.byteLength & ~3;
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      if (whole > 0) device.queue.writeBuffer(buffer, offset, bytes, 0, whole);
      if (whole < data.byteLength) {
        const rest = new Uint8Array(4);
        rest.set(bytes.subarray(whole));
        device.queue.writeBuffer(buffer, offset + whole, rest);
      }
    },
    submit: (encoder) => {
      check();
      device.queue.submit([encoder.finish()]);
      for (const buffer of transient) buffer.destroy();
      transient = [];
    },
    settle: async () => {
      await device.queue.onSubmittedWorkDone();
      check();
      if (uncaptured !== null)
        throw new CryoloupeError("internal", `WebGPU reported an error: ${uncaptured}`);
    },
    scoped: async (what, work) => {
      check();
      device.pushErrorScope("out-of-memory");
      device.pushErrorScope("validation");
      const pop = async (): Promise<void> => {
        const [validation, memory] = await Promise.all([
          device.popErrorScope().catch(() => null),
          device.popErrorScope().catch(() => null),
        ]);
        check();
        if (memory !== null)
          throw new CryoloupeError(
            "out-of-memory",
            `The graphics device has no memory left for ${what}. Close other programs or lower the memory budget.`,
          );
        if (validation !== null)
          throw new CryoloupeError("internal", `WebGPU refused ${what}: ${validation.message}`);
      };
      let value;
      let popped: Promise<void>;
      try {
        value = work();
      } finally {
        popped = pop();
        // When `work` has thrown, its error counts and not what the scopes say.
        popped.catch(() => undefined);
      }
      await popped;
      return value;
    },
    destroy: () => {
      context.buffers.destroy();
      device.destroy();
    },
  };
  return context;
}
