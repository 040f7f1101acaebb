import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { findChromium, vulkanEnvironment } from "./chromium.mjs";

/**
 * Every test of the project in the order of cost: lint beside format and types, builds with a ceiling
 * on the bundle, unit and GPU kernel tests, browser tests. A failed step does not stop the others. The
 * last line counts: each test of a runner, and each of the other steps as one.
 */
const chromium = await findChromium();
const env = vulkanEnvironment(chromium);
env.NO_COLOR = "1";
let passed = 0;
let failed = 0;
let skipped = 0;
const failures = [];

function run(name, command, args) {
  const started = Date.now();
  console.log(`\n== ${name}`);
  const { status } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"], env });
  console.log(
    `-- ${name}: ${status === 0 ? "passed" : "FAILED"} in ${Math.round((Date.now() - started) / 1000)} s`,
  );
  return status === 0;
}

/** As run(), beside others: what the command prints is shown at once when it has ended. */
function runBeside(name, command, args) {
  const started = Date.now();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env });
  const parts = [];
  child.stdout.on("data", (part) => parts.push(part));
  child.stderr.on("data", (part) => parts.push(part));
  return new Promise((done) => {
    const end = (ok, words) => {
      console.log(`\n== ${name}\n${Buffer.concat(parts).toString()}${words}`);
      done(ok);
    };
    child.on("error", (error) => end(false, `-- ${name}: FAILED: ${error.message}`));
    child.on("close", (status) => {
      const seconds = Math.round((Date.now() - started) / 1000);
      end(status === 0, `-- ${name}: ${status === 0 ? "passed" : "FAILED"} in ${seconds} s`);
    });
  });
}

function count(name, ok) {
  if (ok) passed++;
  else {
    failed++;
    failures.push(name);
  }
}

function lines(names) {
  return names.map((name) => `  ${name}`).join("\n");
}

/** Titles of the browser tests that ended in a given way. */
function specs(suites) {
  const all = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(all)];
  const every = suites.flatMap(all);
  return (how) =>
    every
      .filter(({ tests }) => tests.some(({ status }) => status === how))
      .map(({ file, title }) => `${file}: ${title}`);
}

function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

/** The first screen must stay light: gzipped scripts and styles that index.html names. */
const FIRST_LOAD_LIMIT_KB = 420;
function firstLoadKb() {
  const html = readFileSync("dist/index.html", "utf8");
  const files = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].map(
    (m) => m[1],
  );
  return files.reduce((sum, f) => sum + gzipSync(readFileSync(join("dist", f))).length, 0) / 1024;
}

mkdirSync(".cache", { recursive: true });
for (const old of ["vitest.json", "playwright.json"]) rmSync(join(".cache", old), { force: true });

// Each of these keeps one core busy: lint, the longest, runs beside the others.
const lint = runBeside("lint", "npx", ["eslint", ".", "--max-warnings", "0"]);
count(
  "format",
  await runBeside("format", "npx", ["prettier", "--check", "--log-level", "warn", "."]),
);
count("types", await runBeside("types", "npm", ["run", "-s", "check"]));
count("lint", await lint);
count(
  "build command",
  run("build command", "npx", [
    "vite",
    "build",
    "--config",
    "vite.cli.config.ts",
    "--logLevel",
    "warn",
  ]),
);
const built = run("build page", "npx", ["vite", "build", "--logLevel", "warn"]);
count("build page", built);
if (built) {
  const kb = firstLoadKb();
  const largest = readdirSync("dist/assets")
    .map((f) => [statSync(join("dist/assets", f)).size, f])
    .sort((a, b) => b[0] - a[0])[0];
  console.log(
    `-- first load ${kb.toFixed(0)} kB gzipped (ceiling ${FIRST_LOAD_LIMIT_KB}); largest file ${largest[1]}, ${(largest[0] / 1024).toFixed(0)} kB`,
  );
  count("bundle ceiling", kb <= FIRST_LOAD_LIMIT_KB);
}

const vitestOk = run("unit and kernel tests", "npx", [
  "vitest",
  "run",
  "--reporter=default",
  "--reporter=json",
  "--outputFile.json=.cache/vitest.json",
]);
const vitest = readJson(".cache/vitest.json");
if (vitest) {
  passed += vitest.numPassedTests;
  failed += vitest.numFailedTests;
  skipped += vitest.numPendingTests + vitest.numTodoTests;
  for (const file of vitest.testResults)
    for (const test of file.assertionResults)
      if (test.status === "failed") failures.push(test.fullName);
}
if (!vitestOk && !(vitest && vitest.numFailedTests > 0))
  count("unit and kernel tests: a file did not run", false);

if (built) {
  env.PLAYWRIGHT_JSON_OUTPUT_NAME = ".cache/playwright.json";
  const e2eOk = run("browser tests", "npx", ["playwright", "test", "--reporter=list,json"]);
  const e2e = readJson(".cache/playwright.json");
  if (e2e) {
    passed += e2e.stats.expected + e2e.stats.flaky;
    failed += e2e.stats.unexpected;
    skipped += e2e.stats.skipped;
    const ofBrowser = specs(e2e.suites);
    failures.push(...ofBrowser("unexpected"));
    const twice = ofBrowser("flaky");
    if (twice.length > 0)
      console.log(`\nPassed at the second try only, to be mended:\n${lines(twice)}`);
  }
  if (!e2eOk && !(e2e && e2e.stats.unexpected > 0)) count("browser tests did not run", false);
}

if (failures.length > 0) console.log(`\nFailed:\n${lines(failures)}`);
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
