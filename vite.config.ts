import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import type { Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { readFileSync } from "node:fs";

const { version } = JSON.parse(
  readFileSync(new URL("./package.json", import.meta.url), "utf8"),
) as {
  version: string;
};

/**
 * The page may talk to nobody but its own host. Only in the built page: the development server needs
 * inline scripts. `unsafe-inline` for styles alone, because Mantine and plotly write style elements.
 */
const policy: Plugin = {
  name: "content-security-policy",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      injectTo: "head-prepend",
      attrs: {
        "http-equiv": "Content-Security-Policy",
        content: [
          "default-src 'self'",
          "script-src 'self'",
          "style-src 'self' 'unsafe-inline'",
          "img-src 'self' blob: data:",
          "font-src 'self'",
          "connect-src 'self'",
          "worker-src 'self' blob:",
          "object-src 'none'",
          "base-uri 'none'",
          "form-action 'none'",
        ].join("; "),
      },
    },
  ],
};

export default defineConfig({
  base: "./",
  cacheDir: ".cache/vite",
  plugins: [
    react(),
    policy,
    VitePWA({
      registerType: "prompt",
      injectRegister: null,
      manifest: {
        name: "Cryoloupe",
        short_name: "Cryoloupe",
        description: "Gain, motion and micrographs of cryo-EM movies, on this computer.",
        display: "standalone",
        start_url: "./",
        background_color: "#f3f4f6",
        theme_color: "#1d5fc4",
        icons: [
          { src: "icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any" },
          { src: "icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "icon-512.png", sizes: "512x512", type: "image/png" },
        ],
      },
      workbox: {
        globPatterns: ["**/*.{js,css,html,svg,png,woff2}"],
        maximumFileSizeToCacheInBytes: 4 * 1024 * 1024,
      },
    }),
  ],
  define: { __APP_VERSION__: JSON.stringify(version) },
  worker: { format: "es" },
  build: { target: "es2023", chunkSizeWarningLimit: 1500, assetsInlineLimit: 0 },
});
