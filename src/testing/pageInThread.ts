import { vi } from "vitest";
import { createCpuBackend } from "#src/compute/cpuBackend.ts";
import type { MovieClient } from "#src/platform/movieClient.ts";
import { createApp } from "#src/state/store.ts";
import type { App } from "#src/state/store.ts";
import type { MovieWorkerApi } from "#workers/contracts.ts";
import { createWorkerHost } from "#workers/host.ts";
import { createPictureShelf } from "#workers/pictureShelf.ts";
import type { PictureShelf } from "#workers/pictureShelf.ts";
import { createPictureStore } from "#workers/pictureStore.ts";
import { createCtfService } from "#workers/services/ctf.ts";
import { createFilesService } from "#workers/services/files.ts";
import { createGainService } from "#workers/services/gain.ts";
import { createHostService } from "#workers/services/host.ts";
import { createKeptGains } from "#workers/services/keptGains.ts";
import { createMicrographService } from "#workers/services/micrograph.ts";
import { createMotionService } from "#workers/services/motion.ts";
import { createOrientationService } from "#workers/services/orientation.ts";
import { createPictureLoader, createPicturesService } from "#workers/services/pictures.ts";
import { createProtocolService } from "#workers/services/protocol.ts";
import { createReadBack } from "#workers/services/readBack.ts";
import { createReportService } from "#workers/services/report.ts";
import { createResultsService } from "#workers/services/results.ts";
import { openInlinePool } from "./backends.ts";

/** A browser without a private file system. */
const NO_SHELF = createPictureShelf({
  folder: () => Promise.reject(new Error("none")),
  room: () => Promise.resolve({}),
});

/** The page's services in this thread. */
export function workerInThisThread(
  shelf: PictureShelf = NO_SHELF,
  onAlign: (name: string) => void = () => undefined,
): MovieClient {
  const host = createWorkerHost(
    () => Promise.resolve({ backend: createCpuBackend(openInlinePool()), gpu: null }),
    createPictureStore(2 ** 26),
  );
  const loader = createPictureLoader(host);
  const nowhere = {
    write: () => Promise.resolve(false),
    read: () => Promise.resolve(null),
    remove: () => Promise.resolve(),
  };
  const kept = createKeptGains(host, nowhere, 2 ** 28);
  const readBack = createReadBack(host, shelf);
  loader.restore = async (id) => (await kept.restore(id)) || (await readBack.restore(id));
  const motion = createMotionService(host, loader);
  const api: MovieWorkerApi = {
    host: createHostService(host),
    files: createFilesService(host, loader),
    pictures: createPicturesService(host, loader, readBack),
    gain: createGainService(host, loader, kept),
    protocol: createProtocolService(host, loader, kept),
    orientation: createOrientationService(host, loader),
    motion: {
      ...motion,
      align: (runId, callbacks, request) => {
        onAlign(request.name);
        return motion.align(runId, callbacks, request);
      },
    },
    ctf: createCtfService(host),
    micrograph: createMicrographService(host, loader),
    report: createReportService(host),
    results: createResultsService(host, loader, kept),
  };
  return {
    start: (options) => api.host.start(options),
    call: (ask) => ask(api),
    run: (runId, handlers, ask) =>
      ask(api, runId, {
        onProgress: (progress) => handlers.onProgress?.(progress),
        onLog: (message) => handlers.onLog?.(message),
      }),
    cancel: () => undefined,
    remember: () => undefined,
    forget: () => undefined,
    answer: (find) => void api.pictures.findWith(find),
    onRestart: () => undefined,
  };
}

/** A page without a window: no database, no locks of other tabs. */
export async function openAppInThisThread({
  shelf,
  tab = new Map(),
  onAlign = () => undefined,
}: {
  readonly shelf?: PictureShelf;
  /** What the tab remembers over a reload. */
  readonly tab?: Map<string, string>;
  /** Hears of every movie whose motion is measured. */
  readonly onAlign?: (name: string) => void;
} = {}): Promise<App> {
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => tab.get(key) ?? null,
    setItem: (key: string, value: string) => void tab.set(key, value),
    removeItem: (key: string) => void tab.delete(key),
  });
  vi.stubGlobal("navigator", {
    userAgent: "",
    storage: { persist: () => Promise.resolve(false) },
    locks: {
      request: (_: string, __: unknown, work: (lock: unknown) => Promise<void>) => work({}),
    },
  });
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("FileSystemFileHandle", class {});
  const app = createApp({
    client: workerInThisThread(shelf, onAlign),
    capabilities: {
      ...{ webgpu: false, folderPicker: true, filePicker: true, cores: 2, webgpuHint: null },
    },
    backend: "cpu",
    budgetBytes: 2 ** 30,
    demoTable: () => "",
  });
  await app.actions.startBackend();
  return app;
}
