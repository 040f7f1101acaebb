import { spawnSync } from "node:child_process";
import { findChromium, vulkanEnvironment } from "./chromium.mjs";

/**
 * Builds page and command, then runs the browser tests; further arguments go to Playwright. `--gallery`
 * draws every view in both themes into docs/views instead.
 */
const args = process.argv.slice(2);
const gallery = args.includes("--gallery");
const env = vulkanEnvironment(await findChromium());
if (gallery) env.CRYOLOUPE_GALLERY = "1";

function run(command, commandArgs) {
  const { status } = spawnSync(command, commandArgs, { stdio: "inherit", env });
  if (status !== 0) process.exit(status ?? 1);
}

run("npx", ["vite", "build", "--logLevel", "warn"]);
run("npx", ["vite", "build", "--config", "vite.cli.config.ts", "--logLevel", "warn"]);
run("npx", ["playwright", "test", ...args.filter((arg) => arg !== "--gallery")]);
