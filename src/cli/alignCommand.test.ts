import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createCpuBackend } from "#src/compute/cpuBackend.ts";
import { readRelionMovieStar, readXmippShifts } from "#src/formats/motion/readMotion.ts";
import type { MotionJson } from "#src/formats/motion/motionJson.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { parseStar } from "#src/formats/star/parseStar.ts";
import { findTable, textColumn } from "#src/formats/star/starTable.ts";
import { createRandom } from "#src/math/random.ts";
import { openInlinePool } from "#src/testing/backends.ts";
import { alignCommand } from "./alignCommand.ts";
import { runCommand } from "#src/testing/runCommand.ts";

// The command's own pool needs its built worker file; the same jobs run in this thread here.
vi.mock("./openBackend.ts", () => ({
  openBackend: () => Promise.resolve(createCpuBackend(openInlinePool())),
}));

const folder = mkdtempSync(join(tmpdir(), "cryoloupe-align-"));
afterAll(() => rmSync(folder, { recursive: true }));

const [width, height, T] = [193, 160, 6];
/** Displacement of frame t, px. */
const truth = Array.from({ length: T }, (_, t) => [0.9 * t, -0.5 * t]);

const run = (files: readonly string[], options: Readonly<Record<string, string>>) =>
  runCommand(alignCommand, files, options);

interface AlignJson {
  readonly movies: readonly {
    readonly file: string;
    readonly globalShifts: readonly (readonly [number, number])[];
    readonly localRmsPx: number;
    readonly seconds: number;
    readonly flags: readonly string[];
    readonly files: readonly string[];
  }[];
  readonly failures: readonly { readonly file: string; readonly code: string }[];
}

const movie = join(folder, "movie.mrcs");
const broken = join(folder, "broken.mrcs");

beforeAll(async () => {
  const random = createRandom(77);
  const waves = Array.from({ length: 60 }, () => [
    0.3 * (2 * random.uniform() - 1),
    0.3 * (2 * random.uniform() - 1),
    7 * random.uniform(),
  ]);
  const scene = (x: number, y: number): number =>
    waves.reduce((s, [u, v, p]) => s + 1.5 * Math.cos(2 * Math.PI * (u * x + v * y) + p), 100);
  const frames = truth.map(([dx, dy]) =>
    Float32Array.from(
      { length: width * height },
      (_, i) => scene((i % width) - dx, Math.floor(i / width) - dy) + 3 * random.normal(),
    ),
  );
  const options = { width, height, sampleType: "float32", pixelSizeA: 1.1 } as const;
  const bytes = await encodeMrc(frames, options);
  writeFileSync(movie, bytes);
  writeFileSync(broken, bytes.subarray(0, 5000));
});

describe("align", () => {
  it("writes every file of a movie, and the others' failures do not stop it", async () => {
    const out = join(folder, "out");
    const result = await run([broken, movie], {
      out,
      patches: "none",
      dose: "1.5",
      "even-odd": "",
      "aligned-movie": "",
      "sum-frames": "2-5",
    });
    expect(result.failed).toBe(true);
    const json = result.json as unknown as AlignJson;
    expect(json.failures).toMatchObject([{ file: broken }]);
    const [aligned] = json.movies;
    aligned.globalShifts.forEach(([x, y], t) => {
      // Sixty waves of three times the noise: a hundredth of a pixel is easily found.
      expect(Math.hypot(x - truth[t][0], y - truth[t][1])).toBeLessThan(0.1);
    });
    expect(aligned.localRmsPx).toBe(0);
    expect(readdirSync(out).sort()).toEqual(
      [
        "corrected_micrographs.star",
        "movie.star",
        "movie_EVN.mrc",
        "movie_ODD.mrc",
        "movie_aligned.mrc",
        "movie_aligned.mrcs",
        "movie_aligned_DW.mrc",
        "movie_motion.json",
        "movie_psd.mrc",
        "movie_psd_after.mrc",
        "movie_psd_before.mrc",
        "movie_psd_radial.csv",
        "movie_psd_reading.mrcs",
        "movie_shifts.csv",
        "movie_shifts.svg",
        "movie_shifts.xmd",
      ].sort(),
    );
    const text = (name: string): string => readFileSync(join(out, name), "utf8");
    const motion = JSON.parse(text("movie_motion.json")) as MotionJson;
    expect(motion).toMatchObject({ version: 1, width, height, frames: T, referenceFrame: 0 });
    expect(motion.dx[5][0][0]).toBeCloseTo(truth[5][0], 1);
    // RELION and Xmipp hold the correction: minus the displacement.
    const star = readRelionMovieStar(text("movie.star"), "movie.star");
    expect(star.shiftX[5]).toBeCloseTo(-truth[5][0], 1);
    const xmd = readXmippShifts(text("movie_shifts.xmd"), "movie_shifts.xmd");
    expect(xmd.frames[5].y).toBeCloseTo(-truth[5][1], 1);
    const table = findTable(parseStar(text("corrected_micrographs.star"), "c"), "micrographs")!;
    expect(textColumn(table, "rlnMicrographName")).toEqual([join(out, "movie_aligned_DW.mrc")]);
    expect(result.said).toContain("MiB of");
  });

  it("takes two frames or one, with a sentence instead of a failure", async () => {
    const one = await run([movie], { out: join(folder, "one"), frames: "3", "no-psd": "" });
    const json = one.json as unknown as AlignJson;
    expect(json.movies[0].globalShifts).toEqual([[0, 0]]);
    expect(json.movies[0].flags.join(" ")).toContain("One frame only");
    expect(json.movies[0].files).not.toContain("movie_psd.mrc");
  });

  it("aligns as FlexAlign does on request, and tells what it took", async () => {
    const out = join(folder, "parity");
    const result = await run([movie], {
      out,
      parity: "xmipp",
      patches: "none",
      "max-resolution": "12",
      "no-psd": "",
    });
    const { movies } = result.json as unknown as AlignJson;
    expect(movies[0]).toMatchObject({ chosen: { estimator: "FlexAlign (CPU program)" } });
    const xmd = readXmippShifts(readFileSync(join(out, "movie_shifts.xmd"), "utf8"), "x");
    const r = xmd.referenceFrame;
    // Along x the middle frame is the least far from all others; of 2 and 3 the first.
    expect(r).toBe(2);
    xmd.frames.forEach(({ x, y }, t) => {
      // The drift goes by whole and half reduced pixels (1.77 px): centres of mass are that coarse.
      expect(Math.abs(x - (truth[r][0] - truth[t][0]))).toBeLessThan(0.5);
      expect(Math.abs(y - (truth[r][1] - truth[t][1]))).toBeLessThan(0.5);
    });
  });

  it("refuses arguments that make no sense, each in one sentence", async () => {
    const out = join(folder, "refused");
    const refusals: readonly (readonly [Record<string, string>, string])[] = [
      [{ patches: "3" }, "--patches is written XxY"],
      [{ "control-points": "2x4x4" }, "at least 3"],
      [{ bin: "0.5" }, "--bin needs a number of at least 1"],
      [{ dose: "1", kv: "120" }, "not for 120 kV"],
      [{ sum: "", mean: "" }, "Choose one of --sum and --mean"],
      [{ parity: "other" }, "--parity is xmipp"],
      [{ parity: "xmipp", "reference-frame": "2" }, "FlexAlign chooses its reference frame"],
      [{ "patch-overlap": "1" }, "--patch-overlap is 0 to 0.9"],
      [{ "patch-overlap": "0.4", patches: "5x5" }, "leave it or --patches out"],
      [{ "gain-rot": "5" }, "--gain-rot is 0, 1, 2 or 3"],
    ];
    for (const [options, message] of refusals)
      await expect(run([movie], { out, ...options })).rejects.toThrow(message);
    const range = await run([movie], { out, frames: "2-9" });
    expect(range.failed).toBe(true);
    expect(range.said).toContain("has frames 1 to 6");
    const sum = await run([movie], { out, frames: "2-4", "sum-frames": "1-4" });
    expect(sum.said).toContain("Choose --sum-frames inside --frames");
  });
});
