import { expose } from "comlink";
import type { MovieWorkerApi } from "./contracts.ts";
import { createWorkerHost } from "./host.ts";
import { makeBackend } from "./makeBackend.ts";
import { browserShelf } from "./pictureShelf.ts";
import { createPictureStore } from "./pictureStore.ts";
import { createSpill } from "./spill.ts";
import { createCtfService } from "./services/ctf.ts";
import { createFilesService } from "./services/files.ts";
import { createGainService } from "./services/gain.ts";
import { createHostService } from "./services/host.ts";
import { createMotionService } from "./services/motion.ts";
import { createOrientationService } from "./services/orientation.ts";
import { createKeptGains } from "./services/keptGains.ts";
import { createProtocolService } from "./services/protocol.ts";
import { createMicrographService } from "./services/micrograph.ts";
import { createReadBack } from "./services/readBack.ts";
import { createReportService } from "./services/report.ts";
import { createResultsService } from "./services/results.ts";
import { createPictureLoader, createPicturesService } from "./services/pictures.ts";

/** The compute worker: owns the backend and the pool, serves every capability (docs/adr/0015). */
const host = createWorkerHost(makeBackend, createPictureStore(512 * 1024 * 1024));
const loader = createPictureLoader(host);
const keptGains = createKeptGains(host, createSpill(self.name), 768 * 2 ** 20);
const readBack = createReadBack(host, browserShelf());
loader.restore = async (id) => (await keptGains.restore(id)) || (await readBack.restore(id));

// Held for as long as this worker lives: the page waits for it to learn of a silent death. It does so from the
// worker's first answer on, which therefore waits until the lock is held.
const held = new Promise<void>((resolve) => {
  navigator.locks
    .request(self.name, () => {
      resolve();
      return new Promise<never>(() => undefined);
    })
    .catch(() => resolve());
});
const hostService = createHostService(host);

expose({
  host: {
    ...hostService,
    start: async (options) => {
      await held;
      return await hostService.start(options);
    },
  },
  files: createFilesService(host, loader),
  pictures: createPicturesService(host, loader, readBack),
  gain: createGainService(host, loader, keptGains),
  protocol: createProtocolService(host, loader, keptGains),
  orientation: createOrientationService(host, loader),
  motion: createMotionService(host, loader),
  ctf: createCtfService(host),
  micrograph: createMicrographService(host, loader),
  report: createReportService(host),
  results: createResultsService(host, loader, keptGains),
} satisfies MovieWorkerApi);
