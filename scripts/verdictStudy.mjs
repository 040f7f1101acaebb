// Counts the verdicts on simulated movies of many kinds, rightly corrected and not:
// node scripts/verdictStudy.mjs [SEEDS] [WORDS] [FIRST] — SEEDS movies of each kind whose name holds one
// of WORDS (separated by ";"), seeds from FIRST. VERBOSE=1 tells of each. Ends with 1 on a false alarm.
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "vite";

const [seeds = "10", words = "", first = "1"] = process.argv.slice(2);
const root = fileURLToPath(new URL("..", import.meta.url));
const outDir = process.env.VERDICT_STUDY_DIR ?? `${root}/.cache/verdictStudy`;
await build({
  configFile: false,
  root,
  publicDir: false,
  logLevel: "warn",
  ssr: { noExternal: true },
  build: {
    ssr: "src/testing/verdictStudy.ts",
    outDir,
    emptyOutDir: true,
    minify: false,
    target: "node20",
  },
});
const { studyVerdicts } = await import(pathToFileURL(`${outDir}/verdictStudy.js`).href);

const percent = (variance) => `${(100 * Math.sqrt(Math.max(0, variance))).toFixed(2)} %`;
const tell = (seed, { verdict, signalStd, noiseFloor, pixelSignal: p, lineSignal: l }) =>
  console.log(
    `  ${seed} ${verdict.answer}: signal ${percent(signalStd ** 2)}, noise ${percent(noiseFloor ** 2)}` +
      (p === null
        ? ""
        : `, pixels ${p.variance.toFixed(5)} ± ${p.noise.toFixed(5)}, doubt ${p.doubt.toFixed(5)}, ${p.specimenMoved ? "moved" : "not moved"}`) +
      (l === null ? "" : `, lines ${l.variance.toFixed(5)} ± ${l.noise.toFixed(5)}`) +
      `; ${verdict.text}`,
  );

let falseAlarms = 0;
console.log(`${"movie".padEnd(52)} warn  open  pass`);
for await (const { name, right, counts } of studyVerdicts(
  Number(seeds),
  Number(first),
  words.split(";"),
  process.env.VERBOSE === "1" ? tell : () => undefined,
)) {
  const { warn, pass, "not-decidable": open } = counts;
  if (right === "quiet") falseAlarms += warn;
  const wrong = right === "quiet" ? warn : pass;
  console.log(
    `${name.padEnd(52)} ${[warn, open, pass].map((n) => String(n).padStart(4)).join("  ")}${wrong > 0 ? `  ${wrong} wrong` : ""}`,
  );
}
console.log(`${falseAlarms} false alarms`);
process.exitCode = falseAlarms > 0 ? 1 : 0;
