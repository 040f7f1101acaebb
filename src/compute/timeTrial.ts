import { createRandom } from "#src/math/random.ts";
import type { ComputeBackend } from "./backend.ts";

const SIZE = 384;

/** Patches of the standard piece of work, and their side. */
const PATCHES = 9;
const SIDE = 64;

/**
 * Seconds for the standard piece of work: midway equalization of one synthetic frame of 384², as
 * integers and corrected, and the correlation of nine patches of eight frames. Little work of the same
 * kinds warms caches and compilers up.
 */
export async function timeTrial(backend: ComputeBackend): Promise<number> {
  const random = createRandom(7);
  const work = async (size: number): Promise<void> => {
    const frame = new Uint8Array(size * size).map(() => random.integer(20));
    const factor = new Float32Array(size * size).map(() => 0.9 + 0.2 * random.uniform());
    const session = await backend.gain.openSme({
      width: size,
      height: size,
      reference: "single",
      sigmas: [0],
      ties: "mean",
      precise: false,
      bad: null,
    });
    try {
      await session.begin(null);
      await session.add(frame);
      await session.begin({ values: factor, operation: "multiply" });
      await session.add(frame);
      await session.collect();
    } finally {
      session.close();
    }
  };
  const patches = async (frames: number): Promise<void> => {
    const movie = Array.from({ length: frames }, () =>
      new Float32Array(4 * SIDE * SIDE).map(() => random.normal()),
    );
    const correlation = await backend.motion.openPatches(2 * SIDE, 2 * SIDE, movie, SIDE);
    try {
      const places = Array.from({ length: PATCHES }, (_, i) => ({
        x: (i % 3) * (SIDE / 2),
        y: Math.floor(i / 3) * (SIDE / 2),
        displacement: new Float64Array(2 * frames).fill(0.3),
      }));
      await correlation.measure(SIDE, places);
      const kept = 16;
      const weight = new Float32Array((2 * kept + 1) * (kept + 1)).fill(1);
      await correlation.surfaces({ side: SIDE, patches: places, weight, kept, radius: 8 });
    } finally {
      correlation.close();
    }
  };
  await work(64);
  await patches(2);
  const start = performance.now();
  await work(SIZE);
  await patches(8);
  return (performance.now() - start) / 1000;
}
