import { describe, expect, it } from "vitest";
import { denoiseScale } from "#src/math/preprocess/denoise.ts";
import { TV_SMOOTHING, TV_WEIGHT } from "#src/math/preprocess/denoiseBand.ts";
import { createRandom } from "#src/math/random.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { SWEEP_PIXELS, addTrialSums, createDenoiseTrial } from "./denoiseTrial.ts";

describe("denoiseTrial on the device", () => {
  const device = useTestDevice();

  it.each([
    [2, 2],
    [37, 23],
    [257, 19],
  ])("makes the trial of %i × %i and tells what it changes", async (width, height) => {
    const random = createRandom(width);
    const count = width * height;
    const floats = (f: () => number) => Float32Array.from({ length: count }, f);
    const estimate = floats(() => random.uniform());
    const gradient = floats(() => random.normal());
    const data = floats(() => 0.5 + 0.5 * random.uniform());
    const scale = denoiseScale({ min: 0, max: 1, mean: 0.5, std: 0.3 })!;
    const [theta, xi] = [0.2, 0.7];
    const kernel = await createDenoiseTrial(device.gpu);
    const partialCount = 2 * Math.ceil(count / SWEEP_PIXELS);
    const run = (result: "trial" | "partials") =>
      device.run(
        { estimate, gradient, data, trial: count, partials: partialCount },
        result,
        (encoder, b) => kernel.encode(encoder, { ...b, width, height, theta, xi, scale }),
      );
    const step = Float64Array.from(
      estimate,
      (x, i) => Math.min(1, Math.max(0, x - theta * gradient[i])) - x,
    );
    const trial = Float64Array.from(estimate, (x, i) => x + xi * step[i]);
    expect(await run("trial")).toBeAllclose(trial, { atol: 2e-7 });
    const energy = (image: ArrayLike<number>): number => {
      let sum = 0;
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const at = y * width + x;
          const dx = image[y * width + ((x + 1) % width)] - image[at];
          const dy = image[((y + 1) % height) * width + x] - image[at];
          const residual = 2 * Math.sqrt(scale.k2 * image[at] + scale.k1) - data[at];
          sum += 0.5 * residual ** 2 + TV_WEIGHT * Math.sqrt(dx * dx + dy * dy + TV_SMOOTHING ** 2);
        }
      return sum;
    };
    const sums = addTrialSums(await run("partials"));
    const slope = gradient.reduce((total, g, i) => total + g * step[i], 0);
    // Terms of size 1 in single precision; the change is a hundredth of them a pixel.
    expect(Math.abs(sums.slope - slope)).toBeLessThan(1e-6 * count);
    expect(Math.abs(sums.change - (energy(trial) - energy(estimate)))).toBeLessThan(1e-6 * count);
  });
});
