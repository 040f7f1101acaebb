import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { readFileSync } from "node:fs";

const { version } = JSON.parse(
  readFileSync(new URL("./package.json", import.meta.url), "utf8"),
) as {
  version: string;
};

export default defineConfig({
  base: "./",
  cacheDir: ".cache/vite",
  plugins: [react()],
  define: { __APP_VERSION__: JSON.stringify(version) },
  worker: { format: "es" },
  build: { target: "es2023", chunkSizeWarningLimit: 1500, assetsInlineLimit: 0 },
});
