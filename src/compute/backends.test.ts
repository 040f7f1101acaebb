import { describe, expect, it } from "vitest";
import { CryoloupeError } from "#src/domain/errors.ts";
import {
  openTestEntry,
  openTestGpuBackend,
  openInlinePool,
  testBackends,
} from "#src/testing/backends.ts";
import { createGpuBackend } from "#src/gpu/gpuBackend.ts";
import { withRecovery } from "#src/pipeline/recovery.ts";
import { chooseBackend } from "./chooseBackend.ts";
import { createCpuBackend } from "./cpuBackend.ts";
import { createMemoryCache } from "./hostCache.ts";
import type { BackendMakers } from "./chooseBackend.ts";
import type { ComputeBackend } from "./backend.ts";

describe.each(testBackends)("sums of frames on $name", ({ open }) => {
  it("are exact for integers and close for corrected frames", async () => {
    const backend = await open();
    const width = 13;
    const height = 7;
    const frames = [1, 2, 3].map((t) =>
      new Uint8Array(width * height).map((_, i) => (i * t) % 251),
    );
    const correction = new Float32Array(width * height).map((_, i) => 1 + i / 1000);
    for (const factor of [null, correction]) {
      const sum = await backend.pixels.openSum({ width, height, correction: factor });
      for (const frame of frames) await sum.add(frame.slice());
      const expected = frames[0].reduce<number[]>((all, _, i) => {
        all.push(frames.reduce((s, f) => s + f[i], 0) * (factor?.[i] ?? 1));
        return all;
      }, []);
      expect(await sum.finish()).toBeAllclose(expected, { rtol: factor === null ? 0 : 3e-7 });
    }
    await backend.dispose();
  });
});

describe("a device that is lost in the middle", () => {
  it("is replaced once, and the step runs again", async () => {
    const backend = await openTestGpuBackend();
    let runs = 0;
    const notes: string[] = [];
    const result = await withRecovery({ backend, log: (m) => notes.push(m) }, async () => {
      runs++;
      const sum = await backend.pixels.openSum({ width: 8, height: 8, correction: null });
      await sum.add(new Uint8Array(64).fill(2));
      if (runs === 1) await backend.loseDevice();
      await sum.add(new Uint8Array(64).fill(3));
      return await sum.finish();
    });
    expect(runs).toBe(2);
    expect(result).toBeAllclose(new Float32Array(64).fill(5));
    expect(notes.join()).toContain("fresh device");
    await backend.dispose();
  });

  it("fails with a sentence when it happens twice", async () => {
    const backend = await openTestGpuBackend();
    const failure = withRecovery({ backend }, async () => {
      const sum = await backend.pixels.openSum({ width: 8, height: 8, correction: null });
      await backend.loseDevice();
      await sum.add(new Uint8Array(64).fill(3));
      return await sum.finish();
    });
    await expect(failure).rejects.toThrow(/happened twice/);
    await expect(failure).rejects.toMatchObject({ code: "device-lost" });
    await backend.dispose();
  });

  it("halves the budget and remembers it for the adapter", async () => {
    const cache = createMemoryCache();
    const entry = await openTestEntry();
    const first = await createGpuBackend({ entry, pool: openInlinePool(), cache });
    const before = first.info.budgetBytes;
    await first.recover();
    expect(first.info.budgetBytes).toBe(before / 2);
    await first.dispose();
    const second = await createGpuBackend({ entry, pool: openInlinePool(), cache });
    expect(second.info.budgetBytes).toBe(before / 2);
    await second.dispose();
  });

  it("refuses what exceeds the budget with both numbers", async () => {
    const backend = await createGpuBackend({
      entry: await openTestEntry(),
      pool: openInlinePool(),
      budgetBytes: 1024 ** 2,
    });
    await expect(
      backend.pixels.openSum({ width: 1024, height: 1024, correction: null }),
    ).rejects.toThrow(/4 MiB.*1 MiB/);
    await backend.dispose();
  });
});

describe("the choice of a backend", () => {
  const cpu = (reason: string): Promise<ComputeBackend> =>
    Promise.resolve(createCpuBackend(openInlinePool(), { reason }));
  const makers = (webgpu: BackendMakers["webgpu"]): BackendMakers => ({
    webgpu,
    cpu,
    cache: createMemoryCache(),
    hint: "Switch it on.",
  });

  it("falls back to the CPU, says why and what would help", async () => {
    const backend = await chooseBackend(
      "auto",
      makers(() => Promise.reject(new CryoloupeError("no-webgpu", "No adapter."))),
    );
    expect(backend.info.kind).toBe("cpu");
    expect(backend.info.reason).toBe("No adapter. Switch it on.");
    await backend.dispose();
  });

  it("measures a software adapter against the CPU once", async () => {
    const all = makers(openTestGpuBackend);
    const first = await chooseBackend("auto", all);
    expect(first.info.reason).toMatch(/ ms /);
    const second = await chooseBackend("auto", all);
    expect(second.info.kind).toBe(first.info.kind);
    expect(second.info.reason).toContain("measured earlier");
    // Steps copy a backend to give it another budget: the copy must be able to do all that it can.
    const copy = { ...first, info: { ...first.info, budgetBytes: 0 } };
    for (const name of ["correction", "motion", "gain", "filters", "fourier", "pixels"] as const)
      expect(copy[name], name).toBe(first[name]);
    expect(copy.pool).toBe(first.pool);
    await first.dispose();
    await second.dispose();
  });

  it("takes a hardware adapter unasked, and obeys an explicit choice", async () => {
    const hardware = async (): Promise<ComputeBackend> => {
      const backend = await openTestGpuBackend();
      return Object.create(backend, {
        info: { value: { ...backend.info, software: false } },
      }) as ComputeBackend;
    };
    const backend = await chooseBackend("auto", makers(hardware));
    expect(backend.info.kind).toBe("webgpu");
    await backend.dispose();
    const asked = await chooseBackend("cpu", makers(hardware));
    expect(asked.info.kind).toBe("cpu");
    await asked.dispose();
  });
});
