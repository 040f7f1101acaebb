import { deflateSync, zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import type { PixelArray } from "#src/domain/movie.ts";
import { createRandom } from "#src/math/random.ts";
import { decodeFrame } from "#src/formats/decodeFrame.ts";
import { memorySource } from "#src/formats/memorySource.ts";
import { openMovie } from "#src/formats/openMovie.ts";
import type { OpenOptions } from "#src/formats/openOptions.ts";
import { numberBytes } from "#src/testing/files/mrcFile.ts";
import { encodeLzw, greyTags, tiffFile } from "#src/testing/files/tiffFile.ts";
import type { TiffSpec } from "#src/testing/files/tiffFile.ts";
import { inflateInto } from "./inflate.ts";
import { decodeLzwFast } from "#src/math/wasm/lzwKernel.ts";
import { withoutWasm } from "#src/math/wasm/wasmModule.ts";
import { CodecError, decodeLzw } from "./lzw.ts";

async function open(spec: TiffSpec, options: OpenOptions = {}, name = "a.tif") {
  const reader = await openMovie(memorySource(name, tiffFile(spec)), options);
  const frames: PixelArray[] = [];
  for (let i = 0; i < reader.header.frames; i++)
    frames.push(await decodeFrame(await reader.readEncoded(i)));
  return { header: reader.header, frames };
}

/** Rows from the file turned over, as TIFF is read. */
function reversed(values: readonly number[], width: number): number[] {
  const rows: number[] = [];
  for (let i = values.length - width; i >= 0; i -= width) rows.push(...values.slice(i, i + width));
  return rows;
}

const width = 5;
const height = 4;
const ramp = Array.from({ length: width * height }, (_, i) => 3 * i + 1);

describe("TIFF", () => {
  for (const big of [false, true])
    for (const bigEndian of [false, true])
      for (const [bits, sampleFormat, kind, scale] of [
        [8, 1, "u8", 1],
        [8, 2, "i8", -1],
        [16, 1, "u16", 900],
        [16, 2, "i16", -300],
        [24, 1, "u24", 70000],
        [32, 1, "u32", 7e7],
        [32, 2, "i32", -7e6],
        [32, 3, "f32", 0.25],
        [64, 3, "f64", 0.25],
        [64, 1, "u64", 2 ** 33],
      ] as const)
        it(`reads ${kind} in strips, ${big ? "BigTIFF" : "TIFF"}, ${bigEndian ? "big" : "little"} endian`, async () => {
          const values = ramp.map((v) => v * scale);
          const bytes = numberBytes(kind, values, !bigEndian);
          const row = (width * bits) / 8;
          const blocks = [bytes.subarray(0, 3 * row), bytes.subarray(3 * row)];
          const tags = greyTags(width, height, { bits, sampleFormat, rowsPerStrip: 3 });
          const { frames } = await open({ big, bigEndian, pages: [{ tags, blocks }] });
          expect(Array.from(frames[0])).toEqual(reversed(values, width));
        });

  it("reads pages as frames and strip tables of a big-endian file that lie apart", async () => {
    const tags = greyTags(width, height, { rowsPerStrip: 1 });
    const page = (add: number) => ({
      tags,
      blocks: Array.from({ length: height }, (_, y) =>
        Uint8Array.from(ramp.slice(y * width, (y + 1) * width), (v) => v + add),
      ),
    });
    const { header, frames } = await open({ bigEndian: true, pages: [page(0), page(1), page(2)] });
    expect(header.frames).toBe(3);
    expect(Array.from(frames[2])).toEqual(reversed(ramp, width).map((v) => v + 2));
  });

  it("reads tiles that stick out of the image", async () => {
    const tile = (x0: number, y0: number): Uint8Array =>
      Uint8Array.from({ length: 16 * 16 }, (_, i) => {
        const x = x0 + (i % 16);
        const y = y0 + Math.floor(i / 16);
        return x < 20 && y < 17 ? (x * 7 + y * 13) & 255 : 99;
      });
    const blocks = [tile(0, 0), tile(16, 0), tile(0, 16), tile(16, 16)];
    const tags = greyTags(20, 17, { tile: [16, 16] });
    const { frames } = await open({ pages: [{ tags, blocks, tiled: true }] });
    const expected = Array.from({ length: 20 * 17 }, (_, i) => {
      const x = i % 20;
      const y = 16 - Math.floor(i / 20);
      return (x * 7 + y * 13) & 255;
    });
    expect(Array.from(frames[0])).toEqual(expected);
  });

  const raw = Uint8Array.from(ramp);
  const packed = Uint8Array.of(width * height - 1, ...raw);
  for (const [name, compression, block] of [
    ["LZW", 5, encodeLzw(raw)],
    ["deflate", 8, zlibSync(raw)],
    ["old deflate", 32946, zlibSync(raw)],
    ["bare deflate", 8, deflateSync(raw)],
    ["PackBits", 32773, packed],
  ] as const)
    it(`reads ${name}`, async () => {
      const tags = greyTags(width, height, { compression });
      const { frames } = await open({ pages: [{ tags, blocks: [block] }] });
      expect(Array.from(frames[0])).toEqual(reversed(ramp, width));
    });

  it("undoes the horizontal predictor in both byte orders and ignores it without compression", async () => {
    for (const bigEndian of [false, true]) {
      const values = ramp.map((v) => (v * 5003) & 0xffff);
      const differences = values.map((v, i) =>
        i % width === 0 ? v : (v - values[i - 1]) & 0xffff,
      );
      const bytes = numberBytes("u16", differences, !bigEndian);
      const options = { bits: 16, predictor: 2 };
      const page = {
        tags: greyTags(width, height, { ...options, compression: 8 }),
        blocks: [zlibSync(bytes)],
      };
      const { frames } = await open({ bigEndian, pages: [page] });
      expect(Array.from(frames[0])).toEqual(reversed(values, width));
      const plain = { tags: greyTags(width, height, options), blocks: [bytes] };
      const ignored = await open({ bigEndian, pages: [plain] });
      expect(Array.from(ignored.frames[0])).toEqual(reversed(differences, width));
    }
  });

  it("undoes the floating-point predictor", async () => {
    const values = ramp.map((v) => Math.fround(Math.sin(v)));
    const bytes = new Uint8Array(width * height * 4);
    for (let y = 0; y < height; y++) {
      const row = numberBytes("f32", values.slice(y * width, (y + 1) * width), false);
      const planes = Uint8Array.from(
        { length: 4 * width },
        (_, i) => row[(i % width) * 4 + Math.floor(i / width)],
      );
      for (let i = 0; i < planes.length; i++)
        bytes[y * planes.length + i] = i === 0 ? planes[0] : planes[i] - planes[i - 1];
    }
    const tags = greyTags(width, height, {
      bits: 32,
      sampleFormat: 3,
      predictor: 3,
      compression: 8,
    });
    const { frames } = await open({ pages: [{ tags, blocks: [zlibSync(bytes)] }] });
    expect(Array.from(frames[0])).toEqual(reversed(values, width));
  });

  it("recognises 4-bit packed K2/K3 frames by their size", async () => {
    const [w, h] = [3710, 7676];
    const bytes = new Uint8Array(w * h);
    bytes[0] = 0x21;
    bytes[bytes.length - 1] = 0xf7;
    const { header, frames } = await open({
      pages: [{ tags: greyTags(w, h), blocks: [bytes] }],
    });
    expect(header).toMatchObject({ width: 2 * w, height: h, storedType: "uint4" });
    const lastRow = 2 * w * (h - 1);
    expect(Array.from(frames[0].subarray(lastRow, lastRow + 2))).toEqual([1, 2]);
    expect(Array.from(frames[0].subarray(2 * w - 2, 2 * w))).toEqual([7, 15]);
  });

  it("takes the pixel size from a resolution in cm or inch when a microscope can have it", async () => {
    const page = (unit: number, resolution: readonly [number, number]) => ({
      tags: [
        ...greyTags(width, height),
        { tag: 296, value: [unit] },
        { tag: 282, type: "rational" as const, value: resolution },
      ],
      blocks: [raw],
    });
    const at = async (unit: number, resolution: readonly [number, number]) =>
      (await open({ pages: [page(unit, resolution)] })).header.pixelSizeA;
    expect(await at(3, [80_000_000, 1])).toBeCloseTo(1.25, 9);
    expect(await at(2, [254_000_000, 1])).toBeCloseTo(1, 9);
    expect(await at(2, [72, 1])).toBeNull();
    expect(await at(1, [80_000_000, 1])).toBeNull();
  });

  it("leaves the rows of a .gain as they are and hands its defect list on", async () => {
    const xml = "<defects><point>1,2</point></defects>";
    const tags = [
      ...greyTags(width, height, { bits: 32, sampleFormat: 3 }),
      { tag: 65100, value: xml },
    ];
    const page = { tags, blocks: [numberBytes("f32", ramp)] };
    const { header, frames } = await open({ pages: [page] }, {}, "20240101.gain");
    expect(Array.from(frames[0])).toEqual(ramp);
    expect(header).toMatchObject({ format: "gain", defectsXml: xml });
  });

  it("refuses what no detector writes, each with its reason", async () => {
    const colour = { tags: greyTags(2, 2, { photometric: 2, samples: 3 }), blocks: [raw] };
    const palette = { tags: greyTags(2, 2, { photometric: 3 }), blocks: [raw] };
    const fax = { tags: greyTags(2, 2, { bits: 1, compression: 4 }), blocks: [raw] };
    const jpeg = { tags: greyTags(2, 2, { compression: 7 }), blocks: [raw] };
    const page = { tags: greyTags(width, height), blocks: [raw] };
    const other = { tags: greyTags(2, 2), blocks: [raw] };
    for (const [pages, reason] of [
      [[colour], /colour picture \(RGB\)/],
      [[palette], /colour palette/],
      [[fax], /group 4/],
      [[jpeg], /JPEG/],
      [[page, other], /page 2 \(2 × 2.* differs from page 1/],
    ] as const)
      await expect(open({ pages })).rejects.toThrow(reason);
  });

  it("skips pages that are smaller copies", async () => {
    const page = { tags: greyTags(width, height), blocks: [raw] };
    const small = { tags: [...greyTags(2, 2), { tag: 254, value: [1] }], blocks: [raw] };
    const { header } = await open({ pages: [page, small, page] });
    expect(header.frames).toBe(2);
    expect(header.warnings.join()).toMatch(/1 pages are smaller copies/);
  });

  it("stops at a chain of pages that bites its tail", async () => {
    const page = { tags: greyTags(width, height), blocks: [raw] };
    const { header } = await open({ pages: [page, page], lastPointsTo: 0 });
    expect(header.frames).toBe(2);
    expect(header.warnings.join()).toMatch(/leads back/);
  });

  it("does not unpack more than a strip holds, and says when a strip holds less", async () => {
    const bomb = zlibSync(new Uint8Array(20_000_000));
    const tags = greyTags(width, height, { compression: 8 });
    const { frames } = await open({ pages: [{ tags, blocks: [bomb] }] });
    expect(frames[0].every((v) => v === 0)).toBe(true);
    const short = zlibSync(raw.subarray(0, 7));
    await expect(open({ pages: [{ tags, blocks: [short] }] })).rejects.toThrow(
      /decodes to 7 bytes where 20 were expected/,
    );
    const huge = greyTags(30_000, 30_000, { compression: 8 });
    await expect(open({ pages: [{ tags: huge, blocks: [short] }] })).rejects.toThrow(/too few/);
  });
});

describe("deflate", () => {
  it("decodes what an independent encoder wrote, at every level and kind of block", () => {
    const random = createRandom(5);
    for (const spread of [1, 3, 12, 256])
      for (const level of [0, 1, 6, 9] as const)
        for (const length of [1, 100, 200_000]) {
          const input = Uint8Array.from({ length }, () => random.integer(spread));
          const out = new Uint8Array(length);
          expect(inflateInto(zlibSync(input, { level }), out)).toBe(length);
          expect(Buffer.compare(out, input)).toBe(0);
        }
  });

  it("decodes fixed codes and refuses nonsense", () => {
    // RFC 1951: "aaaaaaaaaa" in one block of fixed codes.
    const fixed = Uint8Array.of(0x4b, 0x84, 0x03, 0x00);
    const out = new Uint8Array(10);
    expect(inflateInto(fixed, out)).toBe(10);
    expect(Array.from(out)).toEqual(new Array(10).fill(97));
    for (const bytes of [[7, 0, 0], [0x78], [5, 0xff, 0xff, 0xff, 0xff], [3, 0x20]])
      expect(() => {
        const written = inflateInto(Uint8Array.from(bytes), out);
        if (written < out.length) throw new CodecError("short");
      }).toThrow(CodecError);
  });
});

describe("LZW", () => {
  it("decodes the old bit order, least significant first", () => {
    // Codes 256, 97, 98, 258 ("ab"), 257 of nine bits, packed from the low end.
    let bits = 0n;
    [256, 97, 98, 258, 257].forEach((code, i) => (bits |= BigInt(code) << BigInt(9 * i)));
    const input = Uint8Array.from({ length: 6 }, (_, i) => Number((bits >> BigInt(8 * i)) & 255n));
    const out = new Uint8Array(4);
    expect(decodeLzw(input, out)).toBe(4);
    expect(Array.from(out)).toEqual([97, 98, 97, 98]);
  });

  it("decodes what the encoder wrote, over many dictionary resets", () => {
    const random = createRandom(3);
    for (const spread of [2, 5, 256]) {
      const input = Uint8Array.from({ length: 60_000 }, () => random.integer(spread));
      const out = new Uint8Array(input.length);
      expect(decodeLzw(encodeLzw(input), out)).toBe(input.length);
      expect(Buffer.compare(out, input)).toBe(0);
    }
  });

  it("decodes codes up to 4095", () => {
    const random = createRandom(4);
    const input = Uint8Array.from({ length: 60_000 }, () => random.integer(7));
    const out = new Uint8Array(input.length);
    decodeLzw(encodeLzw(input, 4095), out);
    expect(Buffer.compare(out, input)).toBe(0);
  });

  it("does the same with the kernel and without, whatever the bytes", () => {
    expect(decodeLzwFast(encodeLzw(new Uint8Array(4)), new Uint8Array(4))?.written).toBe(4);
    const random = createRandom(5);
    const outcome = (input: Uint8Array, length: number): string => {
      const out = new Uint8Array(length);
      try {
        const written = decodeLzw(input, out);
        return `${written} ${Buffer.from(out.subarray(0, written)).toString("base64")}`;
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
        return error.message;
      }
    };
    for (let n = 0; n < 400; n++) {
      const whole = encodeLzw(
        Uint8Array.from({ length: 1 + random.integer(9000) }, () =>
          n % 3 === 0 ? random.integer(2) : random.integer(1 + random.integer(40)),
        ),
        n % 2 === 0 ? 4093 : 4095,
      );
      // Whole, cut, and damaged strips; output shorter and longer than what there is.
      const input = n % 4 === 1 ? whole.slice(0, random.integer(whole.length + 1)) : whole;
      if (n % 4 === 2)
        for (let k = 0; k < 3; k++) input[1 + random.integer(input.length)] = random.integer(256);
      const length = n % 5 === 0 ? random.integer(4000) : 9000;
      expect(outcome(input, length)).toBe(withoutWasm(() => outcome(input, length)));
    }
  });

  it("decodes a code that stands for the string being defined", () => {
    const input = new Uint8Array(5000).fill(9);
    const out = new Uint8Array(input.length);
    decodeLzw(encodeLzw(input), out);
    expect(Buffer.compare(out, input)).toBe(0);
  });
});
