import type { EncodedFrame } from "#src/domain/movie.ts";
import { planBinning } from "#src/math/motion/binFrame.ts";
import { FrameSpectrum } from "#src/math/motion/frameSpectrum.ts";
import { globalMapGrid } from "#src/math/motion/globalSpectra.ts";
import type { PatchPlace } from "#src/math/motion/patchEngine.ts";
import { createRandom } from "#src/math/random.ts";
import type { PatchCorrelation } from "#src/compute/motionCompute.ts";
import { secondsOf } from "./benchStage.ts";
import type { BenchResult, BenchStage } from "./benchStage.ts";

/** Side of a sensor, and of its frames as motion is measured. */
const FULL = 4096;
const BINNED = 1024;

/** Noise that repeats after an odd number of pixels. */
function noise(length: number, seed: number): Float32Array<ArrayBuffer> {
  const random = createRandom(seed);
  const row = Float32Array.from({ length: 16381 }, () => random.normal());
  const out = new Float32Array(length);
  for (let at = 0; at < length; at += row.length)
    out.set(row.subarray(0, Math.min(row.length, length - at)), at);
  return out;
}

const figures = (
  name: string,
  seconds: number,
  pixels: number,
  bytesEach: number,
): BenchResult => ({
  ...{ name, seconds, bytes: bytesEach * pixels, megapixels: pixels / 1e6 },
});

const PREPARED = 2;

/** Integer frames with a gain: repaired, binned by four and transformed, upload and read-back included. */
const prepareStage: BenchStage = {
  name: `Motion of ${FULL} × ${FULL}: prepare ${PREPARED} frames`,
  async run(_request, { backend, signal }) {
    const frame = (): EncodedFrame => ({
      ...{ codec: "plain", file: "bench", width: FULL, height: FULL, pixelType: "uint8" },
      parts: [new Uint8Array(FULL * FULL).fill(3)],
      parameters: { stored: "uint8", littleEndian: true },
    });
    const gain = noise(FULL * FULL, 1).map((v) => 1 + 0.02 * v);
    const preparation = await backend.motion.openPreparation(
      planBinning(FULL, FULL, FULL / BINNED, gain, null, null),
    );
    try {
      await preparation.add(frame(), signal);
      const frames = Array.from({ length: PREPARED }, frame);
      const seconds = await secondsOf(() =>
        Promise.all(frames.map((encoded) => preparation.add(encoded, signal))),
      );
      return [figures(this.name, seconds, PREPARED * FULL * FULL, 1)];
    } finally {
      preparation.close();
    }
  },
};

const WHOLE = 12;

/** One round of the global search. */
const wholeStage: BenchStage = {
  name: `Motion of ${FULL} × ${FULL}: correlate ${WHOLE} whole frames`,
  async run(_request, { backend, signal }) {
    const { shape } = new FrameSpectrum(BINNED, BINNED);
    const plane = (2 * shape.ky + 1) * (shape.kx + 1);
    const spectra = Array.from({ length: WHOLE }, (_, t) => ({
      re: noise(plane, 2 * t + 1),
      im: noise(plane, 2 * t + 2),
    }));
    const correlation = await backend.motion.openSpectra(shape, spectra);
    const request = {
      shifts: Float64Array.from(noise(2 * WHOLE, 99)),
      weight: new Float32Array(plane).fill(1),
      ...{ base: null, kind: "others" as const, grid: globalMapGrid(shape, 60) },
    };
    try {
      await correlation.correlate(request, signal);
      const seconds = await secondsOf(() => correlation.correlate(request, signal));
      return [figures(this.name, seconds, WHOLE * BINNED * BINNED, 4)];
    } finally {
      correlation.close();
    }
  },
};

const FRAMES = 8;
const SIDE = 64;
const GRID = 6;

/** A grid of patches at half overlap. */
function places(side: number): PatchPlace[] {
  return Array.from({ length: GRID * GRID }, (_, i) => ({
    x: (i % GRID) * (side / 2),
    y: Math.floor(i / GRID) * (side / 2),
    displacement: Float64Array.from(noise(2 * FRAMES, i + 1)),
  }));
}

/** Powers, surfaces and pattern of patches; the movie is on the device already. */
const patchStage: BenchStage = {
  name: `Motion of ${FULL} × ${FULL}: ${GRID * GRID} patches of ${FRAMES} frames`,
  async run(_request, { backend, signal }) {
    const movie = Array.from({ length: FRAMES }, (_, t) => noise(BINNED * BINNED, t + 1));
    const correlation = await backend.motion.openPatches(BINNED, BINNED, movie, 40);
    const kept = 20;
    const weight = new Float32Array((2 * kept + 1) * (kept + 1)).fill(1);
    const rings = SIDE / 2 + 1;
    const ratio = new Float64Array(rings).fill(FRAMES + 1);
    const steps: readonly (readonly [string, number, (patches: PatchCorrelation) => unknown])[] = [
      ["powers", SIDE, (patches) => patches.measure(SIDE, places(SIDE), signal)],
      [
        "surfaces",
        SIDE,
        (patches) =>
          patches.surfaces({ side: SIDE, patches: places(SIDE), weight, kept, radius: 8 }, signal),
      ],
      [
        "pattern at rest",
        2 * SIDE,
        (patches) => patches.restPattern(2 * SIDE, places(2 * SIDE), ratio, ratio, signal),
      ],
    ];
    try {
      const results: BenchResult[] = [];
      for (const [what, side, step] of steps) {
        await step(correlation);
        const seconds = await secondsOf(async () => await step(correlation));
        const pixels = GRID * GRID * side * side * FRAMES;
        results.push(figures(`${this.name}, ${what}`, seconds, pixels, 4));
      }
      return results;
    } finally {
      correlation.close();
    }
  },
};

/** What the estimation of motion is made of; the same data on every machine. */
export const motionStages: readonly BenchStage[] = [prepareStage, wholeStage, patchStage];
