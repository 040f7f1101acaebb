import { describe, expect, it } from "vitest";
import { relativeError, useTestDevice } from "#src/testing/gpu.ts";
import { normalFloats } from "#src/testing/kernelLines.ts";
import { createFftChirp } from "./fftChirp.ts";

describe("fftChirp on the device", () => {
  const device = useTestDevice();

  it.each(
    ([0, 1, 2] as const).flatMap((stage) => [false, true].map((inverse) => ({ stage, inverse }))),
  )("stage $stage, inverse $inverse", async ({ stage, inverse }) => {
    const [n, m, batch, scale] = [11, 24, 5, 0.25];
    const factor = normalFloats(2 * m, 1);
    for (const columns of [false, true]) {
      const data = normalFloats(2 * n * batch, 2);
      const work = normalFloats(2 * m * batch, 3);
      const [batchStride, elementStride] = columns ? [1, batch] : [n, 1];
      const [workBatchStride, workElementStride] = columns ? [1, batch] : [m, 1];
      const kernel = await createFftChirp(device.gpu);
      const found = await device.run(
        { data, work, factor },
        stage === 2 ? "data" : "work",
        (encoder, b) =>
          kernel.encode(encoder, {
            ...{ ...b, stage, batch, firstBatch: 0, batchStride, elementStride, n, m },
            ...{ workBatchStride, workElementStride, inverse, scale },
          }),
      );
      const expected = Float64Array.from(stage === 2 ? data : work);
      for (let b = 0; b < batch; b++)
        for (let k = 0; k < (stage === 2 ? n : m); k++) {
          const inData = 2 * (b * batchStride + k * elementStride);
          const inWork = 2 * (b * workBatchStride + k * workElementStride);
          const [fr, fi] = [factor[2 * k], factor[2 * k + 1]];
          const times = (re: number, im: number) => [re * fr - im * fi, re * fi + im * fr] as const;
          if (stage === 0) {
            const [re, im] = inverse
              ? [data[inData + 1], data[inData]]
              : [data[inData], data[inData + 1]];
            [expected[inWork], expected[inWork + 1]] = k < n ? times(re, im) : [0, 0];
          } else if (stage === 1)
            [expected[inWork], expected[inWork + 1]] = times(work[inWork], work[inWork + 1]);
          else {
            const [re, im] = times(work[inWork], work[inWork + 1]);
            expected[inData] = scale * (inverse ? im : re);
            expected[inData + 1] = scale * (inverse ? re : im);
          }
        }
      expect(relativeError(found, expected)).toBeLessThan(3e-7);
    }
  });
});
