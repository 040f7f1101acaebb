import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import { planRepair, repairedValues } from "./repairPixels.ts";

describe("repair of bad pixels", () => {
  const width = 40;
  const height = 30;
  const random = createRandom(2);
  const frame = Uint8Array.from({ length: width * height }, () => 2 + random.uniform() * 6);
  const gain = Float32Array.from({ length: width * height }, () => 1 + 0.1 * random.uniform());
  const bad = new Uint8Array(width * height);
  bad[0] = 1;
  bad[5 * width + 7] = 1;
  for (let y = 0; y < height; y++) for (let x = 20; x < 25; x++) bad[y * width + x] = 1;
  const plan = planRepair(bad, width, height);

  it("takes the value of a good pixel nearby, another one in another frame", () => {
    const a = repairedValues(plan, frame, gain, 3, -1);
    const b = repairedValues(plan, frame, gain, 4, -1);
    expect(a).not.toEqual(b);
    plan.bad.forEach((p, n) => {
      const x = p % width;
      const y = Math.floor(p / width);
      const near: number[] = [];
      for (let v = Math.max(0, y - 4); v <= Math.min(height - 1, y + 4); v++)
        for (let u = Math.max(0, x - 4); u <= Math.min(width - 1, x + 4); u++)
          if (bad[v * width + u] === 0)
            near.push(Math.fround(frame[v * width + u] * gain[v * width + u]));
      expect(near).toContain(a[n]);
      expect(plan.start[n + 1] - plan.start[n]).toBeGreaterThanOrEqual(7);
    });
    expect(repairedValues(plan, frame, gain, 3, -1)).toEqual(a);
  });

  it("falls back where nothing good is near", () => {
    const all = planRepair(new Uint8Array(9).fill(1), 3, 3);
    expect(Array.from(repairedValues(all, new Uint8Array(9), new Float32Array(9), 0, 2.5))).toEqual(
      new Array(9).fill(2.5),
    );
  });
});
