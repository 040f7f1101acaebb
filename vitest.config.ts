import { defineConfig } from "vitest/config";

const define = { __APP_VERSION__: JSON.stringify("0.0.0-test") };

export default defineConfig({
  cacheDir: ".cache/vitest",
  define,
  test: {
    projects: [
      {
        define,
        test: {
          name: "unit",
          environment: "node",
          include: ["src/**/*.test.ts", "workers/**/*.test.ts"],
          exclude: ["**/*.gpu.test.ts", "node_modules/**"],
          setupFiles: ["src/testing/matchers.ts"],
          testTimeout: 60_000,
        },
      },
      {
        define,
        test: {
          name: "gpu",
          environment: "node",
          include: ["src/**/*.gpu.test.ts"],
          setupFiles: ["src/testing/gpuSetup.ts", "src/testing/matchers.ts"],
          testTimeout: 120_000,
          pool: "forks",
        },
      },
    ],
  },
});
