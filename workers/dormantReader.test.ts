import { describe, expect, it } from "vitest";
import type { MovieReader } from "#src/domain/movie.ts";
import { memoryMovie } from "#src/testing/memoryMovie.ts";
import { createDormitory } from "./dormantReader.ts";

describe("a dormant reader", () => {
  it("is opened anew only when it has slept, and reads the same", async () => {
    const { dormant } = createDormitory(2);
    const opened: string[] = [];
    const open = (name: string): MovieReader => {
      opened.push(name);
      return memoryMovie([Uint8Array.from([1, 2, 3, name.charCodeAt(0)])], 2, 2, {}, name);
    };
    const readers = ["a", "b", "c"].map((name) =>
      dormant(open(name), () => Promise.resolve(open(name))),
    );
    expect(opened).toEqual(["a", "b", "c"]);
    // "a" was put to sleep by "c".
    for (const reader of [readers[1], readers[2], readers[0], readers[0]]) {
      const { parts } = await reader.readEncoded(0);
      expect(parts[0][3]).toBe(reader.name.charCodeAt(0));
    }
    expect(opened).toEqual(["a", "b", "c", "a"]);
    expect(readers[0].header.width).toBe(2);
  });

  it("can be read again after a file could not be opened for once", async () => {
    const { dormant } = createDormitory(1);
    const make = (): MovieReader => memoryMovie([Uint8Array.from([7])], 1, 1);
    let fails = true;
    const first = dormant(make(), () =>
      fails ? Promise.reject(new Error("away")) : Promise.resolve(make()),
    );
    dormant(make(), () => Promise.resolve(make()));
    await expect(first.readEncoded(0)).rejects.toThrow("away");
    fails = false;
    expect((await first.readEncoded(0)).parts[0][0]).toBe(7);
  });
});
