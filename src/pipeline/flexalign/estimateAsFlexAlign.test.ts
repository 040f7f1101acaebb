import { describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import type { MovieReader } from "#src/domain/movie.ts";
import { defaultMotionOptions } from "#src/domain/motion.ts";
import type { MotionEstimate, MotionOptions } from "#src/domain/motion.ts";
import { memorySource } from "#src/formats/memorySource.ts";
import { openMovie } from "#src/formats/openMovie.ts";
import { HALF_AMPLITUDE_SIGMA } from "#src/math/flexalign/correlationSize.ts";
import { createRandom } from "#src/math/random.ts";
import { memoryMovie } from "#src/testing/memoryMovie.ts";
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

const [width, height] = [96, 84];
const random = createRandom(31);
const image = Float32Array.from({ length: width * height }, () => 10 + random.normal());
/** Half the size: 2 px of the frame are one of the reduced image (the CPU program rounds sizes down, the GPU program up). */
const half = {
  none: 16 * HALF_AMPLITUDE_SIGMA * (1 - 1e-9),
  auto: 16 * HALF_AMPLITUDE_SIGMA * (1 + 1e-9),
};

/** The image moved cyclically by each frame's whole displacement. */
function rolled(track: readonly (readonly [number, number])[], blank = -1): MovieReader {
  const frames = track.map(([dx, dy], t) => {
    const frame = new Float32Array(width * height);
    if (t === blank) return frame.fill(3);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        frame[((y + dy + height) % height) * width + ((x + dx + width) % width)] =
          image[y * width + x];
    return frame;
  });
  return memoryMovie(frames, width, height);
}

const track = [
  [0, 0],
  [2, -4],
  [4, -4],
  [8, -6],
  [10, -10],
] as const;

describe("FlexAlign's global estimate", () => {
  for (const [which, { name }] of testBackends.entries())
    for (const patches of ["none", "auto"] as const)
      it(`is exact for whole reduced pixels, ${patches === "none" ? "CPU" : "GPU"} program on ${name}`, async () => {
        const { field, quality } = await run(
          rolled(track),
          { maxResolutionA: half[patches], patches },
          which === 0 ? 0 : 1,
        );
        // No frame is further than 6 px along x from frame 2; from every other one some are.
        expect(field.referenceFrame).toBe(2);
        track.forEach(([x, y], t) => {
          expect(field.globalX[t]).toBeCloseTo(x - 4, 2);
          expect(field.globalY[t]).toBeCloseTo(y + 4, 2);
        });
        expect(quality.expectedErrorPx).toBeNaN();
        expect(quality.fallbackReason).toContain(
          patches === "none" ? "not asked for" : "do not fit",
        );
      });

  it("multiplies by the gain and takes the dark away, as the program does", async () => {
    const movie = rolled(track);
    const { header } = movie;
    const backend = await testBackends[0].open();
    const dark = Float32Array.from(
      { length: width * height },
      (_, i) => 20 * Math.sin(((i % width) * 2 * Math.PI) / 48),
    );
    const correction = Float32Array.from({ length: width * height }, (_, i) => 1 + (i % 5) / 10);
    const recorded = memoryMovie(
      track.map(([dx, dy]) => {
        const clean = new Float32Array(width * height);
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++)
            clean[((y + dy + height) % height) * width + ((x + dx) % width)] = image[y * width + x];
        return clean.map((v, i) => v / correction[i] + dark[i]);
      }),
      width,
      height,
    );
    const gain = { width, height, correction, bad: new Uint8Array(width * height) };
    const options: MotionOptions = {
      ...defaultMotionOptions(header.frames, 1),
      parity: true,
      patches: "none",
      maxResolutionA: half.none,
    };
    const corrected = await estimateMotion(recorded, { gain, dark }, options, { backend });
    expect(corrected.field.globalX[4]).toBeCloseTo(6, 2);
    const raw = await estimateMotion(recorded, none, options, { backend });
    expect(Math.abs(raw.field.globalX[4] - 6)).toBeGreaterThan(1);
    await backend.dispose();
  });

  it("bridges blank frames, takes one frame and blank movies, each with its sentence", async () => {
    const given = { maxResolutionA: half.none, patches: "none" } as const;
    const bridged = await run(rolled(track, 2), given);
    expect(bridged.quality.flags.join()).toContain("Blank: frame 3");
    expect(bridged.field.globalX[2] - bridged.field.globalX[1]).toBeCloseTo(3, 2);
    const one = await run(rolled(track), { ...given, lastFrame: 0 });
    expect(one.quality.fallbackReason).toContain("One frame only");
    const blank = memoryMovie(
      [0, 1, 2].map(() => new Float32Array(width * height).fill(5)),
      width,
      height,
    );
    expect((await run(blank, given)).quality.fallbackReason).toContain("The frames are blank");
    const limited = await run(rolled(track), { ...given, maxShiftA: 8 });
    expect(limited.quality.flags.join()).toContain("applies to every pair of frames");
    await expect(run(rolled(track), { ...given, maxResolutionA: 5 })).rejects.toThrow(
      "has to be above 6.8 Å, not 5 Å",
    );
  });
});
