import { describe, expect, it } from "vitest";
import type { PickedFile } from "#src/platform/fileAccess.ts";
import type { StoredFile } from "#src/platform/sessionDb.ts";
import type { AppState } from "./appState.ts";
import { createLooseFiles } from "./looseFiles.ts";

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
        : Promise.resolve(new File(["x"], name)),
  };
  return { handle: handle as unknown as FileSystemFileHandle, asked: () => asked };
}

function setUp(stored: readonly StoredFile[] | null) {
  const told = { opened: [] as string[], waiting: -1, log: [] as string[] };
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
    (files: readonly PickedFile[]) => {
      told.opened.push(...files.map(({ path }) => path));
      return Promise.resolve();
    },
  );
  return { loose, told, row: () => row };
}

const stored = (path: string, { handle }: FakeFile): StoredFile => ({ path, handle });

describe("files that were opened one by one", () => {
  it("are remembered once each, before and after the session begins; without a handle never", () => {
    const a = fakeFile("a.mrcs", "granted").handle;
    const before = setUp(null);
    before.loose.onFiles([
      { path: "a.mrcs", file: new File([], "a.mrcs"), handle: a },
      { path: "b.mrcs", file: new File([], "b.mrcs"), handle: null },
      { path: "c.mrcs", file: new File([], "c.mrcs") },
    ]);
    expect(before.loose.known()).toEqual([{ path: "a.mrcs", handle: a }]);
    const during = setUp([{ path: "a.mrcs", handle: a }]);
    const d = fakeFile("d.mrcs", "granted").handle;
    for (const handle of [a, d])
      during.loose.onFiles([{ path: handle.name, file: new File([], handle.name), handle }]);
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
