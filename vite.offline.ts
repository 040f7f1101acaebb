import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import type { Plugin } from "vite";

const PUBLIC = new URL("./public/", import.meta.url);

/**
 * Writes `sw.js`: a service worker that keeps the built files, so that the page works offline. It never
 * sees what the user opens. A new version is taken when all tabs of the old one are closed, never in the
 * middle of a run.
 */
export const offline: Plugin = {
  name: "offline",
  apply: "build",
  generateBundle(_options, bundle) {
    const built = Object.keys(bundle).filter((file) => !file.endsWith(".map"));
    const files = ["./", ...built, ...readdirSync(PUBLIC)];
    const version = createHash("sha256").update(files.join("\n")).digest("hex").slice(0, 12);
    this.emitFile({ type: "asset", fileName: "sw.js", source: serviceWorker(version, files) });
  },
};

function serviceWorker(version: string, files: readonly string[]): string {
  return `// Made at build time from vite.offline.ts.
const CACHE = "cryoloupe-${version}";
const FILES = ${JSON.stringify(files)};
self.addEventListener("install", (event) => {
  // The page itself past the browser's own cache: an old one would name files that are gone.
  const requests = FILES.map((file) => new Request(file, file === "./" ? { cache: "reload" } : {}));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then((names) =>
      Promise.all(names.filter((n) => n.startsWith("cryoloupe-") && n !== CACHE).map((n) => caches.delete(n))),
    ),
  );
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  event.respondWith(
    caches
      .open(CACHE)
      // Scripts are asked for with an origin and were kept without: a server's "Vary: Origin" must not part them.
      .then((cache) => cache.match(event.request, { ignoreVary: true, ignoreSearch: event.request.mode === "navigate" }))
      .then((found) => found ?? fetch(event.request)),
  );
});
`;
}
