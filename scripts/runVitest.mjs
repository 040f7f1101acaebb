import { spawnSync } from "node:child_process";
import { findChromium, vulkanEnvironment } from "./chromium.mjs";

/** Vitest with Chromium's software Vulkan adapter in reach; further arguments go to vitest. */
const env = vulkanEnvironment(await findChromium());
const result = spawnSync("npx", ["vitest", "run", ...process.argv.slice(2)], {
  stdio: "inherit",
  env,
});
process.exit(result.status ?? 1);
