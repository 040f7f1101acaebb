import { readFileSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toFailure } from "#src/domain/errors.ts";
import { convertMovie } from "#src/cli/convertCommand.ts";
import { openNodeFile } from "#src/cli/nodeByteSource.ts";
import { jobDefinitions } from "#src/compute/jobs.ts";
import { createInlinePort, createWorkerPool } from "#src/compute/workerPool.ts";
import { sharedPath } from "#src/testing/sharedData.ts";
import { decodeFrame } from "./decodeFrame.ts";
import { openMovie } from "./openMovie.ts";

/** What independent readers (libtiff, mrcfile, hyperspy) find, by file name. */
interface Expectation {
  readonly expect: "read" | "refuse" | "either";
  readonly shape?: readonly number[];
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  readonly sum?: number;
  /** In file order. */
  readonly first?: readonly number[];
  readonly last?: readonly number[];
}

const folder = sharedPath("data");

describe.skipIf(folder === null)("real files", () => {
  const base = folder ?? "";
  const expectations =
    folder === null
      ? {}
      : (JSON.parse(readFileSync(join(base, "expected.json"), "utf8")) as Record<
          string,
          Expectation
        >);
  const paths = new Map<string, string>();
  if (folder !== null)
    for (const entry of readdirSync(base, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) paths.set(entry.name, join(entry.parentPath, entry.name));

  let out = "";
  const pool = createWorkerPool(() => createInlinePort(jobDefinitions), 1);
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), "cryoloupe-expected-"));
  });
  afterAll(async () => {
    pool.dispose();
    await rm(out, { recursive: true });
  });

  /** Converts a file to MRC; returns the pixels of the result and what the command says. */
  async function convert(path: string) {
    const target = join(out, "out.mrc");
    const source = await openNodeFile(path);
    const reader = await openMovie(source).catch(async (error: unknown) => {
      await source.close?.();
      throw error;
    });
    let said: Record<string, unknown>;
    try {
      const request = { pool, inputs: [path], frames: undefined, sum: false, say: () => undefined };
      said = await convertMovie(reader, target, request);
    } finally {
      await reader.close();
    }
    const written = await openMovie(await openNodeFile(target));
    const { width, height, frames } = written.header;
    const values = new Float64Array(width * height * frames);
    for (let i = 0; i < frames; i++)
      values.set(await decodeFrame(await written.readEncoded(i)), i * width * height);
    await written.close();
    return { said, values, width, height, frames, flipped: reader.header.format === "tiff" };
  }

  /** Values in the order of the file: rows of TIFF frames are turned back. */
  function fileOrder(result: Awaited<ReturnType<typeof convert>>): Float64Array {
    const { values, width, height, frames, flipped } = result;
    if (!flipped) return values;
    const back = new Float64Array(values.length);
    for (let f = 0; f < frames; f++)
      for (let y = 0; y < height; y++) {
        const from = (f * height + height - 1 - y) * width;
        back.set(values.subarray(from, from + width), (f * height + y) * width);
      }
    return back;
  }

  // The 4096² files are tried below, frame by frame.
  const large = new Set(["movie.eer", "Gatan_float32_zero_array_001.dm4.gz"]);
  for (const [name, expected] of Object.entries(expectations)) {
    if (large.has(name)) continue;
    it(`${expected.expect}: ${name}`, async () => {
      const outcome = await convert(paths.get(name) ?? name).catch((error: unknown) => error);
      if (outcome instanceof Error) {
        expect(outcome.name).toBe("CryoloupeError");
        expect(toFailure(outcome).code).not.toBe("internal");
        expect(outcome.message).toContain(name);
        expect(expected.expect).not.toBe("read");
        return;
      }
      const result = outcome as Awaited<ReturnType<typeof convert>>;
      expect(expected.expect).not.toBe("refuse");
      if (expected.shape === undefined) return;
      const shape = [result.frames, result.height, result.width];
      expect(shape).toEqual(expected.shape.length === 2 ? [1, ...expected.shape] : expected.shape);
      const values = fileOrder(result);
      let sum = 0;
      for (const value of values) sum += value;
      // float32 holds seven digits; the sums of the oracle were taken in double, too.
      const close = { rtol: 1e-6, atol: 1e-9 };
      const { min, max, mean } = result.said as Record<"min" | "max" | "mean", number>;
      if (expected.min !== undefined) expect([min]).toBeAllclose([expected.min], close);
      if (expected.max !== undefined) expect([max]).toBeAllclose([expected.max], close);
      if (expected.mean !== undefined) expect([mean]).toBeAllclose([expected.mean], close);
      expect([mean]).toBeAllclose([sum / values.length], { rtol: 1e-9, atol: 1e-9 });
      if (expected.sum !== undefined) expect(sum).toBe(expected.sum);
      const { first, last } = expected;
      // Some of these are listed with six digits.
      const listed = { rtol: 4e-6, atol: 1e-9 };
      if (first !== undefined) expect(values.subarray(0, first.length)).toBeAllclose(first, listed);
      if (last !== undefined) expect(values.subarray(-last.length)).toBeAllclose(last, listed);
    });
  }

  it("eer-4096: 24 raw frames, 494143 electrons in the first, each ending at its last pixel", async () => {
    const reader = await openMovie(await openNodeFile(paths.get("movie.eer") ?? ""));
    expect(reader.header).toMatchObject({ width: 4096, height: 4096, frames: 24 });
    expect(reader.header.eer).toMatchObject({ rawFrames: 24, leftover: 0, groupSize: 1 });
    let electrons = 0;
    for (const count of await decodeFrame(await reader.readEncoded(0))) electrons += count;
    expect(electrons).toBe(494_143);
    // A frame that does not end at its last pixel is refused by the decoder.
    for (let i = 1; i < 24; i++)
      expect((await decodeFrame(await reader.readEncoded(i))).length).toBe(4096 * 4096);
    await reader.close();
  });

  it("eer-4096 at 8k holds the same electrons in finer places", async () => {
    const source = await openNodeFile(paths.get("movie.eer") ?? "");
    const reader = await openMovie(source, { eer: { groupSize: 1, upsampling: 2 } });
    const fine = await decodeFrame(await reader.readEncoded(3));
    const coarse = await openMovie(source, { eer: { groupSize: 1 } });
    const sum = await decodeFrame(await coarse.readEncoded(3));
    let differences = 0;
    for (let y = 0; y < 4096; y++)
      for (let x = 0; x < 4096; x++) {
        const i = 2 * y * 8192 + 2 * x;
        const four = fine[i] + fine[i + 1] + fine[i + 8192] + fine[i + 8193];
        if (four !== sum[y * 4096 + x]) differences++;
      }
    expect(differences).toBe(0);
    await reader.close();
  });

  it("opens a DM4 inside gzip", async () => {
    const path = paths.get("Gatan_float32_zero_array_001.dm4.gz") ?? "";
    const reader = await openMovie(await openNodeFile(path));
    expect(reader.header).toMatchObject({ format: "dm4", width: 4096, height: 4096, frames: 1 });
    const pixels = await decodeFrame(await reader.readEncoded(0));
    expect(pixels.every((value) => value === 0)).toBe(true);
  });
});
