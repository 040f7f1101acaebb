import { describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import type { MovieReader } from "#src/domain/movie.ts";
import { defaultMotionOptions } from "#src/domain/motion.ts";
import type { MotionEstimate, MotionOptions } from "#src/domain/motion.ts";
import { memorySource } from "#src/formats/memorySource.ts";
import { openMovie } from "#src/formats/openMovie.ts";
import { globalShifts } from "#src/math/motionField.ts";
import { testBackends } from "#src/testing/backends.ts";
import { sharedPath } from "#src/testing/sharedData.ts";
import { estimateMotion } from "../estimateMotion.ts";
import reference from "./flexalignReference.json" with { type: "json" };

const none = { gain: null, dark: null };

async function run(
  movie: MovieReader,
  given: Partial<MotionOptions>,
  which: 0 | 1 = 0,
): Promise<MotionEstimate> {
  const { header } = movie;
  const backend = await testBackends[which].open();
  try {
    const options = { ...defaultMotionOptions(header.frames, header.pixelSizeA), parity: true };
    return await estimateMotion(movie, none, { ...options, ...given }, { backend });
  } finally {
    await backend.dispose();
  }
}

const recorded = sharedPath("reference/align/movie.mrcs");

describe.skipIf(recorded === null)("the movie that Xmipp 3.25.06 aligned", () => {
  for (const { maxResolutionA, referenceFrame, shifts } of reference.runs)
    it(`gives its shifts at ${maxResolutionA} Å`, async () => {
      const movie = await openMovie(memorySource("movie.mrcs", readFileSync(recorded ?? "")));
      const { field } = await run(movie, { pixelSizeA: 1.5, maxResolutionA, patches: "none" });
      expect(field.referenceFrame).toBe(referenceFrame);
      const found = globalShifts(field);
      // The program writes the correction; our spectra are in single precision (found: 1e-4 px).
      shifts.forEach(([x, y], t) => {
        expect(-found.x[t] - x).toBeCloseTo(0, 3);
        expect(-found.y[t] - y).toBeCloseTo(0, 3);
      });
    });
});
