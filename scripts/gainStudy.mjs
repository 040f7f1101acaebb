// Estimates the gain of simulated movies whose specimen moves, and prints it against the truth and the
// bound: node scripts/gainStudy.mjs [NAMES] [SEEDS] [FROM] — NAMES first,tiles72,tiles24 (1024², one
// movie), ten (ten movies of the first gain), half-lines,half-tiles,half-ten (512²), still (hardly moves).
// With CRYOLOUPE_STUDY_MOTION=true the motion is given instead of found.
import { spawnSync } from "node:child_process";

const [names = "half-lines,half-tiles", seeds = "5", from] = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--project",
    "unit",
    "--testTimeout=3600000",
    "src/pipeline/gainStudy.test.ts",
  ],
  {
    stdio: "inherit",
    env: {
      ...process.env,
      CRYOLOUPE_STUDY_WORDS: names,
      CRYOLOUPE_STUDY_SEEDS: seeds,
      ...(from === undefined ? {} : { CRYOLOUPE_STUDY_FROM: from }),
    },
  },
);
process.exitCode = status ?? 1;
