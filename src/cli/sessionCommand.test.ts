import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createCpuBackend } from "#src/compute/cpuBackend.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { openImage } from "#src/formats/reference/openImage.ts";
import { parseStar } from "#src/formats/star/parseStar.ts";
import { findTable, textColumn } from "#src/formats/star/starTable.ts";
import { compareGains } from "#src/math/compareGains.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { openInlinePool } from "#src/testing/backends.ts";
import { tiffStack } from "#src/testing/files/tiffStack.ts";
import type { CommandResult } from "./command.ts";
import { openNodeFile } from "./nodeByteSource.ts";
import { optionLookup } from "./optionContext.ts";
import { sessionCommand } from "./sessionCommand.ts";

// Worker threads need the built command; jobs run in this thread instead.
vi.mock("./openBackend.ts", () => ({
  openBackend: () => Promise.resolve(createCpuBackend(openInlinePool())),
}));

const folder = mkdtempSync(join(tmpdir(), "cryoloupe-session-"));
afterAll(() => rmSync(folder, { recursive: true }));

const pose = { rotation90: 1, flip: "upside-down", inverted: true } as const;
const movieOf = (movieIndex: number) =>
  createSimulatedMovie({
    width: 160,
    height: 160,
    frames: 6,
    electronsPerFrame: 8,
    seed: 11,
    movieIndex,
    camera: "integrating",
    gain: "lines",
    driftPx: 2,
    localPx: 0,
    referencePose: pose,
  });

async function writeMrc(
  path: string,
  frames: Parameters<typeof encodeMrc>[0],
  sampleType: "uint16" | "float32",
): Promise<void> {
  const size = { width: 160, height: 160, sampleType, pixelSizeA: 1.2, labels: [] };
  writeFileSync(path, await encodeMrc(frames, size));
}

async function run(
  directory: string,
  options: Readonly<Record<string, string>>,
): Promise<CommandResult & { readonly said: string }> {
  const said: string[] = [];
  const result = await sessionCommand.run({
    files: [directory],
    ...optionLookup(new Map(Object.entries(options))),
    backendChoice: "cpu",
    say: (line) => void said.push(line),
    signal: new AbortController().signal,
  });
  return { ...result, said: said.join("\n") };
}

const parameterFile = (name: string, value: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
};

describe("cryoloupe session", () => {
  const movies = join(folder, "movies");
  beforeAll(async () => {
    mkdirSync(movies);
    for (let m = 0; m < 4; m++) {
      const simulated = movieOf(m);
      const frames = Array.from(
        { length: simulated.options.frames },
        (_, t) => simulated.frame(t) as Uint16Array<ArrayBuffer>,
      );
      // Natural order: movie_10 comes after movie_2.
      await writeMrc(join(movies, `movie_${[1, 2, 10, 11][m]}.mrcs`), frames, "uint16");
    }
    writeFileSync(join(movies, "movie_3.mrcs"), "this is no movie");
    writeFileSync(join(movies, "notes.txt"), "session of a test");
    await writeMrc(join(movies, "gain_ref.mrc"), [movieOf(0).reference().values], "float32");
  });

  it("orients, estimates, checks the residual and aligns; a broken movie stops nothing", async () => {
    const out = join(folder, "with");
    const parameters = parameterFile("with.json", {
      gain: "movies/gain_ref.mrc",
      movieStep: 2,
      align: { patches: "none" },
    });
    const { json, failed } = await run(movies, { parameters, out });
    expect(failed).toBe(true);
    expect(json.failures).toMatchObject([{ movie: "movie_3.mrcs" }]);
    expect(json.movies).toBe(4);
    expect(json.selected).toEqual(["movie_1.mrcs", "movie_10.mrcs"]);
    expect(json.orientation).toMatchObject({ confident: true, inverted: true });
    expect(json.finalGain).toMatchObject({ source: "oriented", pose, normalised: true });
    expect(json.residuals).toHaveLength(2);
    for (const file of [
      "gain/oriented_gain.mrc",
      "gain/final_gain.json",
      "gain/combined_gain.mrc",
      "gain/movie_1_gain.mrc",
      "gain/movie_10_residual_gain.mrc",
      "gain/summary.txt",
      "aligned/movie_2_aligned.mrc",
      "aligned/movie_11_psd_after.mrc",
      "aligned/corrected_micrographs.star",
      "movies.xmd",
      "session.json",
    ])
      expect(existsSync(join(out, file)), file).toBe(true);

    const image = await openImage(await openNodeFile(join(out, "gain", "final_gain.mrc")));
    const { gain } = movieOf(0).truth;
    const truth = { values: gain.correction, bad: gain.bad };
    const { r2 } = compareGains({ values: image.pixels, bad: gain.bad }, truth);
    expect(r2).toBeGreaterThan(0.98);

    const star = parseStar(readFileSync(join(out, "movies.star"), "utf8"), "movies.star");
    const table = findTable(star, "movies");
    expect(table && textColumn(table, "rlnMicrographMovieName")).toHaveLength(4);
    const assigned = table === undefined ? [] : textColumn(table, "rlnMicrographGainName");
    expect(new Set(assigned)).toEqual(new Set([join(out, "gain", "final_gain.mrc")]));
    expect(readFileSync(join(out, "movies.xmd"), "utf8")).toContain("_movie");
  });

  it("writes gain and table in both orders of rows for TIFF movies", async () => {
    const [width, height] = [160, 128];
    const tiffs = join(folder, "tiffs");
    mkdirSync(tiffs);
    const simulated = (movieIndex: number) =>
      createSimulatedMovie({
        ...{ width, height, frames: 4, electronsPerFrame: 15, seed: 21, movieIndex, driftPx: 2 },
        referencePose: { rotation90: 0, flip: "none", inverted: false },
      });
    for (let m = 0; m < 2; m++) {
      const frames = Array.from({ length: 4 }, (_, t) => Uint16Array.from(simulated(m).frame(t)));
      writeFileSync(join(tiffs, `movie_${m + 1}.tif`), tiffStack(frames, width, height));
    }
    const reference = join(folder, "gain_ref.tif");
    writeFileSync(reference, tiffStack([simulated(0).reference().values], width, height));
    const out = join(folder, "from tiffs");
    const parameters = parameterFile("tiff.json", { gain: "gain_ref.tif", align: false });
    const before = readFileSync(reference);
    const { json } = await run(tiffs, { parameters, out });
    // Both are turned over on reading, so the reference fits as it is.
    expect(json.finalGain).toMatchObject({
      source: "oriented",
      pose: { rotation90: 0, flip: "none", inverted: false },
    });
    expect(readFileSync(reference).equals(before)).toBe(true);
    const gains = join(out, "gain");
    const [read, stored] = await Promise.all(
      ["final_gain.mrc", "final_gain_rows_as_stored.mrc"].map(async (name) =>
        openImage(await openNodeFile(join(gains, name))),
      ),
    );
    const { gain } = simulated(0).truth;
    const truth = { values: gain.correction, bad: gain.bad };
    expect(compareGains({ values: read.pixels, bad: gain.bad }, truth).r2).toBeGreaterThan(0.98);
    for (let y = 0; y < height; y += 7)
      expect(stored.pixels.slice(y * width, (y + 1) * width)).toEqual(
        read.pixels.slice((height - 1 - y) * width, (height - y) * width),
      );
    const textOf = (name: string): string => readFileSync(join(out, name), "utf8");
    expect(textOf("movies.star")).toContain(join(gains, "final_gain.mrc"));
    expect(textOf("movies.xmd")).toContain(join(gains, "final_gain.mrc"));
    expect(textOf("movies_xmipp_rows.xmd")).toContain(join(gains, "final_gain_rows_as_stored.mrc"));
    expect(textOf("gain/final_gain.json")).toContain("TIFF rows reversed");
  });

  it("writes the original's oriented gain in parity, and gives it to the movies", async () => {
    const out = join(folder, "as xmipp");
    const one = join(folder, "one movie");
    mkdirSync(one);
    const lined = createSimulatedMovie({
      ...{ width: 96, height: 96, frames: 6, electronsPerFrame: 60, seed: 5, driftPx: 1 },
      referencePose: { rotation90: 1, flip: "none", inverted: false },
    });
    const size = { width: 96, height: 96, pixelSizeA: 1.2, labels: [] };
    const frames = Array.from({ length: 6 }, (_, t) => Uint16Array.from(lined.frame(t)));
    writeFileSync(
      join(one, "movie.mrcs"),
      await encodeMrc(frames, { ...size, sampleType: "uint16" }),
    );
    const values = lined.reference().values.map((v) => 2 * v);
    writeFileSync(
      join(folder, "lined.mrc"),
      await encodeMrc([values], { ...size, sampleType: "float32" }),
    );
    const parameters = parameterFile("xmipp.json", {
      gain: "lined.mrc",
      align: false,
      gainOptions: { parity: "xmipp" },
    });
    const { json } = await run(one, { parameters, out });
    expect(json.finalGain).toMatchObject({ source: "oriented", pose: { rotation90: 1 } });
    const [oriented, final] = await Promise.all(
      ["oriented_gain.mrc", "final_gain.mrc"].map(async (name) =>
        openImage(await openNodeFile(join(out, "gain", name))),
      ),
    );
    // The original keeps the scale of the file and fills what is below 0.01; the final one has mean 1.
    expect(oriented.pixels.every((v) => v >= 0.01)).toBe(true);
    const mean = oriented.pixels.reduce((a, b) => a + b, 0) / oriented.pixels.length;
    expect(Math.abs(mean - 2)).toBeLessThan(0.02);
    for (let i = 0; i < 96 * 96; i += 101)
      expect(final.pixels[i] * mean).toBeCloseTo(oriented.pixels[i], 4);
  });

  it("goes without a reference by the estimate, and refuses switches that need one", async () => {
    const out = join(folder, "without");
    const parameters = parameterFile("without.json", { align: false });
    const { json, said } = await run(movies, { parameters, out, "movie-step": "4" });
    // The reference is a single image, not a movie.
    expect(json.skipped).toContain("gain_ref.mrc");
    expect(json.finalGain).toMatchObject({ source: "estimated", pose: null });
    expect(said).toContain("Orientation is off");
    expect(json.align).toBeNull();

    const asked = parameterFile("asked.json", { orientation: true });
    await expect(run(movies, { parameters: asked, out })).rejects.toThrow("cannot be on");
    const typo = parameterFile("typo.json", { align: { dosage: 1 } });
    await expect(run(movies, { parameters: typo, out })).rejects.toThrow('no option "dosage"');
  });
});
