import { describe, expect, it } from "vitest";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { testBackends } from "#src/testing/backends.ts";
import { benchStages } from "./benchStages.ts";

describe.each(testBackends)("bench on $name", ({ open }) => {
  it("times primitives and steps with what they handled", async () => {
    const backend = await open();
    const movie = createSimulatedMovie({ width: 64, height: 48, frames: 4 }).reader("small");
    const wanted = benchStages.filter(({ name }) => /512 × 512|decode/.test(name));
    expect(wanted).toHaveLength(3);
    const lines = [];
    for (const stage of wanted) lines.push(...(await stage.run({ movie }, { backend })));
    expect(lines.map(({ bytes }) => bytes)).toEqual([
      512 * 512 * 4,
      64 * 48 * 4 * 2,
      64 * 48 * 4 * 2,
    ]);
    for (const { seconds, megapixels, bytes, name } of lines) {
      expect(seconds).toBeGreaterThan(0);
      expect(megapixels).toBe(bytes / (name.includes("512") ? 4 : 2) / 1e6);
    }
    await backend.dispose();
  });

  it("names every stage once", () => {
    expect(new Set(benchStages.map(({ name }) => name)).size).toBe(benchStages.length);
  });
});
