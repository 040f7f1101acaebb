import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import type { ByteSource } from "#src/domain/byteSource.ts";
import { eerFile } from "#src/testing/files/eerFile.ts";
import { mrcFile } from "#src/testing/files/mrcFile.ts";
import { decodeFrame } from "./decodeFrame.ts";
import { memorySource } from "./memorySource.ts";
import { openMovie } from "./openMovie.ts";

const data = Uint8Array.from({ length: 600 }, (_, i) => i % 100);
const whole = mrcFile({ width: 10, height: 20, frames: 3, mode: 0, data });
const coding = {
  compression: 65001,
  runBits: 7,
  subBitsX: 2,
  subBitsY: 2,
  placeAfterFullRun: false,
} as const;

/** A source that remembers what was read and whether it was closed. */
function watched(name: string, bytes: Uint8Array) {
  const inner = memorySource(name, bytes);
  const state = { largest: 0, total: 0, closed: false };
  const source: ByteSource = {
    ...inner,
    read: (offset, length, signal) => {
      state.largest = Math.max(state.largest, length);
      state.total += length;
      return inner.read(offset, length, signal);
    },
    close: () => {
      state.closed = true;
      return Promise.resolve();
    },
  };
  return { source, state };
}

describe("opening", () => {
  it("goes by content, not by name", async () => {
    for (const name of ["movie.tif", "movie", "movie.dm4", "movie.gain"]) {
      const reader = await openMovie(memorySource(name, whole));
      expect(reader.header).toMatchObject({ format: "mrc", width: 10, frames: 3 });
    }
  });

  it("unpacks gzip once and refuses what is packed twice or too large", async () => {
    const packed = gzipSync(whole);
    const reader = await openMovie(memorySource("a.mrc.gz", packed));
    expect(reader.name).toBe("a.mrc");
    const last = await decodeFrame(await reader.readEncoded(2));
    expect(Array.from(last)).toEqual(Array.from(data.subarray(400)));
    await expect(openMovie(memorySource("a.gz", gzipSync(packed)))).rejects.toThrow(/twice/);
    await expect(
      openMovie(memorySource("a.gz", packed), { maxUnpackedBytes: 1000 }),
    ).rejects.toMatchObject({ code: "limit-exceeded" });
  });

  it("says what a foreign file is and what helps", async () => {
    const begin = (bytes: readonly number[]) => {
      const file = new Uint8Array(2000);
      file.set(bytes);
      return file;
    };
    for (const [bytes, reason] of [
      [begin([0x42, 0x5a, 0x68, 0x39]), /bzip2.*bunzip2/],
      [begin([0xfd, 0x37, 0x7a, 0x58, 0x5a]), /xz.*unxz/],
      [begin([0x28, 0xb5, 0x2f, 0xfd]), /zstd.*unzstd/],
      [begin([0x89, 0x50, 0x4e, 0x47]), /PNG/],
      [begin([0x89, 0x48, 0x44, 0x46]), /HDF5/],
      [new TextEncoder().encode("data_\nloop_\n"), /text file/],
      [begin([0xde, 0xad, 0xbe, 0xef]), /de ad be ef/],
      [new Uint8Array(0), /empty/],
    ] as const)
      await expect(openMovie(memorySource("x.bin", bytes))).rejects.toThrow(reason);
    await expect(openMovie(memorySource("x.ecc", begin([1, 2])))).rejects.toThrow(/\.ecc/);
  });

  it("reads headers only, frames singly, and closes the source with the reader", async () => {
    const big = mrcFile({
      width: 1000,
      height: 1000,
      frames: 5,
      mode: 6,
      data: new Uint8Array(1e7),
    });
    const { source, state } = watched("a.mrc", big);
    const reader = await openMovie(source);
    expect(state.total).toBeLessThan(5000);
    await reader.readEncoded(4);
    expect(state.largest).toBe(2e6);
    await reader.close();
    expect(state.closed).toBe(true);
  });

  it("ends at once when cancelled, while opening and while reading", async () => {
    const electron = [{ x: 1, y: 1, subX: 0, subY: 0 }];
    const files = [whole, gzipSync(whole), eerFile([electron, electron], 16, 16, coding)];
    for (const bytes of files) {
      const stop = new AbortController();
      const reader = await openMovie(memorySource("a", bytes), { signal: stop.signal });
      stop.abort();
      await expect(reader.readEncoded(0, stop.signal)).rejects.toMatchObject({ code: "cancelled" });
      await expect(
        openMovie(memorySource("a", bytes), { signal: stop.signal }),
      ).rejects.toMatchObject({ code: "cancelled" });
    }
  });
});
