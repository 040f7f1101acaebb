import { describe, expect, it } from "vitest";
import type { PixelArray } from "#src/domain/movie.ts";
import { decodeFrame } from "#src/formats/decodeFrame.ts";
import { memorySource } from "#src/formats/memorySource.ts";
import { openMovie } from "#src/formats/openMovie.ts";
import { dmFile } from "#src/testing/files/dmFile.ts";
import type { DmSpec } from "#src/testing/files/dmFile.ts";
import { numberBytes } from "#src/testing/files/mrcFile.ts";

async function open(spec: DmSpec, cut?: number) {
  const bytes = dmFile(spec);
  const reader = await openMovie(memorySource(`a.dm${spec.version}`, bytes.subarray(0, cut)));
  const frames: PixelArray[] = [];
  for (let i = 0; i < reader.header.frames; i++)
    frames.push(await decodeFrame(await reader.readEncoded(i)));
  return { header: reader.header, frames };
}

const values = [1, 2, 3, 4, 5, 60];

describe("DM3 and DM4", () => {
  for (const version of [3, 4] as const)
    for (const bigEndian of [false, true])
      for (const [dataType, elementType, kind] of [
        [1, 2, "i16"],
        [2, 6, "f32"],
        [6, 10, "u8"],
        [7, 3, "i32"],
        [9, 9, "i8"],
        [10, 4, "u16"],
        [11, 5, "u32"],
        [12, 7, "f64"],
        [40, 12, "u64"],
      ] as const)
        it(`reads type ${dataType} of DM${version}, ${bigEndian ? "big" : "little"} endian`, async () => {
          const { header, frames } = await open({
            version,
            bigEndian,
            dataType,
            elementType,
            elementBytes: Number(kind.slice(1)) / 8,
            sizes: [3, 1, 2],
            data: numberBytes(kind, values, !bigEndian),
            scale: 0.125,
            units: "nm",
          });
          expect(header).toMatchObject({ format: `dm${version}`, width: 3, height: 1, frames: 2 });
          expect(header.pixelSizeA).toBe(1.25);
          expect(frames.flatMap((f) => Array.from(f))).toEqual(values);
        });

  const image: DmSpec = {
    version: 4,
    dataType: 2,
    elementType: 6,
    elementBytes: 4,
    sizes: [3, 2],
    data: numberBytes("f32", values),
  };

  it("understands units of length and no others", async () => {
    const size = async (units: string, scale: number) =>
      (await open({ ...image, units, scale })).header.pixelSizeA;
    expect(await size("µm", 0.001)).toBe(10);
    expect(await size("Å", 1.5)).toBe(1.5);
    expect(await size("pm", 83)).toBe(0.83);
    expect(await size("1/nm", 0.1)).toBeNull();
    expect(await size("", 0.1)).toBeNull();
    expect(await size("nm", 0)).toBeNull();
  });

  it("does not take a small image of printable values for a text", async () => {
    const letters = Array.from("Hello, world", (c) => c.charCodeAt(0));
    const { frames } = await open({
      ...image,
      dataType: 10,
      elementType: 4,
      elementBytes: 2,
      sizes: [4, 3],
      data: numberBytes("u16", letters),
    });
    expect(Array.from(frames[0])).toEqual(letters);
  });

  it("refuses complex numbers, colour, more dimensions and broken files", async () => {
    const data = new Uint8Array(64);
    for (const [dataType, reason] of [
      [3, /complex/],
      [23, /colour/],
      [77, /unknown DigitalMicrograph type 77/],
    ] as const)
      await expect(open({ ...image, dataType, data })).rejects.toThrow(reason);
    await expect(open({ ...image, sizes: [2, 2, 2, 2], data })).rejects.toThrow(/4 dimensions/);
    await expect(open({ ...image, sizes: [9, 9] })).rejects.toMatchObject({
      code: "truncated-file",
    });
    await expect(open({ ...image, dataType: 1 })).rejects.toMatchObject({ code: "corrupt-file" });
    await expect(open(image, 300)).rejects.toMatchObject({ name: "CryoloupeError" });
  });
});
