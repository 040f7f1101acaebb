import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { toFailure } from "#src/domain/errors.ts";
import { createRandom } from "#src/math/random.ts";
import { eerFile } from "#src/testing/files/eerFile.ts";
import { dmFile } from "#src/testing/files/dmFile.ts";
import { mrcFile, numberBytes } from "#src/testing/files/mrcFile.ts";
import { encodeLzw, greyTags, tiffFile } from "#src/testing/files/tiffFile.ts";
import { sharedPath } from "#src/testing/sharedData.ts";
import { damage, watchAllocations } from "#src/testing/fuzz.ts";

/**
 * Broken files: every reader must end within 2 s with pixels or with a CryoloupeError that names the
 * file, and must not ask for more memory than the budget. CRYOLOUPE_FUZZ_CASES sets the number of cases
 * over all readers, CRYOLOUPE_FUZZ_SEED where they begin (scripts/fuzz.mjs runs many).
 */
const CASES = Number(process.env.CRYOLOUPE_FUZZ_CASES ?? 2000);
const SEED = Number(process.env.CRYOLOUPE_FUZZ_SEED ?? 1);
const LIMIT_MS = 2000;
const FRAME_BUDGET = 2 ** 20;
/** A frame may need a tile of twice its size; a piece of gzip can swell to just below 5 MiB. */
const LARGEST_ALLOCATION = 5 * FRAME_BUDGET;
const OPTIONS = { maxFrameBytes: FRAME_BUDGET, maxUnpackedBytes: 2 * FRAME_BUDGET };

// Readers and the libraries below them are loaded after the constructors have been replaced.
const watch = watchAllocations();
const { gzipSync, zlibSync } = await import("fflate");
const { memorySource } = await import("./memorySource.ts");
const { decodeFrame } = await import("./decodeFrame.ts");
const { classifyFile } = await import("./classify.ts");
const { openImage } = await import("./reference/openImage.ts");
const { openMovie } = await import("./openMovie.ts");
afterAll(() => watch.restore());

const width = 20;
const height = 12;
const pixels = Uint8Array.from({ length: width * height }, (_, i) => (i * 37) % 11);
const floats = numberBytes("f32", Array.from(pixels));
const coding = { runBits: 7, subBitsX: 2, subBitsY: 2, placeAfterFullRun: false };
const electrons = [3, 50, 177].map((i) => ({
  x: i % width,
  y: Math.floor(i / width),
  subX: 1,
  subY: 2,
}));
const serialEm = { exttyp: "SERI", serialEm: [6, 33], extended: new Uint8Array(64) } as const;
const fei = { exttyp: "FEI1", extended: new Uint8Array(768).fill(63) } as const;

/** A raw zstd frame of one stored block, as the format's description has it. */
function storedZstd(bytes: Uint8Array): Uint8Array {
  const header = [
    0x28,
    0xb5,
    0x2f,
    0xfd,
    0x60,
    (bytes.length - 256) & 255,
    (bytes.length - 256) >> 8,
  ];
  const block = (bytes.length << 3) | 1;
  return Uint8Array.of(...header, block & 255, (block >> 8) & 255, block >> 16, ...bytes);
}

const big = Uint8Array.from({ length: 400 }, (_, i) => i);
const tiff = (compression: number, block: Uint8Array, more: object = {}): Uint8Array =>
  tiffFile({
    pages: Array.from({ length: 3 }, () => ({
      tags: [
        ...greyTags(width, height, { compression, ...more }),
        { tag: 270, value: "described" },
      ],
      blocks: [block],
    })),
  });

const seeds: Record<string, { name: string; bytes: Uint8Array }> = {
  mrc: {
    name: "a.mrc",
    bytes: mrcFile({ width, height, frames: 1, mode: 2, data: floats, ...serialEm }),
  },
  "mrc, big endian, FEI1": {
    name: "a.mrcs",
    bytes: mrcFile({ width, height, frames: 4, mode: 1, bigEndian: true, data: floats, ...fei }),
  },
  "mrc, bytes": {
    name: "a.mrc",
    bytes: mrcFile({ width, height, frames: 1, mode: 0, data: pixels }),
  },
  "mrc, 4 bits": {
    name: "a.mrc",
    bytes: mrcFile({ width, height, frames: 2, mode: 101, data: pixels }),
  },
  "mrc, gzip": {
    name: "a.mrc.gz",
    bytes: gzipSync(mrcFile({ width, height, frames: 4, mode: 0, data: floats })),
  },
  tiff: { name: "a.tif", bytes: tiff(1, pixels) },
  "tiff, LZW": { name: "a.tif", bytes: tiff(5, encodeLzw(pixels), { predictor: 2 }) },
  "tiff, deflate, float predictor": {
    name: "a.tif",
    bytes: tiff(8, zlibSync(floats), { bits: 32, sampleFormat: 3, predictor: 3 }),
  },
  "tiff, PackBits": {
    name: "a.tif",
    bytes: tiff(
      32773,
      Uint8Array.of(127, ...pixels.subarray(0, 128), 111, ...pixels.subarray(128)),
    ),
  },
  "tiff, zstd": {
    name: "a.tif",
    bytes: tiffFile({
      pages: [{ tags: greyTags(20, 20, { compression: 50000 }), blocks: [storedZstd(big)] }],
    }),
  },
  "tiff, 12 bits, tiles, BigTIFF, big endian": {
    name: "a.tif",
    bytes: tiffFile({
      big: true,
      bigEndian: true,
      pages: [
        {
          tags: greyTags(width, height, { bits: 12, tile: [16, 16] }),
          blocks: [pixels, pixels].map((p) =>
            Uint8Array.from({ length: 384 }, (_, i) => p[i % 240]),
          ),
          tiled: true,
        },
      ],
    }),
  },
  gain: {
    name: "a.gain",
    bytes: tiffFile({
      pages: [
        {
          tags: [
            ...greyTags(width, height, { bits: 32, sampleFormat: 3 }),
            { tag: 65100, value: "<d><point>1,2</point><col>3-4</col></d>" },
          ],
          blocks: [floats],
        },
      ],
    }),
  },
  eer: {
    name: "a.eer",
    bytes: eerFile(
      [electrons, electrons, []],
      width,
      height,
      { ...coding, compression: 65001 },
      {
        metadata: '<item name="totalDose" unit="e/A2">3</item>',
        strips: 2,
      },
    ),
  },
  "eer, 65002": {
    name: "a.eer",
    bytes: eerFile([electrons], width, height, {
      ...coding,
      compression: 65002,
      subBitsX: 2,
      subBitsY: 2,
    }),
  },
  dm3: {
    name: "a.dm3",
    bytes: dmFile({
      version: 3,
      dataType: 2,
      elementType: 6,
      elementBytes: 4,
      sizes: [width, height],
      data: floats,
      units: "nm",
    }),
  },
  dm4: {
    name: "a.dm4",
    bytes: dmFile({
      version: 4,
      bigEndian: true,
      dataType: 6,
      elementType: 10,
      elementBytes: 1,
      sizes: [width, height / 2, 2],
      data: pixels,
      units: "nm",
    }),
  },
};

// Long runs also damage small real files, where they are at hand.
const realFiles = sharedPath("data");
if (process.env.CRYOLOUPE_FUZZ_CASES !== undefined && realFiles !== null)
  for (const folder of ["tiff", "dm", "mrc"])
    for (const name of readdirSync(join(realFiles, folder))) {
      const bytes = readFileSync(join(realFiles, folder, name));
      if (bytes.length < 2 ** 16) seeds[`${folder}/${name}`] = { name, bytes };
    }

type Outcome = "read" | "refused";

/** Opens and decodes a file by one of the doors; returns how it ended. */
async function attempt(name: string, bytes: Uint8Array, door: number): Promise<Outcome> {
  try {
    if (door === 0) {
      const answer = await classifyFile(memorySource(name, bytes), OPTIONS);
      return answer.kind === "none" ? "refused" : "read";
    }
    if (door === 1) {
      await openImage(memorySource(name, bytes), OPTIONS);
      return "read";
    }
    const eer = door === 2 ? { upsampling: 2 as const } : {};
    const reader = await openMovie(memorySource(name, bytes), { ...OPTIONS, eer });
    const { frames } = reader.header;
    for (const index of new Set([0, frames - 1]))
      await decodeFrame(await reader.readEncoded(index));
    return "read";
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code === "internal") throw error;
    if (!failure.message.includes(name.replace(/\.gz$/, "")))
      throw new Error(`no file named in: ${failure.message}`, { cause: error });
    return "refused";
  }
}

interface Tally {
  read: number;
  refused: number;
  slowestMs: number;
  largest: number;
}

/** Runs one case; throws with the case's number when a promise of the readers is broken. */
async function tryCase(
  what: string,
  name: string,
  bytes: Uint8Array,
  door: number,
  tally: Tally,
): Promise<void> {
  watch.reset();
  const start = performance.now();
  try {
    tally[await attempt(name, bytes, door)]++;
  } catch (error) {
    throw new Error(`${what}: ${String(error)}`, { cause: error });
  }
  const elapsed = performance.now() - start;
  tally.slowestMs = Math.max(tally.slowestMs, elapsed);
  tally.largest = Math.max(tally.largest, watch.largest());
  expect(elapsed, `${what} took too long`).toBeLessThan(LIMIT_MS);
  expect(watch.largest(), `${what} allocated too much`).toBeLessThanOrEqual(LARGEST_ALLOCATION);
}

describe("broken files", () => {
  const names = Object.keys(seeds);
  const each = Math.ceil(CASES / names.length);
  for (const key of names)
    it(`${key}: ${each} damaged copies end in pixels or in a sentence`, async () => {
      const { name, bytes } = seeds[key];
      if (!key.includes("/")) expect(await attempt(name, bytes, 3)).toBe("read");
      const tally: Tally = { read: 0, refused: 0, slowestMs: 0, largest: 0 };
      const random = createRandom(SEED + 1000 * names.indexOf(key));
      for (let i = 0; i < each; i++)
        await tryCase(`${key}, case ${i}`, name, damage(bytes, random), i % 4, tally);
      expect(tally.read + tally.refused).toBe(each);
      expect(tally.refused).toBeGreaterThan(0);
      if (process.env.CRYOLOUPE_FUZZ_CASES !== undefined)
        console.log(
          `${key}: ${tally.read} read, ${tally.refused} refused, slowest ${tally.slowestMs.toFixed(0)} ms, largest allocation ${tally.largest} bytes`,
        );
    }, 3_600_000);

  for (const key of names.filter((name) => !name.includes("/")))
    it(`${key}: cut at every byte of the header and of the directory`, async () => {
      const { name, bytes } = seeds[key];
      const tally: Tally = { read: 0, refused: 0, slowestMs: 0, largest: 0 };
      const step = bytes.length > 1200 ? 7 : 1;
      for (let length = 0; length < bytes.length; length += length < 260 ? 1 : step)
        await tryCase(`${key} cut at ${length}`, name, bytes.subarray(0, length), 3, tally);
      expect(tally.refused).toBeGreaterThan(0);
    });

  it("bombs cost no more than sound files", async () => {
    const tally: Tally = { read: 0, refused: 0, slowestMs: 0, largest: 0 };
    const zeros = new Uint8Array(16 * 2 ** 20);
    const bomb = zlibSync(zeros);
    await tryCase("deflate bomb", "a.tif", tiff(8, bomb), 3, tally);
    await tryCase("LZW bomb", "a.tif", tiff(5, encodeLzw(zeros.subarray(0, 2 ** 18))), 3, tally);
    await tryCase("gzip bomb", "a.mrc.gz", gzipSync(zeros), 3, tally);
    const blocks = Uint8Array.from({ length: 4 * 50_000 }, (_, i) => [2, 0, 0x10, 7][i % 4]);
    const zstd = new Uint8Array(6 + blocks.length);
    zstd.set([0x28, 0xb5, 0x2f, 0xfd, 0, 0x58]);
    zstd.set(blocks, 6);
    await tryCase("zstd bomb", "a.tif", tiff(50000, zstd), 3, tally);
    expect(tally.read + tally.refused).toBe(4);
  });
});
