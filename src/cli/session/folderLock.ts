import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CryoloupeError } from "#src/domain/errors.ts";

/** Keeps a second run out of a results folder while one is at work. */
export async function lockFolder(folder: string): Promise<{ release(): Promise<void> }> {
  const path = join(folder, "session.lock");
  const own = `${process.pid}\n`;
  for (let attempt = 0; ; attempt++) {
    try {
      await writeFile(path, own, { flag: "wx" });
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt === 2)
        throw new CryoloupeError(
          "permission-denied",
          `${path} could not be written: ${error instanceof Error ? error.message : String(error)}. Choose another folder with --out.`,
          { cause: error },
        );
      const other = Number(await readFile(path, "utf8").catch(() => ""));
      if (isRunning(other))
        throw new CryoloupeError(
          "bad-arguments",
          `Another session (process ${other}) is writing to ${folder}. Wait for it, or choose another folder with --out.`,
        );
      // Left by a run that was killed.
      await rm(path, { force: true });
    }
  }
}

function isRunning(process_: number): boolean {
  if (!Number.isInteger(process_) || process_ <= 0 || process_ === process.pid) return false;
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
