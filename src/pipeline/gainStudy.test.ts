import { describe, expect, it } from "vitest";
import { DEFAULT_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import type { KnownMotion } from "#src/domain/gainEstimate.ts";
import type { SimulationOptions } from "#src/simulation/simulationOptions.ts";
import { gainBounds, scoreGain } from "#src/simulation/gainScore.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { testBackends } from "#src/testing/backends.ts";
import { estimateJointGain } from "./estimateGain.ts";

/** A kind of movie on which the estimation of a gain that the specimen cannot fool is tried. */
interface GainStudy {
  readonly name: string;
  readonly movies: number;
  readonly electrons: number;
  readonly options: Partial<SimulationOptions> & { readonly frames: number };
  /** First of its seeds. */
  readonly seed: number;
  /** R² that is asked of it. */
  readonly least: number;
}

const square = (side: number) => ({ width: side, height: side });

const STUDIES: readonly GainStudy[] = [
  // What `npm test` runs: small, so the bounds are far and the figures scatter.
  {
    name: "small",
    movies: 1,
    electrons: 100,
    options: { ...square(320), frames: 8, gain: "lines" },
    seed: 1,
    least: 0.35,
  },
  {
    name: "first",
    movies: 1,
    electrons: 100,
    options: { ...square(1024), frames: 20, gain: "lines" },
    seed: 21,
    least: 0.52,
  },
  {
    name: "tiles72",
    movies: 1,
    electrons: 72,
    options: { ...square(1024), frames: 24, gain: "tiles" },
    seed: 21,
    least: 0.7,
  },
  {
    name: "tiles24",
    movies: 1,
    electrons: 24,
    options: { ...square(1024), frames: 24, gain: "tiles" },
    seed: 21,
    least: 0.72,
  },
  {
    name: "ten",
    movies: 10,
    electrons: 100,
    options: { ...square(1024), frames: 20, gain: "lines" },
    seed: 11,
    least: 0.72,
  },
  {
    name: "half-ten",
    movies: 10,
    electrons: 100,
    options: { ...square(512), frames: 12, gain: "lines" },
    seed: 11,
    least: 0.72,
  },
  {
    name: "half-lines",
    movies: 1,
    electrons: 100,
    options: { ...square(512), frames: 12, gain: "lines" },
    seed: 301,
    least: 0.5,
  },
  {
    name: "half-tiles",
    movies: 1,
    electrons: 72,
    options: { ...square(512), frames: 12, gain: "tiles" },
    seed: 321,
    least: 0.6,
  },
  {
    name: "still",
    movies: 1,
    electrons: 100,
    options: {
      ...{ ...square(512), frames: 12, gain: "lines" },
      ...{ driftPx: 0.3, localPx: 0.1, jitterPx: 0.03 },
    },
    seed: 331,
    least: 0,
  },
];

const number = (name: string, otherwise: number): number =>
  Number(process.env[`CRYOLOUPE_STUDY_${name}`] ?? otherwise);
const words = (process.env.CRYOLOUPE_STUDY_WORDS ?? "small").split(",");
const printed = process.env.CRYOLOUPE_STUDY_WORDS !== undefined;
const trueMotion = process.env.CRYOLOUPE_STUDY_MOTION === "true";

const cases = Array.from({ length: number("SEEDS", 1) }, (_, k) =>
  STUDIES.filter((study) => words.includes(study.name)).map((study) => ({
    study,
    name: study.name,
    seed: number("FROM", study.seed) + k,
  })),
).flat();

/** More of it: node scripts/gainStudy.mjs. */
describe("gain of simulated movies", () => {
  it.each(cases)("is found, and its error told, for $name, seed $seed", async ({ study, seed }) => {
    const { electrons, options } = study;
    const backend = await testBackends[0].open();
    const movies = Array.from({ length: study.movies }, (_, movieIndex) =>
      createSimulatedMovie({
        ...{ deadPixels: 3, hotPixels: 0, pixelSizeA: 1 },
        ...{ seed, movieIndex, electronsPerFrame: electrons / options.frames },
        ...options,
      }),
    );
    const readers = movies.map((m, k) => m.reader(`movie${k}.mrcs`, { keep: true }));
    const known = movies.map(({ truth }): KnownMotion | null =>
      trueMotion ? { field: truth.motion, expectedErrorPx: 0 } : null,
    );
    const cpu = process.cpuUsage().user;
    const estimate = await estimateJointGain(
      readers,
      null,
      { ...DEFAULT_GAIN_PARAMETERS, method: "motion" },
      { backend },
      known,
    );
    const seconds = (process.cpuUsage().user - cpu) / 1e6;
    await backend.dispose();
    const score = scoreGain(estimate.gain, estimate.parts, movies);
    const bounds = gainBounds(movies[0], electrons * study.movies);
    const { structure } = estimate;
    if (structure === null) throw new Error("The method must tell its parts.");
    const ratio = score.error / structure.expectedError;
    if (printed)
      console.info(
        [
          study.name.padEnd(10),
          String(seed).padStart(4),
          `R² ${score.r2.toFixed(3)} bound ${bounds.structure.toFixed(3)} (${bounds.lines.toFixed(3)}) of it ${(score.r2 / bounds.lines).toFixed(3)}`,
          `error ${score.error.toFixed(4)} stated ${structure.expectedError.toFixed(4)} ratio ${ratio.toFixed(2)}`,
          `specimen ${(100 * score.leak).toFixed(2)} % (${Object.entries(score.leaks)
            .map(([n, v]) => `${n} ${(100 * v).toFixed(2)}`)
            .join(", ")})`,
          `pixels ${structure.pixelPrior.toFixed(4)}`,
          `chips ${structure.chipColumns.length + 1} × ${structure.chipRows.length + 1}`,
          `drift ${(structure.driftPx ?? NaN).toFixed(1)} more ${String(structure.moviesForTwoPercent)}`,
          estimate.cautions.map((c) => c.code).join(" "),
          `${seconds.toFixed(0)} s`,
        ].join(" | "),
      );
    expect(score.r2).toBeGreaterThan(study.least);
    expect(ratio).toBeGreaterThan(1 / 1.5);
    expect(ratio).toBeLessThan(1.5);
    expect(Math.abs(score.leak)).toBeLessThan(study.movies === 1 ? 0.05 : 0.01);
  });
});
