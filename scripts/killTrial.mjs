// Kills `cryoloupe session` at random times (SIGKILL), lets it go on, and holds the results folder against that
// of a run that nothing disturbed: the same files with the same content apart from times.
// node scripts/killTrial.mjs [TRIALS] [SEED] [KILLS] — KILLS in each trial; the command is built first
// (npx vite build --config vite.cli.config.ts)
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";

const [trials = "10", seed = "1", kills = "1"] = process.argv.slice(2);
const command = resolve("dist-cli/cryoloupe.js");
const root = mkdtempSync(join(tmpdir(), "cryoloupe-kill-"));

let state = Number(seed) >>> 0;
/** Mulberry32. */
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

const WIDTH = 256;
const HEIGHT = 192;
const FRAMES = 6;

/** Counts with lines of a gain over a pattern that drifts: something to find for every step. */
function movie(index) {
  const bytes = Buffer.alloc(1024 + FRAMES * WIDTH * HEIGHT * 2);
  [WIDTH, HEIGHT, FRAMES, 6].forEach((v, i) => bytes.writeInt32LE(v, 4 * i));
  [WIDTH, HEIGHT, FRAMES].forEach((v, i) => bytes.writeInt32LE(v, 28 + 4 * i));
  [WIDTH * 1.2, HEIGHT * 1.2, FRAMES * 1.2, 90, 90, 90].forEach((v, i) =>
    bytes.writeFloatLE(v, 40 + 4 * i),
  );
  [1, 2, 3].forEach((v, i) => bytes.writeInt32LE(v, 64 + 4 * i));
  bytes.write("MAP ", 208);
  bytes.writeUInt32LE(0x4444, 212);
  let at = 1024;
  for (let t = 0; t < FRAMES; t++)
    for (let y = 0; y < HEIGHT; y++)
      for (let x = 0; x < WIDTH; x++, at += 2) {
        const scene = Math.sin((x + t) / 5 + index) * Math.cos(y / 7) * 6;
        const line = 1 + 0.05 * Math.sin(x * 12.9898) + 0.05 * Math.sin(y * 78.233);
        const noise = (random() + random() + random() - 1.5) * 12;
        bytes.writeUInt16LE(Math.max(0, Math.round((40 + scene + noise) * line)), at);
      }
  return bytes;
}

const COLUMNS = ["rlnMicrographName", "rlnDefocusU", "rlnDefocusV", "rlnDefocusAngle"];
const MOVIES = 6;

mkdirSync(join(root, "movies"));
for (let m = 1; m <= MOVIES; m++) writeFileSync(join(root, "movies", `m_${m}.mrcs`), movie(m));
writeFileSync(
  join(root, "ctf.star"),
  `data_\n\nloop_\n${COLUMNS.map((c, i) => `_${c} #${i + 1}\n`).join("")}${Array.from(
    { length: MOVIES },
    (_, m) => `aligned/m_${m + 1}_aligned.mrc ${9000 + 1500 * m} ${8800 + 1500 * m} 30\n`,
  ).join("")}`,
);
writeFileSync(
  join(root, "session.json"),
  JSON.stringify({
    ...{ movieStep: 2, align: { patches: "none" }, preprocess: { normalize: {} } },
    ...{ ctf: "ctf.star", sample: { n: 3 }, minimumForSampling: 3 },
  }),
);

/** Runs it in a folder of its own, so that all runs name their files alike. */
function start(folder) {
  // One core a movie: with more, frames are summed in the order in which cores are free, and last bits differ.
  const jobs = ["--jobs", String(availableParallelism())];
  const options = ["--parameters", "../session.json", "--out", "out", "--backend", "cpu", ...jobs];
  const child = spawn(process.execPath, [command, "session", "../movies", ...options], {
    cwd: join(root, folder),
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (text) => (said += text));
  const ended = new Promise((done) =>
    child.on("exit", (code, signal) => done({ code, signal, said })),
  );
  return { child, ended };
}

function filesBelow(folder) {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path)]),
  );
}

const TIMES = ["date", "at", "seconds", "written", "started", "made"];
/** Seconds of the parts of a correction, in `_motion.json`. */
const SPANS = ["estimate", "correct", "spectra"];

/** The content of a file without times. */
function timeless(path, bytes) {
  if (path.endsWith(".json"))
    return JSON.stringify(JSON.parse(bytes.toString()), (key, value) =>
      TIMES.includes(key) || (SPANS.includes(key) && typeof value === "number") ? undefined : value,
    );
  if (path.endsWith(".html"))
    return bytes
      .toString()
      .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z?/g, "TIME")
      .replace(/[\d.]+ (?:s|min|h)\b/g, "SPAN");
  return bytes.toString("latin1");
}

/** Whether every file is whole: JSON that reads, images of the size that their header says. */
function broken(files) {
  return [...files]
    .filter(([path, bytes]) => {
      if (path.endsWith(".part") || path === "session.jsonl" || path.endsWith(".lock"))
        return false;
      if (bytes.length === 0) return true;
      if (path.endsWith(".json"))
        try {
          JSON.parse(bytes.toString());
        } catch {
          return true;
        }
      if (/\.mrcs?$/.test(path)) {
        const [width, height, sections, mode] = [0, 4, 8, 12].map((at) => bytes.readInt32LE(at));
        const pixel = { 0: 1, 1: 2, 2: 4, 6: 2, 12: 2 }[mode];
        return bytes.length !== 1024 + bytes.readInt32LE(92) + width * height * sections * pixel;
      }
      return path.endsWith(".html") && !bytes.toString().trimEnd().endsWith("</html>");
    })
    .map(([path]) => path);
}

const failures = [];
try {
  mkdirSync(join(root, "whole"));
  const began = performance.now();
  const first = await start("whole").ended;
  const whole = performance.now() - began;
  if (first.code !== 0) throw new Error(`The undisturbed run failed:\n${first.said}`);
  const expected = filesBelow(join(root, "whole", "out"));
  console.log(`undisturbed: ${(whole / 1000).toFixed(1)} s, ${expected.size} files`);
  for (let trial = 1; trial <= Number(trials); trial++) {
    const folder = `killed_${trial}`;
    mkdirSync(join(root, folder));
    const times = [];
    const wrong = [];
    for (let k = 0; k < Number(kills); k++) {
      const { child, ended } = start(folder);
      const after = (0.15 + 0.9 * random()) * whole;
      const timer = setTimeout(() => child.kill("SIGKILL"), after);
      const { signal } = await ended;
      clearTimeout(timer);
      times.push(`${(after / 1000).toFixed(2)} s${signal === null ? " (had ended)" : ""}`);
      const files = filesBelow(join(root, folder));
      wrong.push(...broken(files).map((path) => `${path} is broken after the kill`));
    }
    const resumed = await start(folder).ended;
    if (resumed.code !== 0) wrong.push(`it went on with exit ${resumed.code}: ${resumed.said}`);
    const found = filesBelow(join(root, folder, "out"));
    for (const path of new Set([...expected.keys(), ...found.keys()])) {
      const [ours, theirs] = [found.get(path), expected.get(path)];
      if (ours === undefined) wrong.push(`${path} is missing`);
      else if (theirs === undefined) wrong.push(`${path} is one too many`);
      else if (path !== "session.jsonl" && timeless(path, ours) !== timeless(path, theirs))
        wrong.push(`${path} differs`);
    }
    console.log(`trial ${trial}, killed after ${times.join(", ")}: ${wrong.join("; ") || "equal"}`);
    failures.push(...wrong);
    if (wrong.length === 0) rmSync(join(root, folder), { recursive: true });
  }
} finally {
  if (failures.length === 0) rmSync(root, { recursive: true, force: true });
  else console.log(`left in ${root}`);
}
process.exitCode = failures.length === 0 ? 0 : 1;
