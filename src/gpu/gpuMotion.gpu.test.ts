import { afterEach, describe, expect, it } from "vitest";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { planBinning } from "#src/math/motion/binFrame.ts";
import { FrameSpectrum } from "#src/math/motion/frameSpectrum.ts";
import { globalMapGrid } from "#src/math/motion/globalSpectra.ts";
import { PatchEngine } from "#src/math/motion/patchEngine.ts";
import type { PatchPlace } from "#src/math/motion/patchEngine.ts";
import { createRandom } from "#src/math/random.ts";
import { openInlinePool, openTestEntry } from "#src/testing/backends.ts";
import { relativeError } from "#src/testing/gpu.ts";
import { memoryMovie } from "#src/testing/memoryMovie.ts";
import { createGpuBackend } from "./gpuBackend.ts";
import type { GpuBackend } from "./gpuBackend.ts";

const [width, height, frames] = [64, 48, 3];
const random = createRandom(71);
/** Bytes of the tables of transforms, which stay on the device. */
const TABLES = 10_000;
const frame = (): Float32Pixels =>
  Float32Array.from({ length: width * height }, () => random.normal());
const movie = Array.from({ length: frames }, frame);
const taken = (): Float32Pixels[] => movie.map((pixels) => pixels.slice());

const place = (x: number, y: number): PatchPlace => ({
  ...{ x, y, displacement: Float64Array.from({ length: 2 * frames }, () => random.normal()) },
});

function twin(side: number): PatchEngine {
  const pixels = new Float32Array(frames * width * height);
  movie.forEach((one, t) => pixels.set(one, t * width * height));
  return new PatchEngine({ width, height, firstRow: 0, rows: height, frames, pixels }, side);
}

describe("motion on the device", () => {
  let backend: GpuBackend;
  const open = async (budgetBytes?: number): Promise<GpuBackend> => {
    const entry = await openTestEntry();
    const budget = budgetBytes === undefined ? {} : { budgetBytes };
    backend = await createGpuBackend({
      ...{ entry, pool: openInlinePool(), softwareMotion: true, ...budget },
    });
    return backend;
  };
  const used = async (): Promise<number> => (await backend.context()).buffers.usedBytes;
  afterEach(() => backend.dispose());

  it("takes patches in portions, and gives every buffer back", async () => {
    await open();
    const patches = await backend.motion.openPatches(width, height, taken(), 16);
    expect(await used()).toBeGreaterThan(frames * width * height * 4);
    // More than a work buffer of 32 MiB holds: 8192 patches of 16 px in two pairs of frames.
    const few = Array.from({ length: 40 }, (_, i) => place(i, i % 30));
    const many = Array.from({ length: 8500 }, (_, i) => few[i % few.length]);
    const weight = new Float32Array(3 * 2).fill(1);
    const told: number[] = [];
    const found = await patches.surfaces(
      { side: 16, patches: many, weight, kept: 1, radius: 1 },
      undefined,
      (done) => told.push(done),
    );
    const expected = twin(16).surfaces(few, weight, 1, 1);
    expect(told).toEqual([8192, 8500]);
    for (const first of [0, 8160, 8440]) {
      const part = found.subarray(first * frames * 9, (first + 40) * frames * 9);
      expect(relativeError(part, expected)).toBeLessThan(1e-6);
    }
    patches.close();
    const before = await used();
    const again = await backend.motion.openPatches(width, height, taken(), 16);
    await again.measure(16, few);
    again.close();
    expect(await used()).toBe(before);
  });

  it("runs what does not fit into the budget on the CPU", async () => {
    // Less than the work buffers of patches, of spectra, and than four copies of a frame.
    await open(400_000);
    const list = [place(3, 4), place(40, 20)];
    const patches = await backend.motion.openPatches(width, height, taken(), 16);
    expect(await used()).toBeLessThan(TABLES);
    const expected = twin(16).measure(list);
    expect((await patches.measure(16, list)).single).toBeAllclose(expected.single, { rtol: 1e-9 });
    patches.close();

    const transform = new FrameSpectrum(width, height);
    const spectra = movie.map((pixels) => transform.transform(pixels));
    const correlation = await backend.motion.openSpectra(transform.shape, [
      ...spectra,
      ...Array.from({ length: 400 }, () => spectra[0]),
    ]);
    expect(await used()).toBeLessThan(TABLES);
    correlation.close();

    const large = planBinning(400, 300, 1, null, null, null);
    const preparation = await backend.motion.openPreparation(large);
    expect(await used()).toBeLessThan(TABLES);
    const reader = memoryMovie([new Uint8Array(400 * 300).fill(3)], 400, 300);
    await preparation.add(await reader.readEncoded(0));
    expect((await preparation.finish()).sum[0]).toBe(3);
    preparation.close();
  });

  it("leaves motion to the pool on a software adapter, which shares its cores", async () => {
    backend = await createGpuBackend({ entry: await openTestEntry(), pool: openInlinePool() });
    expect(backend.info.software).toBe(true);
    const patches = await backend.motion.openPatches(width, height, taken(), 16);
    expect(await used()).toBe(0);
    const list = [place(3, 4)];
    const expected = twin(16).measure(list);
    expect((await patches.measure(16, list)).single).toBeAllclose(expected.single, { rtol: 1e-9 });
    patches.close();
  });

  it("tells of a lost device, and works on the next one", async () => {
    await open();
    const transform = new FrameSpectrum(width, height);
    const spectra = movie.map((pixels) => transform.transform(pixels));
    const plan = planBinning(width, height, 2, null, null, null);
    const reader = memoryMovie(movie, width, height);
    const request = {
      ...{ shifts: new Float64Array(2 * frames), base: null, kind: "others" as const },
      weight: new Float32Array(spectra[0].re.length).fill(1),
      grid: globalMapGrid(transform.shape, 8),
    };
    const list = [place(3, 4)];
    const everything = async (): Promise<(() => Promise<unknown>)[]> => {
      const patches = await backend.motion.openPatches(width, height, taken(), 16);
      const correlation = await backend.motion.openSpectra(transform.shape, spectra);
      const preparation = await backend.motion.openPreparation(plan);
      return [
        () => patches.measure(16, list),
        () => patches.subtract(new Float32Array(width * height)),
        () => correlation.correlate(request),
        async () => preparation.add(await reader.readEncoded(0)),
        () => preparation.finish(),
      ];
    };
    const work = await everything();
    await backend.loseDevice();
    for (const run of work) {
      const error = await run().catch((e: unknown) => e);
      expect(error).toBeInstanceOf(CryoloupeError);
      expect((error as CryoloupeError).code).toBe("device-lost");
    }
    expect(await backend.recover()).toBe(true);
    for (const run of await everything()) await run();
  });
});
