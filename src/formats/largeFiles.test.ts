import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openNodeFile } from "#src/cli/nodeByteSource.ts";
import { dmFile } from "#src/testing/files/dmFile.ts";
import { eerFile } from "#src/testing/files/eerFile.ts";
import { mrcFile } from "#src/testing/files/mrcFile.ts";
import { greyTags, tiffParts } from "#src/testing/files/tiffFile.ts";
import type { FilePart } from "#src/testing/files/tiffFile.ts";
import { decodeFrame } from "./decodeFrame.ts";
import { openMovie } from "./openMovie.ts";

/** Files beyond 2 and 4 GiB, almost all of it holes that take no disk space. */
const GIB = 2 ** 30;
const width = 1024;
const height = 1024;
const frameBytes = width * height;
const lastFrame = Uint8Array.from({ length: frameBytes }, (_, i) => (i * 31) % 127);

describe("files beyond 2 and 4 GiB", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cryoloupe-large-"));
  });
  afterAll(async () => rm(folder, { recursive: true }));

  async function write(name: string, parts: readonly FilePart[], size?: number): Promise<string> {
    const path = join(folder, name);
    const handle = await open(path, "w");
    for (const { offset, bytes } of parts) await handle.write(bytes, 0, bytes.length, offset);
    if (size !== undefined) await handle.truncate(size);
    await handle.close();
    return path;
  }

  async function lastOf(path: string) {
    const reader = await openMovie(await openNodeFile(path));
    const { header, size } = reader;
    const pixels = await decodeFrame(await reader.readEncoded(header.frames - 1));
    await reader.close();
    return { header, size, pixels };
  }

  for (const gib of [2.5, 4.5])
    it(`show the last frame of ${gib} GiB of MRC`, async () => {
      const frames = (gib * GIB) / frameBytes;
      const spec = { width, height, frames, mode: 0, data: new Uint8Array(0) };
      const path = await write(`${gib}.mrcs`, [
        { offset: 0, bytes: mrcFile(spec) },
        { offset: 1024 + (frames - 1) * frameBytes, bytes: lastFrame },
      ]);
      const { header, size, pixels } = await lastOf(path);
      expect(size).toBe(1024 + gib * GIB);
      expect(header.frames).toBe(frames);
      expect(Buffer.from(pixels.buffer).equals(lastFrame)).toBe(true);
    });

  for (const [name, big, gib] of [
    ["TIFF", false, 3],
    ["BigTIFF", true, 5],
  ] as const)
    it(`show the last page of ${gib} GiB of ${name}`, async () => {
      const page = (bytes: Uint8Array) => ({ tags: greyTags(width, height), blocks: [bytes] });
      const path = await write(
        `${name}.tif`,
        tiffParts({ big, gap: gib * GIB, pages: [page(lastFrame), page(lastFrame)] }),
      );
      const { header, size, pixels } = await lastOf(path);
      expect(size).toBeGreaterThan(gib * GIB);
      expect(header.frames).toBe(2);
      for (const y of [0, 511, 1023])
        expect(pixels.subarray(y * width, (y + 1) * width)).toEqual(
          lastFrame.subarray((height - 1 - y) * width, (height - y) * width),
        );
    });

  it("show the last frame of 5 GiB of DM4", async () => {
    const frames = (5 * GIB) / frameBytes;
    const mark = Uint8Array.from({ length: 64 }, (_, i) => 200 - i);
    const small = dmFile({
      version: 4,
      dataType: 6,
      elementType: 10,
      elementBytes: 1,
      sizes: [width, height, frames],
      data: mark,
    });
    const at = Buffer.from(small).indexOf(mark);
    // The length of the array stands before its bytes.
    new DataView(small.buffer).setBigUint64(at - 8, BigInt(frames * frameBytes));
    const path = await write("large.dm4", [
      { offset: 0, bytes: small.subarray(0, at) },
      { offset: at + (frames - 1) * frameBytes, bytes: lastFrame },
      { offset: at + frames * frameBytes, bytes: small.subarray(at + mark.length) },
    ]);
    const { header, pixels } = await lastOf(path);
    expect(header.frames).toBe(frames);
    expect(Buffer.from(pixels.buffer).equals(lastFrame)).toBe(true);
  });

  it("show the frame of an EER that is padded to 5 GiB", async () => {
    const coding = {
      compression: 65001,
      runBits: 7,
      subBitsX: 2,
      subBitsY: 2,
      placeAfterFullRun: false,
    } as const;
    const bytes = eerFile([[{ x: 3, y: 2, subX: 0, subY: 0 }]], 16, 8, coding);
    const path = await write("a.eer", [{ offset: 0, bytes }], 5 * GIB);
    const { header, pixels } = await lastOf(path);
    expect(header.frames).toBe(1);
    expect(pixels.indexOf(1)).toBe(2 * 16 + 3);
  });
});
