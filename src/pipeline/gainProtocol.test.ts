import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComputeBackend } from "#src/compute/backend.ts";
import type { Float32Pixels, MovieReader } from "#src/domain/movie.ts";
import { DEFAULT_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import type { GainEstimate } from "#src/domain/gainEstimate.ts";
import {
  DEFAULT_SWITCHES,
  effectiveSwitches,
  GAIN_SWITCHES,
  switchRefusal,
} from "#src/domain/gainProtocol.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { createRandom } from "#src/math/random.ts";
import { applyPose, inversePose, samePose } from "#src/math/pose.ts";
import type { Pose } from "#src/math/pose.ts";
import { stabilityOf } from "./gainProtocol.ts";
import { testBackends } from "#src/testing/backends.ts";
import { memoryMovie } from "#src/testing/memoryMovie.ts";
import { chooseFinalGain, reverseGainRows } from "./finalGain.ts";
import { runGainProtocol, selectByStep } from "./gainProtocol.ts";
import type { GainProtocolRequest } from "./gainProtocol.ts";
import { orientAsXmipp } from "./orientAsXmipp.ts";
import type { OrientReference } from "./orientGain.ts";

const size = 128;

/** Pixels of 3 %, rows and columns of `lines`. */
function gainOf(seed: number, lines = 0.02): Float32Pixels {
  const random = createRandom(seed);
  const columns = Float64Array.from({ length: size }, () => 1 + lines * random.normal());
  const rows = Float64Array.from({ length: size }, () => 1 + lines * random.normal());
  return Float32Array.from(
    { length: size * size },
    (_, i) => (1 + 0.03 * random.normal()) * columns[i % size] * rows[Math.floor(i / size)],
  );
}

/** 400 counts a pixel of a flat specimen in 8 frames, times the gain. */
function movieOf(gain: Float32Pixels, seed: number, name: string): MovieReader {
  const random = createRandom(seed);
  const frames = Array.from({ length: 8 }, () =>
    Uint16Array.from({ length: size * size }, (_v, i) =>
      Math.round(32 * gain[i] * random.poisson(50)),
    ),
  );
  return memoryMovie(frames, size, size, { unitsPerElectron: 32 }, name);
}

const gain = gainOf(1);
const correction = gain.map((g) => 1 / g);
const asSession = (readers: readonly MovieReader[]): GainProtocolRequest["movies"] =>
  readers.map((reader) => ({ name: reader.name, open: () => Promise.resolve(reader) }));
const reference = (values: Float32Pixels): OrientReference => ({
  name: "ref.mrc",
  width: size,
  height: size,
  values,
  bad: null,
});

describe("switches of the protocol", () => {
  it("are refused with the reason where they need a reference", () => {
    const off = effectiveSwitches(DEFAULT_SWITCHES, false);
    expect(off).toEqual({ estimate: true, orientation: false, residual: true, normalise: false });
    const nothing = { ...DEFAULT_SWITCHES, estimate: false };
    expect(switchRefusal("residual", nothing, false)).toContain("neither a reference nor");
    for (const name of GAIN_SWITCHES)
      expect(switchRefusal(name, DEFAULT_SWITCHES, true)).toBeNull();
  });

  it("select positions 1, 251, 501 … of the movies", () => {
    expect(selectByStep(600, 250)).toEqual([0, 250, 500]);
    expect(selectByStep(250, 250)).toEqual([0]);
  });
});

describe("final gain", () => {
  const base = {
    reference: null,
    orientation: null,
    estimated: null,
    estimatedFrom: [],
    width: size,
    height: size,
  };
  const scaled = reference(correction.map((c) => 3 * c));

  it("keeps the reference's scale unless normalised, and never touches it", () => {
    const before = scaled.values.slice();
    const asItIs = chooseFinalGain({ ...base, reference: scaled }, false);
    const normalised = chooseFinalGain({ ...base, reference: scaled }, true);
    expect(scaled.values).toEqual(before);
    for (let i = 0; i < size; i += 17)
      expect(asItIs?.gain.correction[i]).toBeCloseTo(scaled.values[i], 4);
    const mean = (normalised?.gain.correction.reduce((a, b) => a + b, 0) ?? 0) / size ** 2;
    expect(mean).toBeCloseTo(1, 5);
    expect(normalised?.provenance).toMatchObject({ source: "external", normalised: true });
    expect(normalised?.provenance.meanBefore).toBeCloseTo(3, 1);
  });

  it("says so when there is none, and why a reference of another size cannot be it", () => {
    expect(chooseFinalGain(base, true)).toBeNull();
    const small = { ...scaled, width: 64, height: 256 };
    expect(() => chooseFinalGain({ ...base, reference: small }, true)).toThrow("64 × 256 px");
  });

  it("turns rows over for programs that read TIFF rows as they are stored", () => {
    const image = Float32Array.from({ length: 6 }, (_, i) => i + 1);
    const bad = new Uint8Array(6);
    bad[0] = 1;
    const turned = reverseGainRows({ width: 2, height: 3, correction: image, bad });
    expect(Array.from(turned.correction)).toEqual([5, 6, 3, 4, 1, 2]);
    expect(Array.from(turned.bad)).toEqual([0, 0, 0, 0, 1, 0]);
  });
});

describe.each(testBackends)("the protocol on $name", ({ open }) => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await open();
  });
  afterAll(() => backend.dispose());
  const run = (
    readers: GainProtocolRequest["movies"],
    ref: OrientReference | null,
    change: Partial<GainProtocolRequest> = {},
  ) =>
    runGainProtocol(
      {
        movies: readers,
        movieStep: 1,
        reference: ref,
        switches: DEFAULT_SWITCHES,
        parameters: DEFAULT_GAIN_PARAMETERS,
        ...change,
      },
      { backend },
    );

  it("orients, applies and finds nothing left; a broken movie is named", async () => {
    const pose: Pose = { rotation90: 3, flip: "none" };
    const posed = applyPose(correction, size, size, inversePose(pose)).data;
    const broken = {
      name: "broken.mrcs",
      open: () => Promise.reject(new CryoloupeError("truncated-file", "It ends early.")),
    };
    const readers = [1, 2].map((m) => movieOf(gain, m, `movie${m}.mrcs`));
    const result = await run([broken, ...asSession(readers)], reference(posed));
    expect(result.failures).toHaveLength(1);
    expect(result.failures[0]).toMatchObject({ movie: "broken.mrcs", code: "truncated-file" });
    const { final, combined, residuals } = result;
    expect(final?.provenance.source).toBe("oriented");
    expect(final?.provenance.pose !== null && samePose(final!.provenance.pose, pose)).toBe(true);
    expect(combined?.counts.total).toBeCloseTo(800, -1);
    // The right pose leaves nothing: no warning; its lines of 2 % are gone. The pattern of single pixels is
    // counted in, and is known to about 0.007 from frames this small.
    expect(residuals.map((r) => r.verdict.answer)).not.toContain("warn");
    expect(Math.max(...residuals.map((r) => r.signalStd ?? 1))).toBeLessThan(0.01);
  });
});

describe("residual gain", () => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await testBackends[0].open();
  });
  afterAll(() => backend.dispose());
  const residuals = async (
    readers: readonly MovieReader[],
    ref: Float32Pixels,
    pose: Pose = { rotation90: 0, flip: "none" },
  ) => {
    const request: GainProtocolRequest = {
      movies: asSession(readers),
      movieStep: 1,
      reference: reference(ref),
      pose: { ...pose, inverted: false },
      switches: { ...DEFAULT_SWITCHES, orientation: false, estimate: false },
      parameters: DEFAULT_GAIN_PARAMETERS,
    };
    return await runGainProtocol(request, { backend });
  };

  it("does not warn in the right pose and warns in all seven wrong ones", async () => {
    // Lines of 4 %: what a wrong pose leaves, √2 · √2 · 4 % = 8 %, is twice the paper's limit of 0.04.
    const lined = gainOf(5, 0.04);
    const movie = movieOf(lined, 9, "movie.mrcs");
    const c = lined.map((g) => 1 / g);
    const answers: string[] = [];
    for (const rotation90 of [0, 1, 2, 3] as const)
      for (const flip of ["none", "upside-down"] as const) {
        const { residuals: left } = await residuals([movie], c, { rotation90, flip });
        answers.push(left[0].verdict.answer);
      }
    expect(answers[0]).not.toBe("warn");
    expect(answers.slice(1)).toEqual(new Array(7).fill("warn"));
  });

  it("leaves known bad pixels out of estimates, with a reference and without", async () => {
    const bad = new Uint8Array(size * size);
    for (let i = 0; i < 40; i++) bad[97 + 401 * i] = 1;
    const listed = 40;
    const readers = [1, 2].map((m) => movieOf(gain, 80 + m, `movie${m}.mrcs`));
    const seen: GainEstimate[] = [];
    const request = (ref: OrientReference | null, change: Partial<GainProtocolRequest>) =>
      runGainProtocol(
        {
          movies: asSession(readers),
          movieStep: 1,
          reference: ref,
          switches: { ...DEFAULT_SWITCHES, orientation: false, residual: false },
          parameters: DEFAULT_GAIN_PARAMETERS,
          ...change,
        },
        { backend },
        { onEstimate: (estimate) => Promise.resolve(void seen.push(estimate)) },
      );
    const alone = await request(null, {
      badPixels: () =>
        Promise.resolve({
          width: size,
          height: size,
          bad,
          correction: Float32Array.from(bad, (b) => 1 - b),
        }),
    });
    expect(alone.combined?.residual).toBe(false);
    // Turned with the reference that it belongs to.
    const pose: Pose = { rotation90: 1, flip: "none" };
    const turned = {
      ...reference(applyPose(correction, size, size, inversePose(pose)).data),
      bad: applyPose(bad, size, size, inversePose(pose)).data,
    };
    await request(turned, { pose: { ...pose, inverted: false } });
    expect(seen).toHaveLength(4);
    for (const { residual, gain: g, badSources } of seen) {
      expect(residual).toBe(false);
      expect(badSources?.reference).toBe(listed);
      expect(bad.every((b, i) => b === 0 || g.bad[i] === 1)).toBe(true);
    }
  });

  it("shows the drift of a camera over the acquisition, and none of a steady one", async () => {
    const random = createRandom(3);
    const columns = Float64Array.from({ length: size }, () => random.normal());
    // Columns change by 0.4 % a movie.
    const drifting = Array.from({ length: 8 }, (_, m) =>
      movieOf(
        gain.map((g, i) => g * (1 + 0.004 * m * columns[i % size])),
        40 + m,
        `movie${m + 1}.mrcs`,
      ),
    );
    const moved = await residuals(drifting, correction);
    expect(moved.stability.join(" ")).toContain("standard deviation rises over the acquisition");
    const figures = moved.residuals.map((r) => stabilityOf(r).std);
    expect(figures[7]).toBeGreaterThan(figures[0] + 0.01);
    const steady = Array.from({ length: 8 }, (_, m) => movieOf(gain, 60 + m, `movie${m + 1}.mrcs`));
    expect((await residuals(steady, correction)).stability).toEqual([]);
  });
});

describe.each(testBackends)("the original's search on $name", ({ open }) => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await open();
  });
  afterAll(() => backend.dispose());

  it.each([
    { rotation90: 0, flip: "none", inverted: false },
    { rotation90: 1, flip: "upside-down", inverted: false },
    { rotation90: 3, flip: "none", inverted: true },
  ] as const)("finds $rotation90 turns, $flip, inverted $inverted by the lines", async (pose) => {
    const source = pose.inverted ? gain : correction;
    const posed = applyPose(source, size, size, inversePose(pose)).data;
    const found = await orientAsXmipp(movieOf(gain, 4, "m.mrcs"), reference(posed), { backend });
    expect(found.best).not.toBeNull();
    expect(samePose(found.best!, pose)).toBe(true);
    expect(found.best!.inverted).toBe(pose.inverted);
    // The pixel of Xmipp's geometry is found and taken back, so the written gain is exact.
    expect(found.displacement).toBeNull();
    const written = found.oriented?.values ?? new Float32Array(0);
    for (let i = 0; i < size * size; i += 331) expect(written[i]).toBeCloseTo(correction[i], 5);
  });

  it("brings references of twice and half the size to the movie's first, and refuses others", async () => {
    const movie = movieOf(gain, 4, "m.mrcs");
    const pose: Pose = { rotation90: 1, flip: "none" };
    const posed = applyPose(correction, size, size, inversePose(pose)).data;
    const at = (scale: 2 | 0.5): OrientReference => {
      const side = size * scale;
      const step = 1 / scale;
      const values = Float32Array.from({ length: side * side }, (_, i) => {
        const [x, y] = [Math.floor(i % side), Math.floor(i / side)];
        return posed[Math.floor(y * step) * size + Math.floor(x * step)];
      });
      return { name: "ref.mrc", width: side, height: side, values, bad: null };
    };
    const double = await orientAsXmipp(movie, at(2), { backend });
    expect(samePose(double.best!, pose) && !double.best!.inverted).toBe(true);
    expect(double.findings.join(" ")).toContain("binned by 2");
    expect(double.oriented).toMatchObject({ width: size, height: size });
    for (let i = 0; i < size * size; i += 331)
      expect(double.oriented!.values[i]).toBeCloseTo(correction[i], 5);
    // Every second line is left of the pattern that the search sees: enough here.
    const half = await orientAsXmipp(movie, at(0.5), { backend });
    expect(samePose(half.best!, pose) && !half.best!.inverted).toBe(true);
    expect(half.findings.join(" ")).toContain("repeated 2 × 2");
    const other = { ...at(2), width: size * 4, height: size };
    await expect(orientAsXmipp(movie, other, { backend })).rejects.toThrow("512 × 128 px");
  });
});
