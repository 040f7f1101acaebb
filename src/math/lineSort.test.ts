import { describe, expect, it } from "vitest";
import { createLineSorter } from "./lineSort.ts";
import { createRandom } from "./random.ts";

describe("sorting of lines", () => {
  const random = createRandom(4);
  for (const precise of [false, true])
    it(`orders ${precise ? "double" : "single"} values of every sign and size, ties in order`, () => {
      for (const length of [1, 2, 7, 300, 5000]) {
        const values = precise ? new Float64Array(length) : new Float32Array(length);
        for (let i = 0; i < length; i++) {
          const pick = random.integer(4);
          if (pick > 1) values[i] = random.normal() * 10 ** (random.integer(40) - 20);
          else if (pick === 1) values[i] = random.integer(5);
        }
        const sorter = createLineSorter(length, precise);
        sorter.sort(values, length);
        expect([...sorter.sorted]).toEqual([...values].sort((a, b) => a - b));
        const seen = new Set(sorter.order);
        expect(seen.size).toBe(length);
        for (let r = 0; r < length; r++) {
          expect(values[sorter.order[r]]).toBe(sorter.sorted[r]);
          if (r > 0 && sorter.sorted[r] === sorter.sorted[r - 1])
            expect(sorter.order[r]).toBeGreaterThan(sorter.order[r - 1]);
        }
      }
    });

  it("sorts fewer values than it has room for, and lines beyond 65536", () => {
    const sorter = createLineSorter(70000, false);
    const values = Float32Array.from({ length: 70000 }, () => random.uniform());
    sorter.sort(values, 70000);
    expect(sorter.sorted[0]).toBe(
      Math.min(...values.subarray(0, 35000), ...values.subarray(35000)),
    );
    sorter.sort(Float32Array.of(3, 1, 2, -5), 3);
    expect([...sorter.sorted.subarray(0, 3)]).toEqual([1, 2, 3]);
    expect([...sorter.order.subarray(0, 3)]).toEqual([1, 2, 0]);
  });
});
