import { describe, expect, it } from "vitest";
import type { PixelArray } from "#src/domain/movie.ts";
import { decodeFrame } from "#src/formats/decodeFrame.ts";
import { memorySource } from "#src/formats/memorySource.ts";
import { openMovie } from "#src/formats/openMovie.ts";
import type { OpenOptions } from "#src/formats/openOptions.ts";
import { floatToHalf, halfToFloat } from "#src/formats/pixels.ts";
import { mrcFile, numberBytes } from "#src/testing/files/mrcFile.ts";
import type { MrcSpec } from "#src/testing/files/mrcFile.ts";
import { createMrcWriter, encodeMrc, mrcSampleTypeFor } from "./writeMrc.ts";

async function open(spec: MrcSpec, options: OpenOptions = {}, name = "a.mrc") {
  const reader = await openMovie(memorySource(name, mrcFile(spec)), options);
  const frames: PixelArray[] = [];
  for (let i = 0; i < reader.header.frames; i++)
    frames.push(await decodeFrame(await reader.readEncoded(i)));
  return { header: reader.header, frames };
}

const shape = { width: 3, height: 2, frames: 2 };
const twelve = [1, -2, 3, 4, 500, 6, 7, 8, -9, 10, 11, 1200];

describe("MRC", () => {
  for (const bigEndian of [false, true])
    for (const [mode, kind, values] of [
      [1, "i16", twelve],
      [2, "f32", twelve.map((v) => v / 4)],
      [6, "u16", twelve.map(Math.abs)],
    ] as const)
      it(`reads mode ${mode}, ${bigEndian ? "big" : "little"} endian`, async () => {
        const data = numberBytes(kind, values, !bigEndian);
        const { header, frames } = await open({ ...shape, mode, bigEndian, pixelSizeA: 1.5, data });
        expect(header).toMatchObject({ ...shape, pixelSizeA: 1.5, pixelSizeSource: "MRC cell" });
        expect(frames.flatMap((f) => Array.from(f))).toEqual([...values]);
        expect(header.warnings).toEqual([]);
      });

  it("reads half-precision floats (mode 12) in both byte orders", async () => {
    const values = [0, 1, -1.5, 65504, 2 ** -24, 0.333251953125, 1, 2, 3, 4, 5, 6];
    for (const little of [true, false]) {
      const data = numberBytes("u16", values.map(floatToHalf), little);
      const { header, frames } = await open({ ...shape, mode: 12, bigEndian: !little, data });
      expect(header).toMatchObject({ pixelType: "float32", storedType: "float16" });
      expect(frames.flatMap((f) => Array.from(f))).toEqual(values);
    }
  });

  it("reads 4-bit pixels (mode 101), low nibble first, and refuses odd sides", async () => {
    const data = Uint8Array.of(0x21, 0x43, 0x65);
    const { header, frames } = await open({ width: 3, height: 2, frames: 1, mode: 101, data });
    expect(header.pixelType).toBe("uint8");
    expect(Array.from(frames[0])).toEqual([1, 2, 3, 4, 5, 6]);
    await expect(
      open({ width: 3, height: 3, frames: 1, mode: 101, data: new Uint8Array(5) }),
    ).rejects.toMatchObject({ code: "unsupported-format" });
  });

  it("refuses complex modes and says why", async () => {
    for (const mode of [3, 4])
      await expect(open({ ...shape, mode, data: new Uint8Array(96) })).rejects.toThrow(
        /complex numbers \(a Fourier transform\)/,
      );
  });

  it("tells signed from unsigned bytes of mode 0", async () => {
    const one = { width: 64, height: 64, frames: 1, mode: 0 };
    const around = (centre: number): Uint8Array =>
      Uint8Array.from({ length: 4096 }, (_, i) => centre + ((i * 7919) % 61) - 30);
    const unsigned = await open({ ...one, data: around(130) });
    expect(unsigned.header.pixelType).toBe("uint8");
    expect(unsigned.header.warnings.join()).toMatch(/unsigned/);
    const signed = await open({ ...one, data: around(2) });
    expect(signed.header.pixelType).toBe("int8");
    expect(Math.min(...signed.frames[0])).toBeLessThan(0);
    const small = await open({ ...one, data: around(40) });
    expect(small.header).toMatchObject({ pixelType: "int8", warnings: [] });
    const told = await open({ ...one, data: around(2) }, { unsignedBytes: true });
    expect(told.header.pixelType).toBe("uint8");
    const imod = await open({ ...one, imodFlags: 0, data: around(2) });
    expect(imod.header.pixelType).toBe("uint8");
    const imodSigned = await open({ ...one, imodFlags: 1, data: around(130) });
    expect(imodSigned.header.pixelType).toBe("int8");
    const byMaximum = await open({ ...one, dmin: 0, dmax: 200, data: around(2) });
    expect(byMaximum.header.pixelType).toBe("uint8");
  });

  it("reads as many sections as the file holds when nz lies", async () => {
    const data = numberBytes("i16", twelve);
    const more = await open({ ...shape, nz: 32766, mode: 1, data });
    expect(more.header.frames).toBe(2);
    expect(more.header.warnings.join()).toMatch(/32766 sections.*holds only 2/);
    const none = await open({ ...shape, nz: 0, mode: 1, data });
    expect(none.header.frames).toBe(2);
    const fewer = await open({ ...shape, nz: 1, mode: 1, data });
    expect(fewer.header.frames).toBe(1);
    expect(fewer.header.warnings.join()).toMatch(/room for 2/);
  });

  it("reads headers without a map word and ignores senseless pixel sizes", async () => {
    const data = numberBytes("i16", twelve);
    const { header } = await open({ ...shape, mode: 1, mapWord: false, pixelSizeA: -1, data });
    expect(header.pixelSizeA).toBeNull();
    expect(header.warnings.join(" ")).toMatch(/lacks the word MAP.*negative pixel size/);
    const zero = await open({ ...shape, mode: 1, data });
    expect(zero.header).toMatchObject({ pixelSizeA: null, pixelSizeSource: null });
    // Integers where the cell should stand: floats next to nothing.
    const tiny = await open({ ...shape, mode: 1, pixelSizeA: 1.4e-45, data });
    expect(tiny.header).toMatchObject({ pixelSizeA: null, pixelSizeSource: null });
    expect(tiny.header.warnings.join(" ")).toMatch(/pixel size of .*e-\d+ Å; it was ignored/);
  });

  for (const kind of ["FEI1", "FEI2"])
    it(`takes pixel size and dose from an extended header ${kind}`, async () => {
      const extended = new Uint8Array(kind === "FEI1" ? 768 : 888);
      const view = new DataView(extended.buffer);
      view.setInt32(0, extended.length, true);
      view.setUint32(8, (1 << 6) | (1 << 7) | (1 << 14), true);
      view.setFloat64(92, 1.25e20, true);
      view.setFloat64(100, -12.5, true);
      view.setFloat64(156, 0.834e-10, true);
      view.setFloat64(84, 3e5, true);
      const data = numberBytes("i16", twelve);
      const { header, frames } = await open({ ...shape, mode: 1, exttyp: kind, extended, data });
      expect(header.pixelSizeA).toBeCloseTo(0.834, 9);
      expect(header).toMatchObject({ pixelSizeSource: "extended header", frames: 2 });
      expect(header.dosePerFrame).toBeCloseTo(1.25, 9);
      expect(header.fields).toContainEqual({ name: "alpha tilt", value: "-12.5 °" });
      // The bit of the high tension is not set, so what stands there is nothing.
      expect(header.fields.map((f) => f.name)).not.toContain("high tension");
      expect(frames[1][5]).toBe(1200);
    });

  it("takes tilt and dose from SerialEM's extended header", async () => {
    const extended = new Uint8Array(16);
    const view = new DataView(extended.buffer);
    view.setInt16(0, -4500, true);
    // 2.5 = (1·256 + 64) · 2^(−7): |s2| = 7·256 + 64.
    view.setInt16(2, 1, true);
    view.setInt16(4, -(7 * 256 + 64), true);
    const data = numberBytes("i16", twelve);
    const { header } = await open({
      ...shape,
      mode: 1,
      exttyp: "SERI",
      serialEm: [6, 1 | 32],
      extended,
      data,
    });
    expect(header.fields).toContainEqual({ name: "tilt angle", value: "-45 °" });
    expect(header.dosePerFrame).toBe(2.5);
  });

  it("refuses truncated files and frames beyond the budget in a sentence", async () => {
    const whole = mrcFile({ ...shape, mode: 1, data: numberBytes("i16", twelve) });
    for (const length of [0, 1, 200, 1023, 1024, 1030])
      await expect(
        openMovie(memorySource("cut.mrc", whole.subarray(0, length))),
      ).rejects.toMatchObject({ name: "CryoloupeError" });
    await expect(
      open({ ...shape, mode: 1, data: numberBytes("i16", twelve) }, { maxFrameBytes: 8 }),
    ).rejects.toMatchObject({ code: "limit-exceeded" });
  });
});

describe("MRC writer", () => {
  const roundTrip = async (bytes: Uint8Array) => {
    const reader = await openMovie(memorySource("w.mrc", bytes));
    const pixels = await decodeFrame(await reader.readEncoded(reader.header.frames - 1));
    return { header: reader.header, pixels };
  };

  it("writes every sample type so that it comes back", async () => {
    const size = { width: 3, height: 2, pixelSizeA: 0.83 };
    const cases: [PixelArray, Parameters<typeof encodeMrc>[1]["sampleType"]][] = [
      [Int8Array.of(-128, 127, 0, 1, -1, 5), "int8"],
      [Int16Array.of(-32768, 32767, 0, 1, -1, 5), "int16"],
      [Uint16Array.of(0, 65535, 7, 1, 2, 5), "uint16"],
      [Uint8Array.of(0, 255, 7, 1, 2, 5), "uint16"],
      [Uint8Array.of(0, 127, 7, 1, 2, 5), "uint8"],
      [Float32Array.of(0.1, -1e30, 7, 1, 2, 5), "float32"],
      [Float32Array.of(0.5, -1024, 7, 1, 2, 65504), "float16"],
    ];
    for (const [pixels, sampleType] of cases) {
      const bytes = await encodeMrc([pixels, pixels], { ...size, sampleType });
      const back = await roundTrip(bytes);
      expect(Array.from(back.pixels)).toEqual(Array.from(pixels));
      expect(back.header.frames).toBe(2);
      expect(back.header.pixelSizeA).toBeCloseTo(0.83, 6);
    }
  });

  it("clips and rounds what does not fit", async () => {
    const pixels = Float32Array.of(-5, 70000.4, 1.6, 2.4, 3, 4);
    const bytes = await encodeMrc([pixels], {
      width: 3,
      height: 2,
      pixelSizeA: null,
      sampleType: "uint16",
    });
    const back = await roundTrip(bytes);
    expect(Array.from(back.pixels)).toEqual([0, 65535, 2, 2, 3, 4]);
    expect(back.header.pixelSizeA).toBeNull();
  });

  it("states statistics and refuses wrong slices", async () => {
    const written: Uint8Array[] = [];
    const writer = await createMrcWriter(
      { write: (bytes) => Promise.resolve(void written.push(bytes)) },
      { width: 2, height: 1, frames: 2, sampleType: "float32", pixelSizeA: 1 },
    );
    await writer.write(Float32Array.of(1, NaN));
    await expect(writer.write(Float32Array.of(1))).rejects.toMatchObject({ code: "size-mismatch" });
    await expect(writer.finish()).rejects.toMatchObject({ code: "internal" });
    await writer.write(Float32Array.of(3, 5));
    expect(await writer.finish()).toEqual({ min: 1, max: 5, mean: 3, std: Math.sqrt(8 / 3) });
    // The sink cannot go back: the header says that the statistics are not known.
    const view = new DataView(written[0].buffer);
    expect(view.getFloat32(80, true)).toBeLessThan(view.getFloat32(76, true));
  });

  it("keeps integers as integers", () => {
    expect(mrcSampleTypeFor("uint8")).toBe("uint16");
    expect(mrcSampleTypeFor("int16")).toBe("int16");
    expect(mrcSampleTypeFor("uint32")).toBe("float32");
  });

  it("rounds to the nearest half-precision number", () => {
    for (let bits = 0; bits < 0x7c00; bits++) expect(floatToHalf(halfToFloat(bits))).toBe(bits);
    expect(floatToHalf(1 + 2 ** -11)).toBe(0x3c00);
    expect(floatToHalf(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(floatToHalf(65520)).toBe(0x7c00);
    expect(floatToHalf(-Infinity)).toBe(0xfc00);
    expect(halfToFloat(floatToHalf(NaN))).toBeNaN();
  });
});
