import type { Page } from "@playwright/test";
import type { AppActions, AppState } from "#src/state/appTypes.ts";
import { openPage } from "./fixtures.ts";

/** What `?diagnose` puts into the console. */
export interface Diagnose {
  readonly state: () => AppState;
  readonly actions: AppActions;
  readonly fault: (kind: string, name: string, about?: string, times?: number) => void;
  readonly openFolder: (name: string) => Promise<void>;
  readonly chooseResults: (name: string) => Promise<void>;
  readonly loseDevice: () => Promise<unknown>;
}

declare global {
  var cryoloupeDiagnose: Diagnose;
}

/**
 * Writes small movies into a folder of the page's own storage, as a microscope does. `pause` = ms between
 * movies; `halves` writes each in two goes with that many ms between them.
 */
export async function writeMovies(
  page: Page,
  options: {
    readonly folder: string;
    readonly from: number;
    readonly count: number;
    readonly size?: number;
    readonly frames?: number;
    readonly pause?: number;
    readonly halves?: number;
  },
): Promise<void> {
  await page.evaluate(
    async ({ folder, from, count, size = 64, frames = 3, pause = 0, halves = 0 }) => {
      const root = await navigator.storage.getDirectory();
      const directory = await root.getDirectoryHandle(folder, { create: true });
      const later = (ms: number): Promise<void> =>
        new Promise((resolve) => setTimeout(resolve, ms));
      for (let m = from; m < from + count; m++) {
        const bytes = new Uint8Array(1024 + 2 * size * size * frames);
        const header = new DataView(bytes.buffer);
        for (const [word, value] of [
          [0, size],
          [1, size],
          [2, frames],
          [3, 6],
          [7, size],
          [8, size],
          [9, frames],
          [16, 1],
          [17, 2],
          [18, 3],
        ])
          header.setInt32(4 * word, value, true);
        for (const word of [10, 11, 12])
          header.setFloat32(4 * word, word === 12 ? frames : size, true);
        bytes.set([77, 65, 80, 32, 68, 68], 208);
        // A landscape that moves one pixel a frame, and noise from a seed.
        let seed = m + 1;
        for (let f = 0; f < frames; f++)
          for (let y = 0; y < size; y++)
            for (let x = 0; x < size; x++) {
              seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
              const wave = 6 * Math.sin((x - f) / 3) * Math.cos(y / 4);
              header.setUint16(
                1024 + 2 * ((f * size + y) * size + x),
                Math.max(0, Math.round(20 + wave + 8 * (seed / 2 ** 32))),
                true,
              );
            }
        const name = `movie_${String(m).padStart(5, "0")}.mrcs`;
        const file = await directory.getFileHandle(name, { create: true });
        const half = halves > 0 ? bytes.length >> 1 : bytes.length;
        const first = await file.createWritable();
        await first.write(bytes.slice(0, half));
        await first.close();
        if (half < bytes.length) {
          await later(halves);
          const rest = await file.createWritable({ keepExistingData: true });
          await rest.seek(half);
          await rest.write(bytes.slice(half));
          await rest.close();
        }
        if (pause > 0) await later(pause);
      }
    },
    options,
  );
}

/** Opens the page with its levers. */
export async function openSession(page: Page, query = ""): Promise<void> {
  await openPage(page, `?diagnose${query}`);
}

/** Opens a folder of the page's own storage as the folder dialog would. */
export async function watchOwnFolder(page: Page, folder: string): Promise<void> {
  await page.evaluate((name) => cryoloupeDiagnose.openFolder(name), folder);
}

/** How many movies have a result of a step, and how many of them failed. */
export async function stepCounts(
  page: Page,
  step: "gain" | "motion" | "preprocess" = "motion",
): Promise<{ done: number; failed: number; movies: number }> {
  return await page.evaluate((name) => {
    const { records } = cryoloupeDiagnose.state().project;
    const results = Object.values(records).map((record) => record.steps[name]);
    return {
      movies: results.length,
      done: results.filter((result) => result?.failure === null).length,
      failed: results.filter((result) => result !== undefined && result.failure !== null).length,
    };
  }, step);
}

/** Paths and sizes of all files below a folder of the page's own storage. */
export async function filesBelow(page: Page, folder: string): Promise<Record<string, number>> {
  return await page.evaluate(async (path) => {
    const found: Record<string, number> = {};
    const walk = async (directory: FileSystemDirectoryHandle, prefix: string): Promise<void> => {
      for await (const [name, entry] of directory.entries())
        if (entry.kind === "directory") await walk(entry, `${prefix}${name}/`);
        else found[`${prefix}${name}`] = (await entry.getFile()).size;
    };
    let directory = await navigator.storage.getDirectory();
    for (const name of path.split("/")) directory = await directory.getDirectoryHandle(name);
    await walk(directory, "");
    return found;
  }, folder);
}

/** The text of a file of the page's own storage. */
export async function textOf(page: Page, path: string): Promise<string> {
  return await page.evaluate(async (whole) => {
    const parts = whole.split("/");
    let directory = await navigator.storage.getDirectory();
    for (const name of parts.slice(0, -1)) directory = await directory.getDirectoryHandle(name);
    const file = await directory.getFileHandle(parts[parts.length - 1]);
    return await (await file.getFile()).text();
  }, path);
}
