import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { createCpuBackend } from "#src/compute/cpuBackend.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { parseStar } from "#src/formats/star/parseStar.ts";
import { findTable, numberColumn, textColumn } from "#src/formats/star/starTable.ts";
import { createRandom } from "#src/math/random.ts";
import { openInlinePool } from "#src/testing/backends.ts";
import { runCommand } from "#src/testing/runCommand.ts";
import { preprocessCommand } from "./preprocessCommand.ts";

// The command's own pool needs its built worker file; the same jobs run in this thread here.
vi.mock("./openBackend.ts", () => ({
  openBackend: () => Promise.resolve(createCpuBackend(openInlinePool())),
}));

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

const folder = mkdtempSync(join(tmpdir(), "cryoloupe-preprocess-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function micrograph(name: string, width: number, height: number, frames = 1) {
  const random = createRandom(width);
  const path = join(folder, name);
  const images = Array.from({ length: frames }, () =>
    new Float32Array(width * height).map(() => 100 + 5 * random.normal()),
  );
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    await encodeMrc(images, { width, height, sampleType: "float32", pixelSizeA: 1.5 }),
  );
  return path;
}

const run = (files: readonly string[], options: Readonly<Record<string, string>>) =>
  runCommand(preprocessCommand, files, options);

type Line = Record<string, number | string | null>;

describe("cryoloupe preprocess", () => {
  it("writes micrographs, tables and provenance with the exact pixel size", async () => {
    const a = await micrograph("day1/a.mrc", 75, 65);
    const b = await micrograph("day2/a.mrc", 75, 65);
    const out = join(folder, "out1");
    const ops = join(folder, "ops.json");
    writeFileSync(ops, JSON.stringify({ crop: { pixels: 5 }, downsample: {}, normalize: {} }));
    const { json, failed, said } = await run([a, b], { ops, out });
    expect(failed).toBe(false);
    const lines = json.micrographs as Line[];
    expect(lines.map(({ file, width, height }) => [file, width, height])).toEqual([
      ["a.mrc", 32, 27],
      ["a_2.mrc", 32, 27],
    ]);
    expect(lines[0].pixelSizeA).toBeCloseTo((1.5 * 65) / 32, 9);
    expect(lines[0].mean).toBeCloseTo(0, 6);
    expect(lines[0].std).toBeCloseTo(1, 6);
    expect(said).toContain("another input has the same name");
    expect(readdirSync(out).sort()).toEqual([
      "a.mrc",
      "a_2.mrc",
      "micrographs.star",
      "micrographs.xmd",
      "preprocess.json",
    ]);
    const star = parseStar(readFileSync(join(out, "micrographs.star"), "utf8"), "out.star");
    const micrographs = findTable(star, "micrographs")!;
    expect(textColumn(micrographs, "rlnMicrographName")).toEqual([
      join(out, "a.mrc"),
      join(out, "a_2.mrc"),
    ]);
    expect(numberColumn(micrographs, "cryoloupeCropOffset")).toEqual([5, 5]);
    expect(numberColumn(findTable(star, "optics")!, "rlnMicrographPixelSize")![0]).toBeCloseTo(
      (1.5 * 65) / 32,
      7,
    );
    const xmd = parseStar(readFileSync(join(out, "micrographs.xmd"), "utf8"), "out.xmd");
    expect(numberColumn(xmd.tables[0], "samplingRate")![0]).toBeCloseTo((1.5 * 65) / 32, 7);
    const header = readFileSync(join(out, "a.mrc"));
    expect(header.readFloatLE(40) / header.readInt32LE(0)).toBeCloseTo((1.5 * 65) / 32, 6);
    const provenance = JSON.parse(readFileSync(join(out, "preprocess.json"), "utf8")) as Line;
    expect(provenance.summary).toEqual([
      "Cropped 5 pixels per each border.",
      "Downsampling factor: 2.00",
      "Normalized to mean 0 and variance 1",
    ]);
  });

  it("takes a star of RELION and carries its columns", async () => {
    await micrograph("project/MotionCorr/m1.mrc", 40, 40);
    await micrograph("project/MotionCorr/m2.mrc", 40, 40);
    const table = join(folder, "project/CtfFind/micrographs_ctf.star");
    mkdirSync(dirname(table), { recursive: true });
    writeFileSync(
      table,
      [
        "# version 30001",
        "data_optics",
        "loop_",
        "_rlnOpticsGroup #1",
        "_rlnMicrographPixelSize #2",
        "_rlnVoltage #3",
        "1 0.885 300",
        "# version 30001",
        "data_micrographs",
        "loop_",
        "_rlnMicrographName #1",
        "_rlnOpticsGroup #2",
        "_rlnDefocusU #3",
        "MotionCorr/m1.mrc 1 12000.5",
        "MotionCorr/m2.mrc 1 8000.25",
        "",
      ].join("\n"),
    );
    const out = join(folder, "out2");
    const { json } = await run([table], { ops: '{"downsample": {"factor": 4}}', out });
    expect((json.micrographs as Line[])[0].pixelSizeA).toBeCloseTo(3.54, 9);
    const star = parseStar(readFileSync(join(out, "micrographs.star"), "utf8"), "out.star");
    const optics = findTable(star, "optics")!;
    expect(numberColumn(optics, "rlnMicrographPixelSize")).toEqual([3.54]);
    expect(numberColumn(optics, "rlnVoltage")).toEqual([300]);
    const rows = findTable(star, "micrographs")!;
    expect(textColumn(rows, "rlnMicrographName")).toEqual([
      join(out, "m1.mrc"),
      join(out, "m2.mrc"),
    ]);
    expect(numberColumn(rows, "rlnDefocusU")).toEqual([12000.5, 8000.25]);
  });

  it("takes a table of Xmipp, and its sampling rate where headers have none", async () => {
    await micrograph("xmipp/x.mrc", 32, 32);
    const table = join(folder, "xmipp/in.xmd");
    writeFileSync(
      table,
      "# XMIPP_STAR_1 * \ndata_noname\nloop_\n _micrograph\n _samplingRate\n _ctfDefocusU\nx.mrc 2.5 9000\n",
    );
    const out = join(folder, "out3");
    await run([table], { ops: '{"downsample": {}}', out });
    const xmd = parseStar(readFileSync(join(out, "micrographs.xmd"), "utf8"), "out.xmd").tables[0];
    expect(numberColumn(xmd, "samplingRate")).toEqual([5]);
    expect(numberColumn(xmd, "ctfDefocusU")).toEqual([9000]);
  });

  it("goes on after a file that fails, and says which", async () => {
    const good = await micrograph("good.mrc", 32, 32);
    const movie = await micrograph("movie.mrcs", 32, 32, 3);
    const out = join(folder, "out4");
    const { json, failed } = await run([movie, good, join(folder, "gone.mrc")], {
      ops: '{"invert": {}}',
      out,
    });
    expect(failed).toBe(true);
    expect((json.micrographs as Line[]).map(({ file }) => file)).toEqual(["good.mrc"]);
    const failures = json.failed as { message: string }[];
    expect(failures).toHaveLength(2);
    expect(failures[0].message).toMatch(/movie\.mrcs holds 3 frames; a micrograph has one/);
    expect(readdirSync(out)).not.toContain("movie.mrc");
  });

  it("takes the micrographs of a folder, and passes over movies", async () => {
    await micrograph("session/m1.mrc", 32, 32);
    await micrograph("session/sub/m2.mrc", 32, 32);
    await micrograph("session/stack.mrc", 32, 32, 4);
    const out = join(folder, "session/results");
    for (let again = 0; again < 2; again++) {
      const { json, failed } = await run([join(folder, "session")], { ops: '{"invert": {}}', out });
      expect(failed).toBe(false);
      expect((json.micrographs as Line[]).map(({ file }) => file)).toEqual(["m1.mrc", "m2.mrc"]);
      expect(json.passedOver).toEqual([join(folder, "session/stack.mrc")]);
    }
  });

  it("follows a folder that grows: each once, none half-read, tables always whole", async () => {
    const session = join(folder, "growing");
    const names = Array.from({ length: 12 }, (_, i) => `g_${String(i).padStart(2, "0")}.mrc`);
    await micrograph(`growing/${names[0]}`, 40, 30);
    const whole = readFileSync(join(session, names[0]));
    const out = join(folder, "growing-out");
    const running = run([session], {
      ops: '{"downsample": {}, "normalize": {}}',
      out,
      watch: "",
      every: "0.02",
      idle: "0.4",
    });
    for (const [i, name] of names.entries()) {
      const path = join(session, name);
      if (i === 5) {
        // A copy that stops in the middle, and goes on later than it was first looked at.
        writeFileSync(path, whole.subarray(0, 2000));
        await pause(120);
      } else if (i % 3 === 1) {
        writeFileSync(path, whole.subarray(0, 1500));
        await pause(5);
      }
      writeFileSync(path, whole);
      await pause(30);
    }
    const { json, failed } = await running;
    expect(failed).toBe(false);
    expect((json.micrographs as Line[]).map(({ file }) => file)).toEqual(names);
    const star = parseStar(readFileSync(join(out, "micrographs.star"), "utf8"), "out.star");
    expect(textColumn(findTable(star, "micrographs")!, "rlnMicrographName")).toEqual(
      names.map((name) => join(out, name)),
    );
    const [first, ...others] = names.map((name) => readFileSync(join(out, name)).subarray(1024));
    for (const other of others) expect(other.equals(first)).toBe(true);
    expect(readdirSync(out).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("follows a star that grows, with a pixel size for each optics group", async () => {
    const project = join(folder, "project");
    const whole = readFileSync(await micrograph("grown.mrc", 40, 40));
    mkdirSync(join(project, "MotionCorr"), { recursive: true });
    const star = join(project, "micrographs.star");
    const write = (rows: readonly string[], end = "\n"): void =>
      writeFileSync(
        star,
        [
          ...["data_optics", "", "loop_", "_rlnOpticsGroupName #1", "_rlnOpticsGroup #2"],
          ...["_rlnMicrographPixelSize #3", "fine 1 0.6", "coarse 2 1.1", ""],
          ...["data_micrographs", "", "loop_", "_rlnMicrographName #1", "_rlnOpticsGroup #2"],
          ...rows,
        ].join("\n") + end,
      );
    const name = (i: number): string => `MotionCorr/m${i}.mrc`;
    const put = (i: number, bytes = whole): void => writeFileSync(join(project, name(i)), bytes);
    put(1);
    write([`${name(1)} 1`]);
    const out = join(folder, "out6");
    const running = run([star], {
      ops: '{"downsample": {}, "normalize": {}}',
      out,
      watch: "",
      every: "0.02",
      idle: "0.5",
    });
    await pause(100);
    // The table is caught in the middle of a row, and a micrograph in the middle of its pixels.
    write([`${name(1)} 1`, name(2).slice(0, 14)], "");
    await pause(60);
    put(2, whole.subarray(0, 1500));
    write([`${name(1)} 1`, `${name(2)} 2`]);
    await pause(60);
    put(2);
    await pause(60);
    // Another order, a row more whose file comes later, and one whose file never comes.
    write([`${name(3)} 2`, `${name(2)} 2`, `${name(1)} 1`, `${name(4)} 1`]);
    await pause(80);
    put(3);
    const { json, failed } = await running;
    expect(failed).toBe(true);
    const lines = json.micrographs as Line[];
    expect(lines.map(({ file, pixelSizeA }) => [file, pixelSizeA]).sort()).toEqual([
      ["m1.mrc", 1.2],
      ["m2.mrc", 2.2],
      ["m3.mrc", 2.2],
    ]);
    expect(json.failed).toMatchObject([
      { message: `${star} names ${name(4)}, which was not there when the stream was closed.` },
    ]);
    const written = parseStar(readFileSync(join(out, "micrographs.star"), "utf8"), "out.star");
    expect(numberColumn(findTable(written, "optics")!, "rlnMicrographPixelSize")).toEqual([
      1.2, 2.2,
    ]);
    const rows = findTable(written, "micrographs")!;
    const groups = numberColumn(rows, "rlnOpticsGroup") ?? [];
    expect(
      Object.fromEntries(
        (textColumn(rows, "rlnMicrographName") ?? []).map((path, i) => [path, groups[i]]),
      ),
    ).toEqual({ [join(out, "m1.mrc")]: 1, [join(out, "m2.mrc")]: 2, [join(out, "m3.mrc")]: 2 });
    // 40 px of 1.1 Å are 20 px of 2.2 Å in the header too.
    const view = new DataView(new Uint8Array(readFileSync(join(out, "m2.mrc"))).buffer);
    expect(view.getFloat32(40, true) / view.getInt32(0, true)).toBeCloseTo(2.2, 5);
  });

  it("refuses what does not fit the memory, with both numbers, and goes on", async () => {
    const large = await micrograph("large.mrc", 640, 512);
    const small = await micrograph("small.mrc", 64, 64);
    const options = { ops: '{"denoise": {"iterations": 1}}', out: join(folder, "out7") };
    // 28 bytes a pixel: 8.75 MiB, and 112 KiB.
    const { json, failed } = await run([large, small], { ...options, budget: "0.004" });
    expect(failed).toBe(true);
    expect(json.failed).toMatchObject([
      {
        code: "limit-exceeded",
        message: expect.stringMatching(/640 × 512 px need 9 MiB .* budget is 5 MiB/) as string,
      },
    ]);
    expect((json.micrographs as Line[]).map(({ file }) => file)).toEqual(["small.mrc"]);
    await expect(run([small], { ...options, budget: "0" })).rejects.toThrow(/above 0 GiB/);
  });

  it("says that nothing came when the stream is closed", async () => {
    mkdirSync(join(folder, "nothing"));
    const options = { ops: '{"invert": {}}', out: join(folder, "out5") };
    await expect(
      run([join(folder, "nothing")], { ...options, watch: "", every: "0.02", idle: "0.05" }),
    ).rejects.toThrow("brought no micrograph");
  });

  it.each([
    [{ out: "x" }, /takes micrographs, --ops/],
    [{ ops: "{}", out: "x" }, /at least one of the ten/],
    [{ ops: '{"crop": {"pixels": 16}}', out: "x" }, /leaves nothing of 32 × 32 px/],
    [{ ops: '{"lowPass": {"cutoff": 0.5}}', out: "x" }, /Low-pass: .*between 0 and 0\.5/],
    [{ ops: '{"crop": ', out: "x" }, /is no JSON/],
    [{ ops: "nowhere.json", out: "x" }, /could not be read/],
    [{ ops: '{"invert": {}}', out: "x", "pixel-size": "-1" }, /above 0 Å/],
  ])("refuses %j with the reason", async (options, reason) => {
    const file = await micrograph("refuse.mrc", 32, 32);
    const given = { ...options, out: join(folder, options.out) };
    await expect(run([file], given as Record<string, string>)).rejects.toThrow(reason);
    await expect(run([file], given as Record<string, string>)).rejects.toMatchObject({
      code: "bad-arguments",
    });
  });

  it("never writes over an input", async () => {
    const file = await micrograph("same/m.mrc", 32, 32);
    const before = readFileSync(file);
    await expect(run([file], { ops: '{"invert": {}}', out: dirname(file) })).rejects.toThrow(
      /inputs are never modified/,
    );
    expect(readFileSync(file)).toEqual(before);
  });
});
