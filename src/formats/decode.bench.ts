import { zlibSync } from "fflate";
import { createRandom } from "#src/math/random.ts";
import { eerFile } from "#src/testing/files/eerFile.ts";
import { encodeLzw, greyTags, tiffFile } from "#src/testing/files/tiffFile.ts";
import { decodeFrame } from "./decodeFrame.ts";
import { memorySource } from "./memorySource.ts";
import { openMovie } from "./openMovie.ts";
import { bench, describe } from "vitest";

/**
 * Decoding of one frame, by one worker. A K3 frame of Poisson counts (mean 0.8) in strips of 64 rows, and a
 * Falcon raw frame of half a million electrons.
 */
const width = 5760;
const height = 4092;
const rows = 64;
const random = createRandom(1);
const strip = Uint8Array.from({ length: width * rows }, () => random.poisson(0.8));
const strips = Math.ceil(height / rows);
const lastRows = height - (strips - 1) * rows;

/** The same strip over and over: encoding is slow and not what is measured. */
function movie(compression: number, encode: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const block = encode(strip);
  const last = encode(strip.subarray(0, width * lastRows));
  const blocks = Array.from({ length: strips }, (_, i) => (i === strips - 1 ? last : block));
  const tags = greyTags(width, height, { compression, rowsPerStrip: rows });
  return tiffFile({ pages: [{ tags, blocks }] });
}

const electrons = Array.from({ length: 494_143 }, (_, i) => {
  const at = Math.floor(((i + 0.9 * random.uniform()) * 2 ** 24) / 494_144);
  return { x: at & 4095, y: at >> 12, subX: i & 3, subY: (i >> 2) & 3 };
});
const files: Readonly<Record<string, Uint8Array>> = {
  "5760 × 4092 u8, LZW": movie(5, encodeLzw),
  "5760 × 4092 u8, deflate": movie(8, (bytes) => zlibSync(bytes)),
  "5760 × 4092 u8, not compressed": movie(1, (bytes) => bytes),
  "EER, 494,143 electrons": eerFile([electrons], 4096, 4096, {
    compression: 65001,
    runBits: 7,
    subBitsX: 2,
    subBitsY: 2,
    placeAfterFullRun: false,
  }),
};

describe("decoding a frame", () => {
  for (const [name, bytes] of Object.entries(files))
    for (const upsampling of name.startsWith("EER") ? ([1, 2] as const) : ([1] as const))
      bench(
        `${name}${upsampling === 2 ? ", at 8k" : ""} (${(bytes.length / 1e6).toFixed(2)} MB in the file)`,
        async () => {
          const reader = await openMovie(memorySource("a.tif", bytes), { eer: { upsampling } });
          await decodeFrame(await reader.readEncoded(0));
        },
        { iterations: 5, time: 1000, warmupIterations: 2 },
      );
});
