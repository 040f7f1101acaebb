import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Bytes } from "#src/domain/byteSource.ts";
import type { ByteSink } from "#src/domain/byteSink.ts";
import { CryoloupeError } from "#src/domain/errors.ts";

/** A result being written: under a temporary name until `commit`. */
export interface ResultFile extends ByteSink {
  readonly path: string;
  rewrite(offset: number, bytes: Bytes): Promise<void>;
  /** Gives the file its final name, replacing an older result. */
  commit(): Promise<void>;
  /** Removes what was written. Does nothing after `commit`. */
  discard(): Promise<void>;
}

/** The folder that a command writes its results to. */
export interface ResultFolder {
  readonly path: string;
  /** Writes a whole file. */
  write(name: string, content: Bytes | string): Promise<void>;
  /** Opens a file to be written piece by piece. */
  create(name: string): Promise<ResultFile>;
  /** Gives a finished result a second name. */
  copy(name: string, second: string): Promise<void>;
}

/** Bytes that a copy is made of at a time. */
const COPY_BYTES = 1 << 23;

/** Opens (and makes) a folder for results; none of `inputs` is ever written over. */
export async function openResultFolder(
  path: string,
  inputs: readonly string[],
): Promise<ResultFolder> {
  await attempt(path, () => mkdir(path, { recursive: true }));
  const create = (name: string): Promise<ResultFile> => createResultFile(join(path, name), inputs);
  return {
    path,
    create,
    async write(name, content) {
      const file = await create(name);
      try {
        await file.write(typeof content === "string" ? new TextEncoder().encode(content) : content);
        await file.commit();
      } finally {
        await file.discard();
      }
    },
    async copy(name, second) {
      const source = await open(join(path, name), "r");
      const file = await create(second);
      try {
        const piece = new Uint8Array(COPY_BYTES);
        for (;;) {
          const { bytesRead } = await source.read(piece, 0, piece.length, null);
          if (bytesRead === 0) break;
          await file.write(piece.subarray(0, bytesRead));
        }
        await file.commit();
      } finally {
        await file.discard();
        await source.close();
      }
    },
  };
}

/** Removes files that were being written when a run was killed, here and in the folders of a session. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const below of ["", "gain", "aligned", "micrographs", "sampling"]) {
    const names = await readdir(join(folder, below)).catch(() => []);
    for (const name of names)
      if (/\.[0-9a-f]{8}\.part$/.test(name)) await rm(join(folder, below, name), { force: true });
  }
}

/** A single result file, its folder made where needed; refused when it is one of the inputs. */
export async function createResultFile(
  path: string,
  inputs: readonly string[],
): Promise<ResultFile> {
  const target = await canonical(path);
  if ((await canonicalInputs(inputs)).has(target))
    throw new CryoloupeError(
      "bad-arguments",
      `${path} is an input and inputs are never modified. Choose another name or folder for the result.`,
      { file: basename(path) },
    );
  await attempt(path, () => mkdir(dirname(path), { recursive: true }));
  const temporary = `${path}.${randomBytes(4).toString("hex")}.part`;
  const handle = await attempt(path, () => open(temporary, "wx"));
  let position = 0;
  let state: "open" | "done" = "open";
  const put = async (bytes: Bytes, at: number): Promise<void> => {
    for (let done = 0; done < bytes.length;)
      done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  };
  return {
    path,
    write: (bytes) =>
      attempt(path, async () => {
        const at = position;
        position += bytes.length;
        await put(bytes, at);
      }),
    rewrite: (offset, bytes) => attempt(path, () => put(bytes, offset)),
    async commit() {
      state = "done";
      await attempt(path, async () => {
        await handle.close();
        await rename(temporary, path);
      });
    },
    async discard() {
      if (state === "done") return;
      state = "done";
      await handle.close();
      await rm(temporary, { force: true });
    },
  };
}

interface ResolvedInputs {
  /** How many of the list are in `paths`, or on their way. */
  begun: number;
  readonly paths: Set<string>;
  /** Settles when all that were begun are in. */
  ready: Promise<unknown>;
}

/** Links of inputs are resolved once: sessions write thousands of files beside thousands of inputs. */
const resolvedInputs = new WeakMap<readonly string[], ResolvedInputs>();

async function canonicalInputs(inputs: readonly string[]): Promise<ReadonlySet<string>> {
  const known = resolvedInputs.get(inputs) ?? {
    begun: 0,
    paths: new Set<string>(),
    ready: Promise.resolve(),
  };
  resolvedInputs.set(inputs, known);
  // The list of a session grows while it runs.
  if (known.begun < inputs.length) {
    const more = inputs.slice(known.begun);
    known.begun = inputs.length;
    const added = more.map(async (input) => known.paths.add(await canonical(input)));
    known.ready = Promise.all([known.ready, ...added]);
  }
  await known.ready;
  return known.paths;
}

/** The path with links resolved, also of a file that is not there yet. */
async function canonical(path: string): Promise<string> {
  const full = resolve(path);
  return await realpath(full).catch(async () =>
    join(await realpath(dirname(full)).catch(() => dirname(full)), basename(full)),
  );
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/** Why a file could not be written, in words. */
export function writeFailure(path: string, error: unknown): CryoloupeError {
  if (error instanceof CryoloupeError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  const reason = error instanceof Error ? error.message : String(error);
  const full = code === "ENOSPC" || code === "EDQUOT";
  return new CryoloupeError(
    full ? "disk-full" : "permission-denied",
    `${path} could not be written: ${reason}. ${full ? "What is complete stays. Free room there and run it again, or choose" : "Choose"} another folder with --out.`,
    { file: basename(path), cause: error },
  );
}
