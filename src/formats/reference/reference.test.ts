import { describe, expect, it } from "vitest";
import type { DefectList } from "#src/domain/defects.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { defectMask } from "#src/math/defectMask.ts";
import { fitGain, gainFromReference } from "#src/math/referenceGain.ts";
import { classifyFile } from "#src/formats/classify.ts";
import { memorySource } from "#src/formats/memorySource.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { openFrameFiles } from "#src/formats/openFrameFiles.ts";
import { decodeFrame } from "#src/formats/decodeFrame.ts";
import { numberBytes } from "#src/testing/files/mrcFile.ts";
import { greyTags, tiffFile } from "#src/testing/files/tiffFile.ts";
import { parseDefectText, parseGainXml } from "./defectLists.ts";
import { openImage } from "./openImage.ts";

const width = 6;
const height = 5;

async function mrc(name: string, images: Float32Array<ArrayBuffer>[]) {
  const bytes = await encodeMrc(images, { width, height, sampleType: "float32", pixelSizeA: 1 });
  return memorySource(name, bytes);
}

/** Coordinates of the bad pixels, "x,y". */
function badPlaces(list: DefectList, w = width, h = height): string[] {
  const places: string[] = [];
  defectMask(list, w, h).forEach((bad, i) => {
    if (bad === 1) places.push(`${i % w},${Math.floor(i / w)}`);
  });
  return places;
}

const filled = (value: (i: number) => number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: width * height }, (_, i) => value(i));

describe("references", () => {
  it("opens a gain of any format as one float image, with its defects", async () => {
    const xml = "<d><point>1,2</point><area>3,0,4,1</area><col>5-5</col><row>4-4</row></d>";
    const values = Array.from({ length: width * height }, (_, i) => 1 + i / 100);
    const page = {
      tags: [...greyTags(width, height, { bits: 32, sampleFormat: 3 }), { tag: 65100, value: xml }],
      blocks: [numberBytes("f32", values)],
    };
    const image = await openImage(memorySource("x.gain", tiffFile({ pages: [page] })));
    expect(Array.from(image.pixels)).toEqual(values.map(Math.fround));
    expect(image.hints).toMatchObject({ nature: "gain", surelyMultiplicative: true, zeros: 0 });
    expect(image.defects).not.toBeNull();
    expect(image.defects === null ? [] : badPlaces(image.defects).sort()).toEqual(
      ["1,2", "3,0", "4,0", "3,1", "4,1"]
        .concat(["5,0", "5,1", "5,2", "5,3"])
        .concat(["0,4", "1,4", "2,4", "3,4", "4,4", "5,4"])
        .sort(),
    );
  });

  it("averages a stack and says so", async () => {
    const image = await openImage(await mrc("dark.mrcs", [filled(() => 1), filled((i) => i)]));
    expect(Array.from(image.pixels)).toEqual(Array.from(filled((i) => (1 + i) / 2)));
    expect(image.warnings.join()).toMatch(/2 frames; their mean is used/);
  });

  it("judges gains, counts, defect maps and images by their values", async () => {
    const nature = async (value: (i: number) => number) =>
      (await openImage(await mrc("a.mrc", [filled(value)]))).hints.nature;
    expect(await nature((i) => (i === 3 ? 0 : 1 + 0.01 * (i % 7)))).toBe("gain");
    expect(await nature((i) => 1000 + (i % 9))).toBe("counts");
    expect(await nature((i) => (i === 4 ? 1 : 0))).toBe("defect-map");
    expect(await nature((i) => (i % 5) - 2)).toBe("image");
  });
});

describe("defect lists", () => {
  it("reads lines of x, y, width and height", () => {
    const list = parseDefectText("# columns\n0 1 2 1\n\n4, 3, 10, 10\r\n", "d.txt");
    expect(badPlaces(list)).toEqual(["0,1", "1,1", "4,3", "5,3", "4,4", "5,4"]);
    expect(() => parseDefectText("1 2 3\n", "d.txt")).toThrow(/line 1 .* no "x y width height"/);
    expect(() => parseDefectText("1 2 -3 4\n", "d.txt")).toThrow(CryoloupeError);
  });

  it("reads SerialEM's keywords and doubles them for super-resolution frames", () => {
    const text = `CameraSizeX 6\nCameraSizeY 5\nUsableArea 1 1 4 5\nBadColumns 3\n
      BadRows 2\nPartialBadCol 4 3 4\nPartialBadRow 4 1 1\nBadPixels 5 3 2 4\n`;
    const list = parseDefectText(text, "defects.txt");
    expect(list.kind).toBe("SerialEM text");
    const bad = new Set(badPlaces(list));
    for (const place of ["0,3", "3,1", "5,2", "4,3", "4,4", "1,4", "5,3", "2,4", "2,0"])
      expect(bad).toContain(place);
    for (const place of ["1,1", "2,1", "2,3", "5,4"]) expect(bad).not.toContain(place);
    const fine = new Set(badPlaces(list, 12, 10));
    for (const place of ["6,3", "7,3", "10,6", "11,7"]) expect(fine).toContain(place);
    expect(fine).not.toContain("8,3");
  });

  it("passes over XML that is no defect list", () => {
    expect(parseGainXml("<x><point>a,b</point></x>", "x.gain").regions).toEqual([]);
  });
});

describe("gain from a reference", () => {
  it("is a correction with mean 1 over good pixels, whatever the reference holds", () => {
    const counts = Float32Array.of(100, 200, 0, NaN, 400, 100);
    const gain = gainFromReference(counts, 3, 2, "counts", Uint8Array.of(0, 0, 0, 0, 0, 1));
    expect(Array.from(gain.bad)).toEqual([0, 0, 1, 1, 0, 1]);
    const good = [gain.correction[0], gain.correction[1], gain.correction[4]];
    expect(good).toBeAllclose([12 / 7, 6 / 7, 3 / 7], { rtol: 1e-6 });
    expect(gain.correction[2]).toBe(0);
    const inverse = gainFromReference(counts, 3, 2, "inverse", null);
    expect(inverse.correction[0] / inverse.correction[1]).toBeCloseTo(2, 6);
    const same = gainFromReference(counts, 3, 2, "correction", null);
    expect(same.correction[0] / same.correction[1]).toBeCloseTo(0.5, 6);
  });

  it("fits frames of twice and half the size and no others", () => {
    const gain = gainFromReference(Float32Array.of(1, 2, 3, 4), 2, 2, "correction");
    const fine = fitGain(gain, 4, 4);
    expect(fine?.correction[5]).toBe(gain.correction[0]);
    expect(fine?.correction[14]).toBe(gain.correction[3]);
    expect(fine === null ? null : fitGain(fine, 2, 2)?.correction).toEqual(gain.correction);
    expect(fitGain(gain, 3, 3)).toBeNull();
    expect(fitGain(gain, 2, 2)).toBe(gain);
  });
});

describe("kinds of files", () => {
  const kind = async (name: string, value: (i: number) => number) =>
    (await classifyFile(await mrc(name, [filled(value)]))).kind;
  const text = async (content: string) =>
    (await classifyFile(memorySource("t.txt", new TextEncoder().encode(content)))).kind;

  it("are told from content, and from the name where content cannot tell", async () => {
    expect(await kind("a.mrc", (i) => 1 + 0.01 * (i % 7))).toBe("gain");
    expect(await kind("x_gain.mrc", (i) => 1000 + (i % 9))).toBe("gain");
    expect(await kind("x_dark.mrc", (i) => 1000 + (i % 9))).toBe("dark");
    expect(await kind("m.mrc", (i) => 1000 + (i % 9))).toBe("micrograph");
    expect(await kind("m.mrc", (i) => (i === 4 ? 1 : 0))).toBe("defects");
    const movie = await mrc("gain_movie.mrcs", [filled(() => 1), filled(() => 2)]);
    expect(await classifyFile(movie)).toMatchObject({ kind: "movie", header: { frames: 2 } });
  });

  it("are told for tables and texts", async () => {
    expect(await text("data_\nloop_\n_rlnMicrographName #1\n_rlnDefocusU #2\n")).toBe("ctf-table");
    expect(await text("# XMIPP_STAR_1 *\ndata_noname\n ctfDefocusU 12\n")).toBe("ctf-table");
    expect(await text("# Output from CTFFind version 4.1.9\n1 2 3\n")).toBe("ctf-table");
    expect(await text("data_x\nloop_\n_rlnMicrographName #1\n")).toBe("other-table");
    expect(await text("10 20 3 4\n")).toBe("defects");
    expect(await text("dear diary\n")).toBe("none");
    const broken = await classifyFile(memorySource("x.mrc", new Uint8Array(3)));
    expect(broken).toMatchObject({ kind: "none" });
    expect(broken.reason).toMatch(/x\.mrc/);
  });
});

describe("separate files as one movie", () => {
  it("follow each other in the given order", async () => {
    const sources = [
      await mrc("FoilHole_1_frame_01.mrc", [filled(() => 1)]),
      await mrc("FoilHole_1_frame_02.mrc", [filled(() => 2), filled(() => 3)]),
    ];
    const movie = await openFrameFiles(sources);
    expect(movie.name).toBe("FoilHole_1_frame");
    expect(movie.header.frames).toBe(3);
    const last = await decodeFrame(await movie.readEncoded(2));
    expect(last[0]).toBe(3);
    await expect(movie.readEncoded(3)).rejects.toMatchObject({ code: "bad-arguments" });
    await movie.close();
  });

  it("are refused when they differ", async () => {
    const other = memorySource(
      "b.mrc",
      await encodeMrc([new Float32Array(4)], {
        width: 2,
        height: 2,
        sampleType: "float32",
        pixelSizeA: 1,
      }),
    );
    const first = await mrc("a.mrc", [filled(() => 1)]);
    await expect(openFrameFiles([first, other])).rejects.toThrow(/b\.mrc .* cannot follow a\.mrc/);
  });
});
