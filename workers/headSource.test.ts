import { describe, expect, it } from "vitest";
import type { ByteSource } from "#src/domain/byteSource.ts";
import { createHeadSource, HEAD_BYTES } from "./headSource.ts";

function counted(size: number): { readonly source: ByteSource; readonly reads: () => number } {
  let reads = 0;
  const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31) % 251);
  const read: ByteSource["read"] = (offset, length) => {
    reads++;
    if (offset + length > size) return Promise.reject(new Error("ends earlier"));
    return Promise.resolve(bytes.slice(offset, offset + length));
  };
  return { source: { name: "m.mrcs", size, read }, reads: () => reads };
}

describe("the head of a file", () => {
  it("is read once, gives buffers of their own, and leaves the rest to the file", async () => {
    const file = counted(HEAD_BYTES + 100);
    const { source, release } = createHeadSource(file.source);
    const first = await source.read(0, 1024);
    first.fill(0);
    expect((await source.read(2, 3))[1]).toBe((3 * 31) % 251);
    await source.read(0, HEAD_BYTES);
    expect(file.reads()).toBe(1);
    expect((await source.read(HEAD_BYTES, 100))[0]).toBe((HEAD_BYTES * 31) % 251);
    expect(file.reads()).toBe(2);
    release();
    expect((await source.read(1, 1))[0]).toBe(31);
    expect(file.reads()).toBe(3);
  });

  it("of a small file is all of it, and its end is told by the file", async () => {
    const file = counted(10);
    const { source } = createHeadSource(file.source);
    expect(await source.read(0, 10)).toHaveLength(10);
    await expect(source.read(5, 10)).rejects.toThrow("ends earlier");
  });
});
