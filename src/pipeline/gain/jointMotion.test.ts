import { afterAll, describe, expect, it } from "vitest";
import { createCpuBackend } from "#src/compute/cpuBackend.ts";
import { DEFAULT_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { openInlinePool } from "#src/testing/backends.ts";
import { estimateGain, estimateJointGain } from "../estimateGain.ts";

const SMALL_SESSION = {
  width: 256,
  height: 256,
  frames: 8,
  electronsPerFrame: 12,
  seed: 401,
  gain: "lines",
} as const;

describe("several movies by the method that follows the motion", () => {
  const backend = createCpuBackend(openInlinePool(1));
  afterAll(() => backend.dispose());

  it("uses the motion that estimates of each have found", async () => {
    const movies = [1, 2].map((movieIndex) =>
      createSimulatedMovie({ ...SMALL_SESSION, movieIndex }),
    );
    const parameters = { ...DEFAULT_GAIN_PARAMETERS, method: "motion" as const };
    const readers = movies.map((m, i) => m.reader(`movie${i}.mrcs`));
    const steps: string[] = [];
    const context = {
      backend,
      onProgress: ({ step }: { readonly step: string }) => steps.push(step),
    };
    const single = await estimateGain(readers[0], null, parameters, context);
    expect(single.motion?.field.frameIndices).toHaveLength(SMALL_SESSION.frames);
    expect(steps.some((s) => s.startsWith("Correlating"))).toBe(true);
    steps.length = 0;
    // The truth stands in for what an estimate of the second movie would have found.
    const known = { field: movies[1].truth.motion, expectedErrorPx: 0 };
    const joint = await estimateJointGain(readers, null, parameters, context, [
      single.motion,
      known,
    ]);
    expect(steps.some((s) => s.startsWith("Correlating"))).toBe(false);
    expect(joint.chosen.filter((c) => c.includes("the specimen moves"))).toHaveLength(2);
    expect(joint.parts?.columns).toHaveLength(SMALL_SESSION.width);
  });
});
