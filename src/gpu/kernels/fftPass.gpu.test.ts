import { describe, expect, it } from "vitest";
import { relativeError, useTestDevice } from "#src/testing/gpu.ts";
import { normalFloats } from "#src/testing/kernelLines.ts";
import { createFftPass } from "./fftPass.ts";

/** The formula of src/math/fftPasses.ts, term by term. */
function definition(
  radix: number,
  m: number,
  s: number,
  xr: Float64Array,
  xi: Float64Array,
): readonly [Float64Array, Float64Array] {
  const [yr, yi] = [new Float64Array(xr.length), new Float64Array(xr.length)];
  for (let p = 0; p < m; p++)
    for (let q = 0; q < s; q++)
      for (let j = 0; j < radix; j++)
        for (let k = 0; k < radix; k++) {
          // e^{−2πi·jk/r} · w^{p·j}, w = e^{−2πi/(r·m)}
          const angle = -2 * Math.PI * ((j * k) / radix + (p * j) / (radix * m));
          const from = q + s * (p + m * k);
          const into = q + s * (radix * p + j);
          yr[into] += xr[from] * Math.cos(angle) - xi[from] * Math.sin(angle);
          yi[into] += xr[from] * Math.sin(angle) + xi[from] * Math.cos(angle);
        }
  return [yr, yi];
}

describe("fftPass on the device", () => {
  const device = useTestDevice();

  it.each(
    ([2, 3, 4, 5, 7, 8] as const).flatMap((radix) =>
      [
        { m: 1, s: 1 },
        { m: 6, s: 1 },
        { m: 1, s: 5 },
        { m: 4, s: 6 },
      ].map((sizes) => ({ radix, ...sizes })),
    ),
  )("of radix $radix, m = $m, s = $s, is what its formula says", async ({ radix, m, s }) => {
    const n = radix * m * s;
    const batch = 3;
    const source = normalFloats(2 * n * batch, n);
    const roots = Float32Array.from({ length: 2 * n }, (_, i) => {
      const angle = (-2 * Math.PI * Math.floor(i / 2)) / n;
      return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
    });
    const kernel = await createFftPass(device.gpu, radix);
    for (const inverse of [false, true])
      for (const layout of [
        { batchStride: n, elementStride: 1 },
        { batchStride: 1, elementStride: batch },
      ]) {
        const { batchStride, elementStride } = layout;
        const found = await device.run(
          { source, roots, result: source.length },
          "result",
          (encoder, b) =>
            kernel.encode(encoder, {
              ...{ ...b, batch, firstBatch: 0, ...layout, n, s, inverse, scale: 0.5 },
            }),
        );
        const expected = new Float64Array(source.length);
        for (let b = 0; b < batch; b++) {
          const place = (e: number): number => 2 * (b * batchStride + e * elementStride);
          const part = (offset: number): Float64Array =>
            Float64Array.from({ length: n }, (_, e) => source[place(e) + offset]);
          // The inverse exchanges real and imaginary part, before and after.
          const [re, im] = inverse ? [part(1), part(0)] : [part(0), part(1)];
          const [yr, yi] = definition(radix, m, s, re, im);
          for (let e = 0; e < n; e++) {
            expected[place(e)] = 0.5 * (inverse ? yi[e] : yr[e]);
            expected[place(e) + 1] = 0.5 * (inverse ? yr[e] : yi[e]);
          }
        }
        expect(relativeError(found, expected)).toBeLessThan(3e-7);
      }
  });
});
