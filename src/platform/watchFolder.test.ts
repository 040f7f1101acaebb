import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { watchFolder } from "./watchFolder.ts";

/** Files of a folder by path: content and time of the last change. */
type Content = Map<string, { text: string; time: number }>;

/** What `watchFolder` asks of a directory handle, over a map. */
function directory(content: Content, prefix = ""): FileSystemDirectoryHandle {
  const entries = async function* (): AsyncGenerator<[string, unknown]> {
    const folders = new Set<string>();
    for (const [path, { text, time }] of content) {
      if (!path.startsWith(prefix)) continue;
      const [name, ...below] = path.slice(prefix.length).split("/");
      await Promise.resolve();
      if (below.length === 0)
        yield [
          name,
          {
            kind: "file",
            getFile: () =>
              content.has(path)
                ? Promise.resolve(new File([text], name, { lastModified: time }))
                : Promise.reject(new DOMException("gone", "NotFoundError")),
          },
        ];
      else if (!folders.has(name)) {
        folders.add(name);
        yield [name, directory(content, `${prefix}${name}/`)];
      }
    }
  };
  return { kind: "directory", name: "session", entries } as unknown as FileSystemDirectoryHandle;
}

describe("a watched folder", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("reports what lies there, what comes when it has held still, and what changes", async () => {
    const content: Content = new Map([
      ["b.star", { text: "old", time: 0 }],
      ["sub/a.mrc", { text: "old", time: 0 }],
      ["notes.doc", { text: "no", time: 0 }],
    ]);
    const found: string[][] = [];
    const watch = watchFolder(directory(content), {
      onFiles: (files) => void found.push(files.map(({ path, file }) => `${path} ${file.size}`)),
      onError: (error) => {
        throw error;
      },
      everyMs: 1000,
    });
    await vi.advanceTimersByTimeAsync(10);
    expect(found).toEqual([["b.star 3", "sub/a.mrc 3"]]);
    // Written in three goes: reported when two looks saw the same.
    content.set("c.mrc", { text: "1", time: Date.now() });
    await vi.advanceTimersByTimeAsync(1000);
    content.set("c.mrc", { text: "12", time: Date.now() });
    await vi.advanceTimersByTimeAsync(1000);
    expect(found).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(found[1]).toEqual(["c.mrc 2"]);
    content.set("b.star", { text: "longer", time: Date.now() });
    content.delete("sub/a.mrc");
    await vi.advanceTimersByTimeAsync(2000);
    expect(found.slice(2)).toEqual([["b.star 6"]]);
    watch.stop();
    content.set("d.star", { text: "late", time: 0 });
    await vi.advanceTimersByTimeAsync(5000);
    expect(found).toHaveLength(3);
  });

  it("waits for its user, and ends with the folder's error", async () => {
    const content: Content = new Map([["a.star", { text: "x", time: 0 }]]);
    let release = (): void => undefined;
    const found: string[] = [];
    const errors: unknown[] = [];
    const folder = directory(content);
    watchFolder(folder, {
      onFiles: (files) => {
        found.push(...files.map(({ path }) => path));
        return new Promise<void>((resolve) => {
          release = resolve;
        });
      },
      onError: (error) => void errors.push(error),
      everyMs: 100,
    });
    await vi.advanceTimersByTimeAsync(50);
    content.set("b.star", { text: "x", time: 0 });
    await vi.advanceTimersByTimeAsync(5000);
    expect(found).toEqual(["a.star"]);
    release();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(found).toEqual(["a.star", "b.star"]);
    const refused = new DOMException("permission ended", "NotAllowedError");
    Object.assign(folder, {
      entries: () => {
        throw refused;
      },
    });
    release();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(errors).toEqual([refused]);
  });
});
