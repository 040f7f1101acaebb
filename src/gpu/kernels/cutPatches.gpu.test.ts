import { describe, expect, it } from "vitest";
import { createRandom } from "#src/math/random.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { createCutPatches } from "./cutPatches.ts";

const random = createRandom(55);
const noise = (n: number) => Float32Array.from({ length: n }, () => random.normal());

describe("cutPatches on the device", () => {
  const device = useTestDevice();

  // An odd and an even number of frames, in one slab and in two, corners beyond every edge.
  it.each([
    { frames: 1, slabs: [1] },
    { frames: 5, slabs: [2, 3] },
    { frames: 4, slabs: [4] },
  ])("of $frames frames in slabs of $slabs", async ({ frames, slabs }) => {
    const [width, height, side, items] = [23, 19, 8, 3];
    const movie = noise(frames * width * height);
    const window = noise(side);
    const corners = Int32Array.from({ length: 2 * items * frames }, () => random.integer(32) - 9);
    const kernel = await createCutPatches(device.gpu);
    const pairCount = Math.ceil(frames / 2);
    const first = movie.slice(0, slabs[0] * width * height);
    const second = movie.slice(slabs[0] * width * height);
    const found = await device.run(
      { first, second, corners, window, pairs: 2 * items * pairCount * side * side },
      "pairs",
      (encoder, { first, second, corners, window, pairs }) => {
        const common = { corners, window, pairs, width, height, side, items, frames };
        kernel.encode(encoder, { ...common, slab: first, firstFrame: 0, slabFrames: slabs[0] });
        if (slabs.length > 1)
          kernel.encode(encoder, {
            ...{ ...common, slab: second, firstFrame: slabs[0], slabFrames: slabs[1] },
          });
      },
    );
    const expected = new Float64Array(found.length);
    for (let p = 0; p < items; p++)
      for (let t = 0; t < frames; t++)
        for (let y = 0; y < side; y++)
          for (let x = 0; x < side; x++) {
            const u = corners[2 * (p * frames + t)] + x;
            const v = corners[2 * (p * frames + t) + 1] + y;
            const inside = u >= 0 && v >= 0 && u < width && v < height;
            const b = p * pairCount + (t >> 1);
            expected[2 * ((y * items * pairCount + b) * side + x) + (t % 2)] = inside
              ? window[y] * window[x] * movie[(t * height + v) * width + u]
              : 0;
          }
    // Two products.
    expect(found).toBeAllclose(expected, { rtol: 2e-7 });
  });
});
