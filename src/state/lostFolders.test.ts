import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { initialState } from "./appState.ts";
import type { AppState } from "./appState.ts";
import type { ActionContext } from "./context.ts";
import { createLostFolders } from "./lostFolders.ts";

/** A folder of a disk that is there, was taken out, or left its empty place behind. */
function fakeFolder(name: string): {
  readonly handle: FileSystemDirectoryHandle;
  state: "there" | "away" | "empty" | "refused";
} {
  const folder = {
    state: "there" as "there" | "away" | "empty" | "refused",
    handle: {
      name,
      kind: "directory",
      queryPermission: () => Promise.resolve(folder.state === "refused" ? "prompt" : "granted"),
      entries: async function* () {
        await Promise.resolve();
        if (folder.state === "away") throw new DOMException("gone", "NotFoundError");
        if (folder.state === "there") yield ["movie_1.mrcs", {}];
      },
    } as unknown as FileSystemDirectoryHandle,
  };
  return folder;
}

function setUp() {
  const store = createStore<AppState>(() =>
    initialState({} as Parameters<typeof initialState>[0], 2 ** 31),
  );
  const update: ActionContext["update"] = (slice, change) =>
    store.setState((s) => ({ [slice]: { ...s[slice], ...change(s[slice]) } }));
  update("project", ({ watching }) => ({ watching: { ...watching, state: "watching" as const } }));
  const said: string[] = [];
  const back: string[] = [];
  const folders = [fakeFolder("one"), fakeFolder("two")];
  const lost = createLostFolders(
    { store, update, log: (text) => void said.push(text) },
    {
      folders: () => folders.map(({ handle }) => handle),
      stop: () => true,
      back: ({ name }) => void back.push(name),
    },
  );
  return { store, said, back, folders, lost };
}

describe("a folder that cannot be read", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([
    ["away", "gone", "is no longer there"],
    ["empty", "gone", "is empty"],
    ["refused", "permission", "permission ended"],
  ] as const)(
    "is waited for when it is %s, told of once, and gone on with",
    async (how, state, words) => {
      const { store, said, back, folders, lost } = setUp();
      expect(await lost.anyLost()).toBe(false);
      folders[0].state = how;
      expect(await lost.anyLost()).toBe(true);
      expect(await lost.anyLost()).toBe(true);
      expect(said).toHaveLength(1);
      expect(said[0]).toContain(words);
      expect(store.getState().project.watching).toMatchObject({ state, folder: "one" });
      await vi.advanceTimersByTimeAsync(20_000);
      expect(back).toEqual([]);
      folders[0].state = "there";
      await vi.advanceTimersByTimeAsync(5000);
      expect(back).toEqual(["one"]);
      expect(await lost.anyLost()).toBe(false);
    },
  );

  it("is not looked for any more when the session is left", async () => {
    const { back, folders, lost } = setUp();
    folders[1].state = "away";
    expect(await lost.anyLost()).toBe(true);
    lost.forgetAll();
    folders[1].state = "there";
    await vi.advanceTimersByTimeAsync(10_000);
    expect(back).toEqual([]);
  });
});
