import { describe, expect, it } from "vitest";
import { denoiseScale } from "#src/math/preprocess/denoise.ts";
import { TV_SMOOTHING, TV_WEIGHT } from "#src/math/preprocess/denoiseBand.ts";
import { createRandom } from "#src/math/random.ts";
import { relativeError, useTestDevice } from "#src/testing/gpu.ts";
import { addStepSums, createDenoiseGradient } from "./denoiseGradient.ts";
import { SWEEP_PIXELS } from "./denoiseTrial.ts";

describe("denoiseGradient on the device", () => {
  const device = useTestDevice();

  it.each([
    [3, 3],
    [37, 23],
    [257, 19],
  ])("is the derivative of the functional, %i × %i", async (width, height) => {
    const random = createRandom(width);
    const count = width * height;
    const floats = (f: () => number) => Float32Array.from({ length: count }, f);
    const trial = floats(() => random.uniform());
    const estimate = trial.map((v) => v + 0.1 * random.normal());
    const gradient = floats(() => random.normal());
    const data = floats(() => 0.5 + 0.5 * random.uniform());
    const scale = denoiseScale({ min: 0, max: 1, mean: 0.5, std: 0.3 })!;
    const kernel = await createDenoiseGradient(device.gpu);
    const partials = 4 * Math.ceil(count / SWEEP_PIXELS);
    const run = (result: "next" | "partials") =>
      device.run({ trial, estimate, data, gradient, next: count, partials }, result, (encoder, b) =>
        kernel.encode(encoder, { ...b, width, height, scale }),
      );
    // d/dX of ½(2√(k2·X + k1) − Y)² and of the three roots in which a pixel takes part.
    const at = (x: number, y: number): number =>
      trial[((y + height) % height) * width + ((x + width) % width)];
    const root = (x: number, y: number): number =>
      Math.sqrt(
        (at(x + 1, y) - at(x, y)) ** 2 + (at(x, y + 1) - at(x, y)) ** 2 + TV_SMOOTHING ** 2,
      );
    const expected = Float64Array.from(trial, (v, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      const argument = scale.k2 * v + scale.k1;
      const fidelity = (2 * Math.sqrt(argument) - data[i]) * (scale.k2 / Math.sqrt(argument));
      const own = (2 * v - at(x + 1, y) - at(x, y + 1)) / root(x, y);
      const left = (v - at(x - 1, y)) / root(x - 1, y);
      const up = (v - at(x, y - 1)) / root(x, y - 1);
      return fidelity + TV_WEIGHT * (own + left + up);
    });
    const next = await run("next");
    expect(relativeError(next, expected)).toBeLessThan(1e-6);
    const sums = addStepSums(await run("partials"));
    const delta = Array.from(trial, (v, i) => Math.fround(v - estimate[i]));
    const dot = (f: (i: number) => number): number =>
      delta.reduce((total, d, i) => total + d * f(i), 0);
    // Sums of products of size 0.1 in single precision.
    expect(Math.abs(sums.curvature - dot((i) => expected[i] - gradient[i]))).toBeLessThan(
      1e-6 * count,
    );
    expect(Math.abs(sums.squares - dot((i) => delta[i]))).toBeLessThan(1e-6 * count);
    expect(sums.largest).toBe(Math.max(...delta));
  });
});
