import { defineConfig } from "@playwright/test";

const port = Number(process.env.CRYOLOUPE_E2E_PORT ?? 4873);
const gallery = process.env.CRYOLOUPE_GALLERY === "1";

/**
 * The built page (dist/) in a real Chromium with a software WebGPU adapter. One worker: several WebGPU
 * pages at once disturb each other on a software adapter. The gallery is a run of its own.
 */
export default defineConfig({
  testDir: "e2e",
  testMatch: gallery ? "gallery.spec.ts" : "*.spec.ts",
  testIgnore: gallery ? [] : ["gallery.spec.ts"],
  outputDir: "test-results",
  workers: 1,
  // A browser on a crowded machine can miss a moment: one more try, and scripts/test.mjs names what needed it.
  retries: 1,
  fullyParallel: false,
  timeout: 60_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    baseURL: `http://127.0.0.1:${port}/`,
    viewport: { width: 1440, height: 900 },
    colorScheme: "light",
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--enable-unsafe-webgpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  webServer: {
    command: `npx vite preview --host 127.0.0.1 --port ${port} --strictPort`,
    url: `http://127.0.0.1:${port}/`,
    reuseExistingServer: false,
    stdout: "ignore",
  },
});
