import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import {
  cubicSplinePrefilter,
  cubicSplineResponse,
  cubicSplineWeights,
  mirrorIndex,
} from "./cubicSpline.ts";

/** The spline of coefficients c at integer places, mirrored at the edges. */
function sample(c: Float32Array, width: number, height: number): Float32Array {
  const w = cubicSplineWeights(0);
  const out = new Float32Array(c.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let j = -1; j <= 2; j++)
        for (let i = -1; i <= 2; i++)
          sum +=
            w[j + 1] * w[i + 1] * c[mirrorIndex(y + j, height) * width + mirrorIndex(x + i, width)];
      out[y * width + x] = sum;
    }
  return out;
}

describe("cubicSplinePrefilter", () => {
  for (const [width, height] of [
    [1, 1],
    [2, 1],
    [3, 5],
    [97, 71],
    [130, 64],
  ])
    it(`gives coefficients whose spline passes through the samples (${width} × ${height})`, () => {
      const random = createRandom(3);
      const image = Float32Array.from({ length: width * height }, () => random.uniform());
      const c = image.slice();
      cubicSplinePrefilter(c, width, height);
      // Coefficients are rounded to 24 bits once per axis.
      expect(sample(c, width, height)).toBeAllclose(image, { atol: 2e-6 });
    });

  it("divides a cosine by the response of the sampled spline", () => {
    // cos(2πf(x + ½)) with f = k/(2n) is its own mirror image, so the closed form holds to the edge.
    const width = 64;
    const frequency = 20 / 128;
    const image = Float32Array.from({ length: width * 3 }, (_, i) =>
      Math.cos(2 * Math.PI * frequency * ((i % width) + 0.5)),
    );
    const expected = image.map((v) => v / cubicSplineResponse(frequency));
    cubicSplinePrefilter(image, width, 3);
    expect(image).toBeAllclose(expected, { atol: 1e-6 });
  });

  it("has weights that sum to one and reproduce a straight line", () => {
    for (const f of [0, 0.1, 0.5, 0.99]) {
      const w = cubicSplineWeights(f);
      expect(w[0] + w[1] + w[2] + w[3]).toBeCloseTo(1, 14);
      expect(-w[0] + w[2] + 2 * w[3]).toBeCloseTo(f, 14);
    }
  });
});
