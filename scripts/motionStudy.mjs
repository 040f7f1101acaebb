// Estimates the motion of simulated movies of many kinds and holds error and stated error against the
// truth: node scripts/motionStudy.mjs [ROUNDS] [WORDS] — ROUNDS of other seeds, WORDS of names
import { spawnSync } from "node:child_process";

const [rounds = "1", words = ""] = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--project",
    "unit",
    "--testTimeout=600000",
    "src/pipeline/motionStudy.test.ts",
  ],
  {
    stdio: "inherit",
    env: { ...process.env, CRYOLOUPE_STUDY_ROUNDS: rounds, CRYOLOUPE_STUDY_WORDS: words },
  },
);
process.exitCode = status ?? 1;
