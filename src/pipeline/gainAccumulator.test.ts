import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComputeBackend } from "#src/compute/backend.ts";
import { DEFAULT_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import type { GainEstimate } from "#src/domain/gainEstimate.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { testBackends } from "#src/testing/backends.ts";
import { combineGains, estimateGain } from "./estimateGain.ts";
import { createGainAccumulator } from "./gainAccumulator.ts";

const parameters = { ...DEFAULT_GAIN_PARAMETERS, iterations: 2 };

describe("adding up estimates one by one", () => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await testBackends[0].open();
  });
  afterAll(() => backend.dispose());
  const estimate = (movieIndex: number, width = 96): Promise<GainEstimate> => {
    const movie = createSimulatedMovie({ width, height: 80, frames: 6, movieIndex });
    const reader = movie.reader(`movie_${movieIndex}.mrcs`);
    return estimateGain(reader, null, parameters, { backend }, { keepSums: true });
  };

  it("gives what all at once give, and holds one set of sums", async () => {
    const sum = createGainAccumulator();
    expect(sum.finish(parameters)).toBeNull();
    const all: GainEstimate[] = [];
    for (let m = 0; m < 3; m++) {
      all.push(await estimate(m));
      const again = await estimate(m);
      const marked = again.gain.bad.slice();
      sum.add(again);
      expect(again.gain.bad).toEqual(marked);
    }
    const [one, other] = [sum.finish(parameters), combineGains(all, parameters)];
    expect(one?.gain).toEqual(other.gain);
    expect(one?.counts).toEqual(other.counts);
    expect(one?.noiseFloor).toBe(other.noiseFloor);
    expect(one?.verdict).toEqual(other.verdict);
    expect(sum.names).toEqual(["movie_0", "movie_1", "movie_2"]);
  });

  it("refuses a movie of another size", async () => {
    const sum = createGainAccumulator();
    sum.add(await estimate(0));
    const other = await estimate(1, 64);
    expect(() => sum.add(other)).toThrow("64 × 80 px");
  });
});
