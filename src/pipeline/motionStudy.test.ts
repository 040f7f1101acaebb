import { afterAll, describe, expect, it } from "vitest";
import { defaultMotionOptions } from "#src/domain/motion.ts";
import type { MotionOptions } from "#src/domain/motion.ts";
import { motionErrorPx } from "#src/simulation/score.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { STUDY_MOVIES } from "#src/simulation/studyMovies.ts";
import { testBackends } from "#src/testing/backends.ts";
import { estimateMotion } from "./estimateMotion.ts";

const rounds = Number(process.env.CRYOLOUPE_STUDY_ROUNDS ?? "0");
const words = (process.env.CRYOLOUPE_STUDY_WORDS ?? (rounds > 0 ? "" : "small:")).split(",");

/** All of them: node scripts/motionStudy.mjs; here the small ones. */
const movies = Array.from({ length: Math.max(1, rounds) }, (_, round) =>
  STUDY_MOVIES.filter(({ name }) => words.some((word) => name.includes(word))).map((movie) => ({
    name: round === 0 ? movie.name : `${movie.name}, round ${round + 1}`,
    gainGiven: movie.gainGiven === true,
    options: { ...movie.options, seed: movie.options.seed + 1000 * round },
  })),
).flat();

const table: string[] = [];

describe("motion of simulated movies", () => {
  afterAll(() => {
    if (table.length === 0) return;
    const heading = `${"movie".padEnd(44)} rms px  stated  ratio  global  control points`;
    console.info([heading, ...table].join("\n"));
  });

  it.each(movies)(
    "is found, and its error told, for $name",
    async ({ name, options, gainGiven }) => {
      const backend = await testBackends[0].open();
      const movie = createSimulatedMovie(options);
      const reader = movie.reader(name, { keep: true });
      const estimate = async (given: Partial<MotionOptions> = {}) => {
        const { frames, pixelSizeA } = movie.header;
        const { field, quality, chosen } = await estimateMotion(
          reader,
          { gain: gainGiven ? movie.truth.gain : null, dark: null },
          { ...defaultMotionOptions(frames, pixelSizeA), ...given },
          { backend },
        );
        const error = motionErrorPx(field, movie.truth.motion);
        const fallback = quality.fallbackReason;
        return { error, stated: quality.expectedErrorPx, points: chosen.controlPoints, fallback };
      };
      const { error, stated, points, fallback } = await estimate();
      const alone = options.localPx === 0 ? (await estimate({ patches: "none" })).error : null;
      await backend.dispose();
      const row = `${name.padEnd(44)}${error.toFixed(3).padStart(7)}${stated.toFixed(3).padStart(8)}${(stated / error).toFixed(2).padStart(7)}${(alone?.toFixed(3) ?? "").padStart(8)}  ${String(points ?? fallback)}`;
      if (rounds > 0) table.push(row);
      // Nothing is corrected, and it is said so: there is no error to be told.
      if (Number.isNaN(stated)) {
        expect(fallback).not.toBeNull();
        expect(options.electronsPerFrame).toBeLessThan(0.5);
        return;
      }
      expect(stated / error).toBeGreaterThan(0.5);
      expect(stated / error).toBeLessThan(2);
      if (alone !== null) expect(error).toBeLessThan(alone + 0.02);
    },
  );
});
