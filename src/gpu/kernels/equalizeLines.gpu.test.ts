import { describe, expect, it } from "vitest";
import { createReference, lastOfRanks, meanOverRanks } from "#src/math/quantiles.ts";
import { createRandom } from "#src/math/random.ts";
import { useTestDevice } from "#src/testing/gpu.ts";
import { normalFloats, sortEach } from "#src/testing/kernelLines.ts";
import { createEqualizeLines } from "./equalizeLines.ts";
import { createQuantileReferences } from "./quantileReferences.ts";

const MASKED = Math.fround(3e38);

describe("equalizeLines on the device", () => {
  const device = useTestDevice();

  it.each([
    { lines: 1, length: 1, own: false, last: false, transposed: false },
    { lines: 5, length: 37, own: false, last: false, transposed: true },
    { lines: 9, length: 300, own: true, last: false, transposed: false },
    { lines: 4, length: 64, own: true, last: true, transposed: true },
    { lines: 1100, length: 12, own: false, last: true, transposed: false },
  ])("$lines of $length, own $own, last $last", async (given) => {
    const { lines, length, own, last, transposed } = given;
    const random = createRandom(length);
    // Integers, so that there are ties; some pixels left out.
    const values = Float32Array.from({ length: lines * length }, () => random.integer(6));
    for (let k = 0; k < lines && length > 2; k += 2) values[k * length + (k % length)] = MASKED;
    const sorted = sortEach(values.slice(), length);
    const good = Uint32Array.from({ length: lines }, (_, j) => {
      const line = values.subarray(j * length, (j + 1) * length);
      return line.reduce((n, v) => n + (v === MASKED ? 0 : 1), 0);
    });
    const count = own ? lines : 1;
    const references = sortEach(normalFloats(count * length, 8), length);
    const before = normalFloats(values.length, 9);
    const equalizer = await createEqualizeLines(device.gpu);
    const quantiles = await createQuantileReferences(device.gpu);
    const found = await device.run(
      { values, sorted, good, references, sums: count * (length + 1), result: before },
      "result",
      (encoder, b) => {
        quantiles.encodeSums(encoder, { ...b, lines: count, length });
        equalizer.encode(encoder, {
          ...{ ...b, lines, length, ownReference: own, lastTie: last, transposed },
        });
      },
    );
    const expected = Float64Array.from(before);
    for (let j = 0; j < lines; j++) {
      const at = own ? j * length : 0;
      const reference = createReference(Float64Array.from(references.subarray(at, at + length)));
      for (let i = 0; i < length; i++) {
        const value = values[j * length + i];
        if (value === MASKED) continue;
        const line = sorted.subarray(j * length, j * length + good[j]);
        const from = line.filter((v) => v < value).length;
        const to = line.filter((v) => v <= value).length;
        expected[transposed ? i * lines + j : j * length + i] += last
          ? lastOfRanks(reference, to, good[j])
          : meanOverRanks(reference, from, to, good[j]);
      }
    }
    // Differences of sums in fixed point (prefixQuantiles), and one sum in single precision.
    expect(found).toBeAllclose(expected, { atol: 3e-6 });
  });
});
