import { createRandom } from "#src/math/random.ts";
import type { ComputeBackend } from "./backend.ts";

const SIZE = 384;

/**
 * Seconds for the standard piece of work: midway equalization of one synthetic frame of 384², as
 * integers and corrected. A first small frame warms caches and compilers up.
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
  await work(64);
  const start = performance.now();
  await work(SIZE);
  return (performance.now() - start) / 1000;
}
