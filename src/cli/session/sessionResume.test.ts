import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it, vi } from "vitest";
import { createCpuBackend } from "#src/compute/cpuBackend.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { openInlinePool } from "#src/testing/backends.ts";
import type { CommandResult } from "../command.ts";
import { optionLookup } from "../optionContext.ts";
import { sessionCommand } from "../sessionCommand.ts";

// Worker threads need the built command; jobs run in this thread instead.
vi.mock("../openBackend.ts", () => ({
  openBackend: () => Promise.resolve(createCpuBackend(openInlinePool())),
}));

const root = mkdtempSync(join(tmpdir(), "cryoloupe-resume-"));
afterAll(() => rmSync(root, { recursive: true }));

async function movieBytes(movieIndex: number): Promise<Uint8Array> {
  const simulated = createSimulatedMovie({
    width: 96,
    height: 96,
    frames: 4,
    electronsPerFrame: 6,
    seed: 3,
    movieIndex,
    camera: "integrating",
    gain: "lines",
    driftPx: 1,
    localPx: 0,
  });
  const frames = Array.from(
    { length: 4 },
    (_, t) => simulated.frame(t) as Uint16Array<ArrayBuffer>,
  );
  const size = {
    width: 96,
    height: 96,
    sampleType: "uint16",
    pixelSizeA: 1.2,
    labels: [],
  } as const;
  return await encodeMrc(frames, size);
}

interface Told extends CommandResult {
  readonly said: string;
  readonly events: Readonly<Record<string, unknown>>[];
}

async function run(
  directory: string,
  options: Readonly<Record<string, string>>,
  {
    signal = new AbortController().signal,
    onEvent = (_: Readonly<Record<string, unknown>>): void => undefined,
  } = {},
): Promise<Told> {
  const said: string[] = [];
  const events: Readonly<Record<string, unknown>>[] = [];
  const result = await sessionCommand.run({
    files: [directory],
    ...optionLookup(new Map(Object.entries({ "json-lines": "", ...options }))),
    backendChoice: "cpu",
    say: (line) => void said.push(line),
    emit: (event) => {
      events.push(event);
      onEvent(event);
    },
    signal,
  });
  return { ...result, said: said.join("\n"), events };
}

const happened = (told: Told, event: string): string[] =>
  told.events.filter((e) => e.event === event).map((e) => String(e.movie).split("/").at(-1) ?? "");

const parameters = (value: unknown): string => {
  const path = join(root, `parameters_${Math.abs(JSON.stringify(value).length)}.json`);
  writeFileSync(path, JSON.stringify(value));
  return path;
};
const GLOBAL = { align: { patches: "none", "no-psd": true }, residual: false };

async function folderOf(name: string, movies: number): Promise<string> {
  const folder = join(root, name);
  mkdirSync(folder);
  for (let m = 0; m < movies; m++)
    writeFileSync(join(folder, `m_${m + 1}.mrcs`), await movieBytes(m));
  return folder;
}

describe("a session that is started again", () => {
  it("knows movies again that were copied, and does those anew that only look alike", async () => {
    const movies = await folderOf("copied", 2);
    const out = join(root, "copied_out");
    const options = { parameters: parameters(GLOBAL), out };
    await run(movies, options);
    // As long as before, and another movie.
    writeFileSync(join(movies, "m_2.mrcs"), await movieBytes(7));
    for (const name of ["m_1.mrcs", "m_2.mrcs"]) utimesSync(join(movies, name), 1000, 1000);
    const second = await run(movies, options);
    expect(second.said).toContain("1 movie has another time than before and the same content");
    expect(happened(second, "resumed")).toEqual(["m_1.mrcs"]);
    expect(happened(second, "motion")).toEqual(["m_2.mrcs"]);
    expect(second.said).toContain("The final gain of the earlier run is used.");
    // Noted: the third run has nothing to find out.
    const third = await run(movies, options);
    expect(happened(third, "motion")).toEqual([]);
    expect(third.said).not.toContain("another time than before");
  });

  it("keeps what is done, does what is new, and redoes what other parameters change", async () => {
    const movies = await folderOf("again", 2);
    const out = join(root, "again_out");
    const options = { parameters: parameters(GLOBAL), out };
    const first = await run(movies, options);
    expect(happened(first, "motion").sort()).toEqual(["m_1.mrcs", "m_2.mrcs"]);
    expect(first.failed).toBe(false);
    const written = statSync(join(out, "aligned", "m_1_aligned.mrc")).mtimeMs;

    // A line that a crash has cut off does no harm.
    appendFileSync(join(out, "session.jsonl"), '{"step":"motion","mov');
    writeFileSync(join(movies, "m_10.mrcs"), await movieBytes(2));
    const second = await run(movies, options);
    expect(happened(second, "motion")).toEqual(["m_10.mrcs"]);
    expect(happened(second, "gain")).toEqual(["m_1.mrcs"]);
    expect(statSync(join(out, "aligned", "m_1_aligned.mrc")).mtimeMs).toBe(written);
    const csv = readFileSync(join(out, "movies.csv"), "utf8").trimEnd().split("\n");
    expect(csv).toHaveLength(4);
    expect(csv[3]).toContain("m_10.mrcs");
    const star = readFileSync(join(out, "aligned", "corrected_micrographs.star"), "utf8");
    expect(star).toContain("m_10_aligned.mrc");
    expect(star).toContain("m_1_aligned.mrc");

    // Another option of the alignment: the gain stays, the motion is made anew.
    const session = JSON.parse(readFileSync(join(out, "session.json"), "utf8")) as {
      readonly inputs: readonly { readonly path: string; readonly sha256: string }[];
    };
    expect(session.inputs).toHaveLength(3);
    for (const { path, sha256 } of session.inputs)
      expect(sha256).toBe(createHash("sha256").update(readFileSync(path)).digest("hex"));
    const other = { ...GLOBAL, align: { ...GLOBAL.align, bin: 2 } };
    const third = await run(movies, { parameters: parameters(other), out });
    expect(third.said).toContain("The final gain of the earlier run is used.");
    expect(happened(third, "motion")).toHaveLength(3);

    // A result that was deleted, and a movie that was written anew, are made again.
    rmSync(join(out, "aligned", "m_2_aligned.mrc"));
    await sleep(20);
    writeFileSync(join(movies, "m_10.mrcs"), await movieBytes(3));
    const fourth = await run(movies, { parameters: parameters(other), out });
    expect(happened(fourth, "motion").sort()).toEqual(["m_10.mrcs", "m_2.mrcs"]);
    expect(existsSync(join(out, "aligned", "m_10_2_aligned.mrc"))).toBe(false);
    expect(existsSync(join(out, "session.lock"))).toBe(false);
  });

  it("reads corrected micrographs for preprocessing that is asked for later, and makes changed ones again", async () => {
    const movies = await folderOf("later", 2);
    const out = join(root, "later_out");
    await run(movies, { parameters: parameters(GLOBAL), out });
    const micrograph = join(out, "aligned", "m_1_aligned.mrc");
    const written = statSync(micrograph).mtimeMs;
    const later = parameters({ ...GLOBAL, preprocess: { normalize: {} } });
    const second = await run(movies, { parameters: later, out });
    expect(happened(second, "motion")).toEqual([]);
    expect(happened(second, "preprocess").sort()).toEqual(["m_1.mrcs", "m_2.mrcs"]);
    expect(statSync(micrograph).mtimeMs).toBe(written);

    appendFileSync(micrograph, "more");
    const other = parameters({ ...GLOBAL, preprocess: { normalize: {}, invert: {} } });
    const third = await run(movies, { parameters: other, out });
    expect(happened(third, "motion")).toEqual(["m_1.mrcs"]);
    expect(happened(third, "preprocess").sort()).toEqual(["m_1.mrcs", "m_2.mrcs"]);
    expect(third.said).toContain("m_1: m_1_aligned.mrc has changed");
  });

  it("goes on where it was interrupted, nothing twice", async () => {
    const movies = await folderOf("interrupted", 4);
    const out = join(root, "interrupted_out");
    const options = { parameters: parameters(GLOBAL), out };
    const abort = new AbortController();
    let done = 0;
    await expect(
      run(movies, options, {
        signal: abort.signal,
        onEvent: ({ event }) => {
          if (event === "motion" && ++done === 2) abort.abort();
        },
      }),
    ).rejects.toThrow("go on from here");
    expect(readFileSync(join(out, "movies.csv"), "utf8")).toContain("unprocessed");
    const rest = await run(movies, options);
    expect(happened(rest, "motion")).toHaveLength(2);
    expect(rest.json.failures).toEqual([]);
  });

  it("refuses a folder that another run is writing to, and takes over from one that was killed", async () => {
    const movies = await folderOf("locked", 1);
    const out = join(root, "locked_out");
    mkdirSync(out);
    const thresholds = { meanCounts: { low: 1e6 } };
    const options = { parameters: parameters({ ...GLOBAL, align: false, thresholds }), out };
    writeFileSync(join(out, "session.lock"), "1\n");
    await expect(run(movies, options)).rejects.toThrow("Another session (process 1)");
    // Of another computer only the time tells whether it lives.
    writeFileSync(join(out, "session.lock"), "1\nelsewhere\n");
    await expect(run(movies, options)).rejects.toThrow("process 1 on elsewhere");
    utimesSync(join(out, "session.lock"), 1, 1);
    expect((await run(movies, options)).failed).toBe(false);
    writeFileSync(join(out, "session.lock"), "999999999\n");
    writeFileSync(join(out, "movies.csv.0123abcd.part"), "half of it");
    const told = await run(movies, options);
    expect(told.failed).toBe(false);
    expect(existsSync(join(out, "movies.csv.0123abcd.part"))).toBe(false);
    // A limit that is crossed is told at once, on the event stream and to the reader.
    expect(happened(told, "beyond")).toEqual(["m_1.mrcs"]);
    expect(told.said).toMatch(/m_1: counts \d+\.\d\d, below 1000000\.00\./);
  });
});

describe("session --watch", () => {
  it("takes each movie once it is whole, two at a time, and ends when nothing comes", async () => {
    const movies = join(root, "watched");
    mkdirSync(movies);
    const out = join(root, "watched_out");
    let onFailed = (): void => undefined;
    const failed = new Promise<void>((resolve) => (onFailed = resolve));
    const arriving = (async () => {
      for (let m = 0; m < 5; m++) {
        const bytes = await movieBytes(m);
        const path = join(movies, `m_${m + 1}.mrcs`);
        // Half-written for longer than a look takes.
        for (let part = 0; part < 4; part++) {
          const at = (part * bytes.length) / 4;
          appendFileSync(path, bytes.subarray(at, at + bytes.length / 4));
          await sleep(30);
        }
      }
      // Held still before it was a movie; and one that is written anew.
      writeFileSync(join(movies, "m_6.mrcs"), new Uint8Array(2000).fill(1));
      await failed;
      writeFileSync(join(movies, "m_6.mrcs"), await movieBytes(5));
      await sleep(50);
      writeFileSync(join(movies, "m_2.mrcs"), await movieBytes(6));
    })();
    const options = {
      parameters: parameters({ ...GLOBAL, preprocess: { normalize: {} }, movieStep: 2 }),
      out,
      watch: "",
      every: "0.1",
      idle: "1.5",
      jobs: "2",
    };
    const told = await run(movies, options, {
      onEvent: ({ event }) => {
        if (event === "failed") onFailed();
      },
    });
    await arriving;
    expect(told.json.failures).toEqual([]);
    expect(told.json.movies).toBe(6);
    // Written anew = done anew, in the same place: every second movie is looked at.
    expect([...new Set(happened(told, "motion"))].sort()).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => `m_${n}.mrcs`),
    );
    expect(happened(told, "motion").filter((name) => name === "m_2.mrcs").length).toBe(2);
    expect(told.json.selected).toEqual(["m_1.mrcs", "m_3.mrcs", "m_5.mrcs"]);
    expect(happened(told, "gain")).toHaveLength(3);
    const csv = readFileSync(join(out, "movies.csv"), "utf8").trimEnd().split("\n");
    expect(csv).toHaveLength(7);
    for (let n = 1; n <= 6; n++)
      expect(existsSync(join(out, "micrographs", `m_${n}.mrc`)), `m_${n}`).toBe(true);
    expect(readFileSync(join(out, "micrographs", "micrographs.star"), "utf8")).toContain("m_6.mrc");
    const report = readFileSync(join(out, "report.html"), "utf8");
    for (const part of ["Summary", "Gain", "Motion", "Provenance", "Methods and references"])
      expect(report).toContain(`>${part}<`);
  });
});
