import { builtinModules } from "node:module";
import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

const { version } = JSON.parse(
  readFileSync(new URL("./package.json", import.meta.url), "utf8"),
) as {
  version: string;
};

/** The headless command: one entry for the program, one for its worker threads. */
export default defineConfig({
  cacheDir: ".cache/vite-cli",
  publicDir: false,
  define: { __APP_VERSION__: JSON.stringify(version) },
  ssr: { noExternal: true, external: ["webgpu"] },
  build: {
    ssr: true,
    target: "node20",
    outDir: "dist-cli",
    emptyOutDir: true,
    minify: false,
    rolldownOptions: {
      input: { cryoloupe: "src/cli/main.ts", poolWorker: "src/cli/poolWorker.ts" },
      external: [...builtinModules, ...builtinModules.map((m) => `node:${m}`), "webgpu"],
      output: {
        format: "es",
        entryFileNames: "[name].js",
        chunkFileNames: "chunks/[name]-[hash].js",
      },
    },
  },
});
