import { describe, expect, it } from "vitest";
import { memoryFolder } from "#src/testing/memoryFolder.ts";
import { createPictureShelf } from "./pictureShelf.ts";
import type { PictureShelf, PictureUse, ShelfPicture, StorageRoom } from "./pictureShelf.ts";

/** Bytes of a picture of 8 × 4 pixels as it is kept. */
const BYTES = 8 + 4 * 32;

const picture = (name: string, use: PictureUse, value: number): ShelfPicture => ({
  ...{ name, use, width: 8, height: 4 },
  data: new Float32Array(32).fill(value),
});

function setUp(room: StorageRoom, disk = memoryFolder("browser")) {
  const shelf = createPictureShelf({
    folder: () => Promise.resolve(disk.handle),
    room: () => Promise.resolve(room),
  });
  return { shelf, disk };
}

const has = async (shelf: PictureShelf, names: readonly string[]): Promise<string> => {
  const found: string[] = [];
  for (const name of names) {
    const [movie, what] = name.split(":");
    if ((await shelf.get("s", movie, what)) !== null) found.push(name);
  }
  return found.join(" ");
};

/** Room of which a quarter is the shelf's, of which three quarters hold so many large pictures. */
const roomFor = (large: number): StorageRoom => ({
  quota: Math.ceil((large * BYTES) / 0.75 / 0.25) + 10,
  usage: 0,
});

describe("the shelf of pictures", () => {
  it("gives back what was put on it, on the next visit too", async () => {
    const { shelf, disk } = setUp({});
    const made = picture("psd/reading/after", "small", 2.5);
    const before = await shelf.put("s", "a/b", [made, picture("after", "step", -1)]);
    expect(before).toEqual({ bytes: 2 * BYTES, refused: false });
    const { shelf: next } = setUp({}, disk);
    const { width, height, data } = made;
    expect(await next.get("s", "a/b", "psd/reading/after")).toEqual({ width, height, data });
    expect(await next.get("s", "a", "after")).toBeNull();
    expect(await next.get("other", "a/b", "after")).toBeNull();
    expect((await next.held()).bytes).toBe(2 * BYTES);
    await next.forget("s");
    expect(await next.get("s", "a/b", "after")).toBeNull();
    expect(disk.files.size).toBe(0);
  });

  it("gives half of its room when the session itself needs it, pictures to look at first", async () => {
    const { shelf } = setUp({});
    for (const movie of ["a", "b"])
      await shelf.put("s", movie, [picture("after", "step", 1), picture("before", "view", 2)]);
    expect(await shelf.giveRoom()).toBe(2 * BYTES);
    expect(await has(shelf, ["a:after", "a:before", "b:after", "b:before"])).toBe(
      "a:after b:after",
    );
    // The browser has refused: there is no more room than that from now on.
    expect((await shelf.held()).budget).toBeLessThanOrEqual(2 * BYTES);
  });

  it("lets the oldest go first, and what is only looked at before what a step needs", async () => {
    const usage = { held: 0 };
    const { quota } = roomFor(3);
    const disk = memoryFolder("browser");
    const shelf = createPictureShelf({
      folder: () => Promise.resolve(disk.handle),
      room: () =>
        Promise.resolve({
          ...(quota === undefined ? {} : { quota }),
          usage: [...disk.files.values()].reduce((sum, { length }) => sum + length, usage.held),
        }),
    });
    await shelf.put("s", "a", [picture("weighted", "step", 1), picture("after", "view", 1)]);
    await shelf.put("s", "b", [picture("weighted", "step", 2), picture("after", "view", 2)]);
    const all = ["a:weighted", "a:after", "b:weighted", "b:after", "c:weighted", "d:weighted"];
    expect(await has(shelf, all)).toBe("a:weighted b:weighted b:after");
    await shelf.put("s", "c", [picture("weighted", "step", 3), picture("after", "view", 3)]);
    expect(await has(shelf, all)).toBe("a:weighted b:weighted c:weighted");
    expect(await has(shelf, ["c:after"])).toBe("");
    await shelf.put("s", "d", [picture("weighted", "step", 4)]);
    expect(await has(shelf, all)).toBe("b:weighted c:weighted d:weighted");
    // The same movie made anew takes the place of its older self.
    await shelf.put("s", "b", [picture("weighted", "step", 5)]);
    expect((await shelf.get("s", "b", "weighted"))?.data[0]).toBe(5);
    expect(await has(shelf, all)).toBe("b:weighted c:weighted d:weighted");
    // Small ones have a share of their own: they push nothing large out.
    await shelf.put("s", "e", [picture("psd/a", "small", 1), picture("psd/b", "small", 1)]);
    expect(await has(shelf, [...all, "e:psd/a", "e:psd/b"])).toBe(
      "b:weighted c:weighted d:weighted e:psd/b",
    );
    // Others have filled the room: a quarter of what is left is smaller than a picture.
    usage.held = (quota ?? 0) - 4 * BYTES;
    expect(await shelf.put("s", "f", [picture("after", "step", 1)])).toEqual({
      ...{ bytes: 0, refused: false },
    });
  });

  it("keeps nothing, and goes on, when the browser refuses", async () => {
    const refusing = createPictureShelf({
      folder: () => Promise.reject(new DOMException("No.", "SecurityError")),
      room: () => Promise.resolve({}),
    });
    expect(await refusing.put("s", "a", [picture("after", "step", 1)])).toEqual({
      ...{ bytes: 0, refused: true },
    });
    expect(await refusing.get("s", "a", "after")).toBeNull();
    await refusing.forget("s");

    // Full when the second is written: from then on the newest takes the place of the oldest.
    const disk = memoryFolder("browser");
    const { shelf } = setUp({}, disk);
    await shelf.put("s", "a", [picture("after", "step", 1)]);
    disk.limit(BYTES + 20);
    expect(await shelf.put("s", "b", [picture("after", "step", 2)])).toEqual({
      ...{ bytes: 0, refused: true },
    });
    expect(await has(shelf, ["a:after", "b:after"])).toBe("a:after");
    expect([...disk.files.values()].map(({ length }) => length)).toEqual([BYTES]);
  });
});
