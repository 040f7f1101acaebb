import { createRandom } from "#src/math/random.ts";
import type { ComputeBackend } from "./backend.ts";

/** Seconds for the standard piece of work: the sum of a few corrected frames of 1024². */
export async function timeTrial(backend: ComputeBackend): Promise<number> {
  const random = createRandom(7);
  const work = async (size: number, frames: number): Promise<void> => {
    const frame = new Uint8Array(size * size).map(() => random.integer(20));
    const correction = new Float32Array(size * size).fill(1.01);
    const sum = await backend.pixels.openSum({ width: size, height: size, correction });
    for (let t = 0; t < frames; t++) await sum.add(frame.slice());
    await sum.finish();
  };
  await work(64, 1);
  const start = performance.now();
  await work(1024, 3);
  return (performance.now() - start) / 1000;
}
