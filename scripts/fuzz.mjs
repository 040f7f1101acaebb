// Fuzzes every reader: node scripts/fuzz.mjs [CASES] [SEED]
import { spawnSync } from "node:child_process";

const [cases = "100000", seed = String(Date.now() % 1e9)] = process.argv.slice(2);
console.log(`${cases} cases, seed ${seed}`);
const { status } = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "--project", "unit", "src/formats/fuzz.test.ts"],
  {
    stdio: "inherit",
    env: { ...process.env, CRYOLOUPE_FUZZ_CASES: cases, CRYOLOUPE_FUZZ_SEED: seed },
  },
);
process.exitCode = status ?? 1;
