import { describe, expect, it } from "vitest";
import { DEFAULT_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import { scoreGain } from "#src/simulation/gainScore.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { testBackends } from "#src/testing/backends.ts";
import { estimateJointGain } from "../estimateGain.ts";

async function estimateOf(driftPx: number, gain: "lines" | "flat") {
  const backend = await testBackends[0].open();
  const movie = createSimulatedMovie({
    ...{ width: 320, height: 320, frames: 10, electronsPerFrame: 20, seed: 5, gain },
    ...{ deadPixels: 0, hotPixels: 0, pixelSizeA: 1 },
    ...{ driftPx, localPx: driftPx / 3, jitterPx: driftPx / 10 },
  });
  const estimate = await estimateJointGain(
    [movie.reader("movie.mrcs", { keep: true })],
    null,
    { ...DEFAULT_GAIN_PARAMETERS, method: "motion" },
    { backend },
    [{ field: movie.truth.motion, expectedErrorPx: 0.05 }],
  );
  await backend.dispose();
  const { structure, parts } = estimate;
  if (structure === null) throw new Error("The method must tell its parts.");
  const pixels = structure.parts.find((p) => p.name === "pixels");
  return {
    structure,
    pixels: { deviation: pixels?.deviation ?? NaN, share: pixels?.share ?? NaN },
    caution: estimate.cautions.find((c) => c.code === "not-separable"),
    score: scoreGain(estimate.gain, parts, [movie]),
  };
}

describe("a specimen that hardly moves", () => {
  it("is said not to be separable, with its drift, and invents no gain", async () => {
    const still = await estimateOf(0.3, "flat");
    const { driftPx, expectedError } = still.structure;
    expect(driftPx).toBeLessThan(1);
    expect(still.caution?.text).toContain(`drifts by ${(driftPx ?? NaN).toFixed(1)} px`);
    expect(still.caution?.text).toContain(`known to ${(100 * expectedError).toFixed(1)} %`);
    // The specimen has a standard deviation of 15 %: of a flat detector next to nothing may be told, and
    // the error that is stated holds what is.
    expect(still.pixels.deviation).toBe(0);
    expect(still.score.error).toBeLessThan(0.02);
    expect(still.score.error / expectedError).toBeLessThan(1.5);
  });

  it("leaves less to be known than one that moves, and says how much less", async () => {
    const still = await estimateOf(0.3, "lines");
    const moving = await estimateOf(10, "lines");
    expect(moving.caution).toBeUndefined();
    expect(still.caution).toBeDefined();
    expect(still.pixels.share).toBe(0);
    expect(moving.pixels.share).toBeGreaterThan(0.1);
    expect(still.score.error).toBeGreaterThan(moving.score.error);
    for (const { score, structure } of [still, moving]) {
      expect(score.error / structure.expectedError).toBeGreaterThan(1 / 1.5);
      expect(score.error / structure.expectedError).toBeLessThan(1.5);
    }
  });
});
