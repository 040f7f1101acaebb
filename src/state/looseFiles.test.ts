import { describe, expect, it } from "vitest";
import type { PickedFile } from "#src/platform/fileAccess.ts";
import type { StoredFile } from "#src/platform/sessionDb.ts";
import type { AppState } from "./appState.ts";
import { createLooseFiles } from "./looseFiles.ts";
import { identityOf } from "./sessionSlice.ts";

/** Of every file here, so that the same name is the same file. */
const AT = 1_700_000_000_000;
const idOf = (path: string, size: number): string => identityOf({ path, size, lastModified: AT });

interface FakeFile {
  readonly handle: FileSystemFileHandle;
  readonly asked: () => number;
}

/** A file as the browser keeps it: readable, to be asked for (and then `answer`), or gone. */
function fakeFile(
  name: string,
  state: PermissionState,
  { answer = "granted", gone = false }: { answer?: PermissionState; gone?: boolean } = {},
): FakeFile {
  let now = state;
  let asked = 0;
  const handle = {
    kind: "file",
    name,
    queryPermission: () => Promise.resolve(now),
    requestPermission: () => {
      asked++;
      now = answer;
      return Promise.resolve(now);
    },
    getFile: () =>
      gone
        ? Promise.reject(new DOMException("A requested file could not be found.", "NotFoundError"))
        : Promise.resolve(new File(["x"], name, { lastModified: AT })),
  };
  return { handle: handle as unknown as FileSystemFileHandle, asked: () => asked };
}

function setUp(stored: readonly StoredFile[] | null) {
  const told = {
    opened: [] as string[],
    outdated: [] as string[],
    waiting: -1,
    log: [] as string[],
  };
  let row: { folders: []; results: null; files?: readonly StoredFile[] } | null =
    stored === null ? null : { folders: [], results: null, files: stored };
  const state = { session: { files: [] }, project: { name: "grid", waitingFiles: 0 } };
  const loose = createLooseFiles(
    {
      store: { getState: () => state as unknown as AppState } as never,
      update: ((_slice: string, change: (s: never) => { waitingFiles: number }) => {
        told.waiting = change(state.project as never).waitingFiles;
      }) as never,
      log: (text) => void told.log.push(text),
    },
    {
      row: () => row,
      setRow: (change) => {
        if (row !== null) row = { ...row, files: change.files ?? [] };
      },
    },
    {
      open: (files: readonly PickedFile[]) => {
        told.opened.push(...files.map(({ path }) => path));
        return Promise.resolve();
      },
      outdate: (id) => void told.outdated.push(id),
    },
  );
  return { loose, told, row: () => row };
}

const stored = (path: string, { handle }: FakeFile, size = 1): StoredFile => ({
  ...{ id: idOf(path, size), path, handle },
});
const empty = (name: string): File => new File([], name, { lastModified: AT });

describe("files that were opened one by one", () => {
  it("are remembered once each, before and after the session begins; without a handle never", () => {
    const a = fakeFile("a.mrcs", "granted").handle;
    const before = setUp(null);
    before.loose.onFiles([
      { path: "a.mrcs", file: empty("a.mrcs"), handle: a },
      { path: "b.mrcs", file: empty("b.mrcs"), handle: null },
      { path: "c.mrcs", file: empty("c.mrcs") },
    ]);
    expect(before.loose.known()).toEqual([{ id: idOf("a.mrcs", 0), path: "a.mrcs", handle: a }]);
    const during = setUp([{ id: idOf("a.mrcs", 0), path: "a.mrcs", handle: a }]);
    const d = fakeFile("d.mrcs", "granted").handle;
    for (const handle of [a, d])
      during.loose.onFiles([{ path: handle.name, file: empty(handle.name), handle }]);
    expect(during.row()?.files?.map(({ path }) => path)).toEqual(["a.mrcs", "d.mrcs"]);
  });

  it("are opened again where the browser lets them; the others wait until it was asked", async () => {
    const [free, locked] = [fakeFile("free", "granted"), fakeFile("locked", "prompt")];
    const { loose, told } = setUp([stored("free", free), stored("locked", locked)]);
    await loose.reopen(false);
    expect(told).toMatchObject({ opened: ["free"], waiting: 1, log: [] });
    expect(locked.asked()).toBe(0);
    await loose.reopen(true);
    expect(told.opened).toContain("locked");
    expect(told.waiting).toBe(0);
    expect(locked.asked()).toBe(1);
  });

  it("take the place of their older selves when they were written anew meanwhile", async () => {
    const same = fakeFile("same", "granted");
    const grown = fakeFile("grown", "granted");
    const { loose, told, row } = setUp([stored("same", same), stored("grown", grown, 7)]);
    await loose.reopen(false);
    expect(told.opened).toEqual(["same", "grown"]);
    expect(told.outdated).toEqual([idOf("grown", 7)]);
    expect(row()?.files?.map(({ id }) => id)).toEqual([idOf("same", 1), idOf("grown", 1)]);
  });

  it("are not asked for again after a refusal, and one that is gone does not stop the others", async () => {
    const refused = fakeFile("refused", "prompt", { answer: "denied" });
    const next = fakeFile("next", "prompt");
    const gone = fakeFile("gone", "granted", { gone: true });
    const { loose, told } = setUp([
      stored("refused", refused),
      stored("next", next),
      stored("gone", gone),
      stored("last", fakeFile("last", "granted")),
    ]);
    await loose.reopen(true);
    expect(told.opened).toEqual(["last"]);
    expect(told.waiting).toBe(2);
    expect(next.asked()).toBe(0);
    expect(told.log).toHaveLength(1);
    expect(told.log[0]).toMatch(/^gone cannot be opened again: .*Its results are kept\.$/);
  });
});
