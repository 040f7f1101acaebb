import { describe, expect, it } from "vitest";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { Float32Pixels, PixelArray } from "#src/domain/movie.ts";
import { FrameBinner, planBinning } from "#src/math/motion/binFrame.ts";
import { FrameSpectrum } from "#src/math/motion/frameSpectrum.ts";
import { GlobalSpectra, globalMapGrid } from "#src/math/motion/globalSpectra.ts";
import type { MapRequest, Spectrum } from "#src/math/motion/globalSpectra.ts";
import { PatchEngine } from "#src/math/motion/patchEngine.ts";
import type { PatchPlace } from "#src/math/motion/patchEngine.ts";
import { createRandom } from "#src/math/random.ts";
import { motionBackends } from "#src/testing/backends.ts";
import { memoryMovie } from "#src/testing/memoryMovie.ts";

const [width, height, frames] = [112, 90, 5];
const random = createRandom(41);
const noise = (n: number): Float32Pixels => Float32Array.from({ length: n }, () => random.normal());

/** Frames with something in common. */
const common = noise(width * height);
const movie = Array.from({ length: frames }, () =>
  noise(width * height).map((v, i) => v + common[i]),
);

/** Displacements of a pixel or two, one of them whole. */
function displacements(): Float64Array {
  return Float64Array.from({ length: 2 * frames }, (_, i) => (i === 3 ? 2 : 1.5 * random.normal()));
}

/** Largest difference over the root mean square of what is expected. */
function relative(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  let worst = 0;
  let power = 0;
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs(found[i] - expected[i]));
    power += expected[i] ** 2;
  }
  return worst / Math.sqrt(power / expected.length);
}

/** Sums of thousands of products of spectra that were made in single precision. */
const TOLERANCE = 2e-5;

describe.each(motionBackends)("whole frames correlated on $name", ({ open }) => {
  const transform = new FrameSpectrum(width, height);
  const { shape } = transform;
  const spectra = movie.map((frame) => transform.transform(frame));
  const twin = new GlobalSpectra(shape, spectra);
  const base: Spectrum = transform.transform(common);
  const weight = Float32Array.from({ length: twin.count }, (_, i) =>
    i % 7 === 0 ? 0 : random.uniform(),
  );
  const grid = globalMapGrid(shape, 12);

  it("as the twin does it, in every way", async () => {
    const backend = await open();
    const correlation = await backend.motion.openSpectra(shape, spectra);
    for (const [kind, subtracted, reach] of [
      ["others", null, grid],
      ["others", base, grid],
      ["others-mended", base, globalMapGrid(shape, 40)],
      ["chain", base, grid],
      ["chain", null, grid],
    ] as const) {
      const request: MapRequest = {
        ...{ shifts: displacements(), weight, base: subtracted, kind, grid: reach },
      };
      const found = await correlation.correlate(request);
      expect(relative(found, twin.correlate(request, 0, frames))).toBeLessThan(TOLERANCE);
    }
    correlation.close();
    await backend.dispose();
  });
});

describe.each(motionBackends)("frames prepared on $name", ({ open }) => {
  const [wide, high] = [101, 83];
  const counts = (make: (n: number) => PixelArray): PixelArray[] =>
    Array.from({ length: 3 }, () =>
      make(wide * high).map(() => Math.max(0, Math.round(20 + 4 * random.normal()))),
    );

  it.each([
    { name: "uint8 as they are", make: (n: number) => new Uint8Array(n), binning: 1 },
    { name: "uint16 with everything", make: (n: number) => new Uint16Array(n), binning: 2 },
    { name: "int16 with everything", make: (n: number) => new Int16Array(n), binning: 4 },
    { name: "float32 with everything", make: (n: number) => new Float32Array(n), binning: 8 },
  ])("$name, binned by $binning", async ({ name, make, binning }) => {
    const images = counts(make);
    let plan = planBinning(wide, high, binning, null, null, null);
    if (name.includes("everything")) {
      const gain = noise(wide * high).map((v) => 1 + 0.05 * v);
      const bad = new Uint8Array(gain.length);
      // A bad block in a corner larger than the neighbourhood, and single pixels.
      for (const i of [0, 1, 2, 3, 4, 5, 6, 300, 4000])
        for (let k = 0; k < 6; k++) bad[i + k * wide] = 1;
      [gain[4000], gain[777], gain[5000]] = [0, NaN, -1];
      plan = planBinning(wide, high, binning, gain, noise(gain.length), bad);
      images.forEach((pixels, t) => {
        pixels[2000 + t] = 30_000;
        pixels[301] = 30_000;
        if (t > 0) pixels[6001] = -30_000;
        if (pixels instanceof Float32Array) [pixels[17], pixels[2222]] = [NaN, Infinity];
      });
    }
    const twin = new FrameBinner(plan);
    const transform = new FrameSpectrum(plan.binnedWidth, plan.binnedHeight);
    const backend = await open();
    const reader = memoryMovie(
      images.map((pixels) => pixels.slice()),
      wide,
      high,
    );
    const preparation = await backend.motion.openPreparation(plan);
    expect(preparation.ahead).toBeGreaterThan(1);
    const prepared = await Promise.all(
      images.map(async (_, t) => await preparation.add(await reader.readEncoded(t))),
    );
    images.forEach((pixels, t) => {
      const expected = twin.bin(pixels);
      const { re, im } = transform.transform(expected);
      // Counts of about 20 with a scatter of 4, before or after binning: a few roundings of the counts.
      expect(relative(prepared[t].pixels, expected)).toBeLessThan(TOLERANCE);
      expect(relative(prepared[t].spectrum.re, re)).toBeLessThan(TOLERANCE);
      expect(relative(prepared[t].spectrum.im, im)).toBeLessThan(TOLERANCE);
    });
    const gathered = await preparation.finish();
    expect(gathered.frames).toBe(3);
    expect(gathered.sum).toBeAllclose(twin.sum, { rtol: 1e-6, atol: 1e-4 });
    const sorted = (strays: ReadonlyMap<number, number>) => [...strays].sort(([a], [b]) => a - b);
    expect(sorted(gathered.strays)).toEqual(sorted(twin.strays));
    if (name.includes("everything")) expect(gathered.strays.get(777)).toBe(3);
    else expect(gathered.strays.size).toBe(0);
    preparation.close();
    await backend.dispose();
  });
});

describe.each(motionBackends)("patches on $name", ({ open }) => {
  const whole = (): Float32Pixels => {
    const pixels = new Float32Array(frames * width * height);
    movie.forEach((frame, t) => pixels.set(frame, t * width * height));
    return pixels;
  };
  const twinOf = (side: number): PatchEngine =>
    new PatchEngine(
      { ...{ width, height, firstRow: 0, rows: height, frames }, pixels: whole() },
      side,
    );
  const places = (side: number, columns: number, rows: number): PatchPlace[] =>
    Array.from({ length: columns * rows }, (_, i) => ({
      x: Math.round(((i % columns) * (width - side)) / (columns - 1)),
      y: Math.round((Math.floor(i / columns) * (height - side)) / (rows - 1)),
      displacement: displacements(),
    }));
  const openPatches = async () => {
    const backend = await open();
    const taken = movie.map((frame) => frame.slice());
    const patches = await backend.motion.openPatches(width, height, taken, 40);
    // The binned movie is held once.
    expect(taken.every((frame) => frame.length === 0)).toBe(true);
    return { backend, patches };
  };

  it.each([16, 40, 64])("of %i px give the powers and surfaces of the twin", async (side) => {
    const { backend, patches } = await openPatches();
    const list = places(side, 3, 2);
    const twin = twinOf(side);
    const powers = await patches.measure(side, list);
    const expected = twin.measure(list);
    expect(relative(powers.together, expected.together)).toBeLessThan(TOLERANCE);
    expect(relative(powers.single, expected.single)).toBeLessThan(TOLERANCE);
    const kept = side / 4 + 1;
    const radius = side / 4;
    const weight = noise((2 * kept + 1) * (kept + 1)).map(Math.abs);
    const told: number[] = [];
    const surfaces = await patches.surfaces(
      { ...{ side, patches: list, weight, kept, radius } },
      undefined,
      (done) => told.push(done),
    );
    expect(relative(surfaces, twin.surfaces(list, weight, kept, radius))).toBeLessThan(TOLERANCE);
    expect(told.at(-1)).toBe(list.length);
    patches.close();
    await backend.dispose();
  });

  it("tell what is at rest, and take it out", async () => {
    const { backend, patches } = await openPatches();
    const side = 48;
    // An odd number: the device takes two to a transform.
    const list = places(side, 3, 3);
    const twin = twinOf(side);
    const compare = async (): Promise<void> => {
      const moments = await patches.restMoments(side, list);
      twin.restMoments(list).forEach((expected, m) => {
        expect(relative(moments[m], expected)).toBeLessThan(TOLERANCE);
      });
    };
    await compare();
    const rings = side / 4 + 1;
    const still = Float64Array.from({ length: rings }, (_, r) =>
      r === 3 ? Infinity : frames + 0.3 * (r + 1),
    );
    const moving = Float64Array.from({ length: rings }, (_, r) => frames + 0.2 * (r + 1));
    const pattern = await patches.restPattern(side, list, still, moving);
    expect(relative(pattern, twin.restPattern(list, still, moving))).toBeLessThan(TOLERANCE);
    await patches.subtract(pattern);
    twin.subtract(pattern);
    await compare();
    patches.close();
    await backend.dispose();
  });

  it("stop when they are cancelled, and can be closed", async () => {
    const { backend, patches } = await openPatches();
    const signal = AbortSignal.abort();
    const error = await patches.measure(16, places(16, 3, 2), signal).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CryoloupeError);
    expect((error as CryoloupeError).code).toBe("cancelled");
    patches.close();
    await backend.dispose();
  });
});
