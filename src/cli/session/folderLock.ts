import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { CryoloupeError } from "#src/domain/errors.ts";
import { writeFailure } from "../resultFolder.ts";

/** Milliseconds between two signs of life of a lock. */
const BEAT = 30_000;
/** So long without one, by the clock of the folder's disk, and a run of another computer is taken for dead. */
const DEAD = 5 * BEAT;

/** Keeps a second run out of a results folder while one is at work, on this computer or another. */
export async function lockFolder(folder: string): Promise<{ release(): Promise<void> }> {
  const path = join(folder, "session.lock");
  const own = `${process.pid}\n${hostname()}\n`;
  for (let attempt = 0; ; attempt++) {
    try {
      await writeFile(path, own, { flag: "wx" });
      const beat = setInterval(() => {
        // Written, not touched: the time is then the disk's. A lock that was removed by hand stays removed.
        writeFile(path, own, { flag: "r+" }).catch(() => undefined);
      }, BEAT).unref();
      return {
        release: async () => {
          clearInterval(beat);
          await rm(path, { force: true });
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt === 2)
        throw writeFailure(path, error);
      const [pid, host = ""] = (await readFile(path, "utf8").catch(() => "")).split("\n");
      const here = host === "" || host === hostname();
      if (here ? isRunning(Number(pid)) : await isFresh(path, folder))
        throw new CryoloupeError(
          "bad-arguments",
          `Another session (process ${pid}${here ? "" : ` on ${host}`}) is writing to ${folder}. Wait for it, or choose another folder with --out.${here ? "" : ` If it is gone, run this again in ${Math.ceil(DEAD / 60_000)} minutes, or remove session.lock.`}`,
        );
      // Left by a run that was killed.
      await rm(path, { force: true });
    }
  }
}

/** Both times are of the folder's disk: clocks of two computers differ. */
async function isFresh(path: string, folder: string): Promise<boolean> {
  const probe = join(folder, `session.lock.${process.pid}`);
  try {
    await writeFile(probe, "");
    const [now, then] = await Promise.all([stat(probe), stat(path)]);
    return now.mtimeMs - then.mtimeMs < DEAD;
  } finally {
    await rm(probe, { force: true });
  }
}

function isRunning(other: number): boolean {
  if (!Number.isInteger(other) || other <= 0 || other === process.pid) return false;
  try {
    process.kill(other, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
