import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComputeBackend } from "#src/compute/backend.ts";
import type { Float32Pixels, MovieReader } from "#src/domain/movie.ts";
import { bin2 } from "#src/math/gainPattern.ts";
import { applyPose, canonicalPose, inversePose, samePose } from "#src/math/pose.ts";
import type { Pose } from "#src/math/pose.ts";
import { BOARD_POSES } from "#src/math/poseDecision.ts";
import { createRandom } from "#src/math/random.ts";
import { testBackends } from "#src/testing/backends.ts";
import { memoryMovie } from "#src/testing/memoryMovie.ts";
import { orientGain } from "./orientGain.ts";
import type { OrientReference } from "./orientGain.ts";

const size = 192;

/** Pixels of 3 %, rows and columns of 2 %, a plane: the simulator's gain of lines. */
function gainOf(seed: number, width = size, height = size): Float32Pixels {
  const random = createRandom(seed);
  const columns = Float64Array.from({ length: width }, () => 1 + 0.02 * random.normal());
  const rows = Float64Array.from({ length: height }, () => 1 + 0.02 * random.normal());
  return Float32Array.from(
    { length: width * height },
    (_, i) =>
      (1 + 0.03 * random.normal()) *
      columns[i % width] *
      rows[Math.floor(i / width)] *
      (1 + 0.05 * ((i % width) / width - 0.5)),
  );
}

/** Poisson counts of a drifting wavy scene, times the gain, in 32 units per electron. */
function movieOf(gain: Float32Pixels, counts: number, seed: number, frames = 8): MovieReader {
  const random = createRandom(seed);
  const images = Array.from({ length: frames }, (_, t) =>
    Uint16Array.from({ length: size * size }, (_v, i) => {
      const x = (i % size) + 2.3 * t;
      const y = Math.floor(i / size) - 1.1 * t;
      const scene = 1 + 0.15 * Math.sin(x / 7) * Math.cos(y / 9);
      return Math.round(32 * gain[i] * random.poisson((counts / frames) * scene));
    }),
  );
  return memoryMovie(images, size, size, {}, "movie.mrcs");
}

function reference(values: Float32Pixels, width = size, height = size): OrientReference {
  return { name: "ref.mrc", values, width, height, bad: null };
}

/** A multiplicative reference that has to be put into `pose` to fit. */
function posedReference(gain: Float32Pixels, pose: Pose, inverted = false): OrientReference {
  const c = inverted ? gain : gain.map((g) => 1 / g);
  return reference(applyPose(c, size, size, inversePose(pose)).data);
}

const gain = gainOf(1);

describe.each(testBackends)("orientation on $name", ({ name, open }) => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await open();
  });
  afterAll(() => backend.dispose());

  // Expected z ≈ 0.9 · 0.03 · √(100 · 192²) = 52 at 100 counts, 16 at 10 (recipe §6).
  const cases = BOARD_POSES.flatMap((pose) =>
    [false, true].map((inverted) => ({ pose, inverted })),
  );
  it.each(name === "cpu" ? cases : cases.slice(5, 8))(
    "finds $pose.rotation90 turns, $pose.flip, inverted $inverted",
    async ({ pose, inverted }) => {
      const movie = movieOf(gain, 100, 7);
      const found = await orientGain([movie], posedReference(gain, pose, inverted), { backend });
      expect(found.confident).toBe(true);
      expect(found.best).not.toBeNull();
      expect(samePose(found.best!, pose)).toBe(true);
      expect(found.best!.inverted).toBe(inverted);
      expect(found.candidates).toHaveLength(16);
      expect(found.best!.score).toBeGreaterThan(35);
      expect(Math.abs(Math.abs(found.slope!) - 1)).toBeLessThan(0.15);
    },
  );
});

describe("orientation", () => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await testBackends[0].open();
  });
  afterAll(() => backend.dispose());
  const pose: Pose = { rotation90: 1, flip: "left-right" };
  const rightAnswer = posedReference(gain, pose);
  const run = (movies: MovieReader[], ref: OrientReference) => orientGain(movies, ref, { backend });

  it("is certain at 10 counts a pixel, and says how many movies it lacks at 0.5", async () => {
    expect((await run([movieOf(gain, 10, 3)], rightAnswer)).confident).toBe(true);
    const dark = await run([movieOf(gain, 0.5, 3)], rightAnswer);
    expect(dark.confident).toBe(false);
    expect(dark.moviesNeeded).toBeGreaterThan(0);
  });

  it("combines movies until it is certain, and stops there", async () => {
    const movies = Array.from({ length: 8 }, (_, m) => movieOf(gain, 0.7, 20 + m));
    const one = await run(movies.slice(0, 1), rightAnswer);
    const all = await run(movies, rightAnswer);
    expect(one.confident).toBe(false);
    expect(all.confident).toBe(true);
    expect(samePose(all.best!, pose)).toBe(true);
    expect(all.movies.length).toBeLessThan(8);
  });

  it("is not certain of a foreign reference", async () => {
    const found = await run([movieOf(gain, 100, 7)], posedReference(gainOf(99), pose));
    expect(found.confident).toBe(false);
    expect(found.findings[0]).toContain("No pose stands out");
  });

  it("says flat of a flat reference and size of a wrong size", async () => {
    const movie = movieOf(gain, 100, 7);
    const flat = await run([movie], reference(new Float32Array(size * size).fill(1)));
    expect(flat.findings[0]).toContain("flat");
    const small = await run([movie], reference(gainOf(1, 100, 90), 100, 90));
    expect(small.findings[0]).toContain("100 × 90 px");
    expect(small.candidates.every((c) => c.score === null && c.reason !== null)).toBe(true);
  });

  it("says that the reference is shifted by a row", async () => {
    const c = gain.map((g) => 1 / g);
    const shifted = new Float32Array(c.length);
    shifted.set(c.subarray(0, c.length - size), size);
    shifted.set(c.subarray(c.length - size), 0);
    const found = await run([movieOf(gain, 100, 7)], reference(shifted));
    expect(found.confident).toBe(false);
    expect(found.displacement).toMatchObject({ x: 0, y: -1 });
    expect(found.findings[0]).toContain("displaced by (0, -1) px");
  });

  it("adapts references of twice and of half the size", async () => {
    const movie = movieOf(gain, 100, 7);
    const c = gain.map((g) => 1 / g);
    const double = new Float32Array(4 * c.length);
    for (let i = 0; i < double.length; i++) {
      const [x, y] = [i % (2 * size), Math.floor(i / (2 * size))];
      double[i] = c[(y >> 1) * size + (x >> 1)];
    }
    const twice = await run([movie], reference(double, 2 * size, 2 * size));
    expect(twice.confident && samePose(twice.best!, canonicalPose(BOARD_POSES[0]))).toBe(true);
    expect(twice.findings.join(" ")).toContain("binned by 2");
    const half = bin2(c, size, size);
    const found = await run([movie], reference(half.data, half.width, half.height));
    expect(found.confident && found.best!.rotation90 === 0).toBe(true);
  });

  it("sees that a movie is corrected already, or was corrected in the wrong pose", async () => {
    const flat = movieOf(new Float32Array(size * size).fill(1), 100, 7);
    expect((await run([flat], rightAnswer)).confident).toBe(false);
    const c = gain.map((g) => 1 / g);
    const turned = applyPose(c, size, size, { rotation90: 2, flip: "none" }).data;
    const wrong = await run(
      [
        movieOf(
          gain.map((g, i) => g * turned[i]),
          100,
          7,
        ),
      ],
      reference(c),
    );
    expect(wrong.confident).toBe(false);
    expect(wrong.findings[0]).toContain("wrong pose");
  });
});
