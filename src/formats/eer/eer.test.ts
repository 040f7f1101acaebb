import { describe, expect, it } from "vitest";
import { fractionate, groupSizeForDose } from "#src/domain/eerFractionation.ts";
import type { PixelArray } from "#src/domain/movie.ts";
import { createRandom } from "#src/math/random.ts";
import { decodeFrame } from "#src/formats/decodeFrame.ts";
import { memorySource } from "#src/formats/memorySource.ts";
import { openMovie } from "#src/formats/openMovie.ts";
import type { EerOptions } from "#src/formats/openOptions.ts";
import { eerFile } from "#src/testing/files/eerFile.ts";
import type { EerCodingSpec, Electron } from "#src/testing/files/eerFile.ts";
import { greyTags } from "#src/testing/files/tiffFile.ts";
import { parseEerMetadata } from "./eerMetadata.ts";

const width = 64;
const height = 48;

const codings: Readonly<Record<string, EerCodingSpec>> = {
  "65000 (8 + 4 bits)": {
    compression: 65000,
    runBits: 8,
    subBitsX: 2,
    subBitsY: 2,
    placeAfterFullRun: true,
  },
  "65001 (7 + 4 bits)": {
    compression: 65001,
    runBits: 7,
    subBitsX: 2,
    subBitsY: 2,
    placeAfterFullRun: false,
  },
  "65002 (7 + 1 + 1 bits)": {
    compression: 65002,
    runBits: 7,
    subBitsX: 1,
    subBitsY: 1,
    placeAfterFullRun: false,
  },
  "65002 (8 + 2 + 2 bits)": {
    compression: 65002,
    runBits: 8,
    subBitsX: 2,
    subBitsY: 2,
    placeAfterFullRun: false,
  },
  "65000 without symbols after full runs": {
    compression: 65000,
    runBits: 8,
    subBitsX: 2,
    subBitsY: 2,
    placeAfterFullRun: false,
  },
  "65001 with symbols after full runs": {
    compression: 65001,
    runBits: 7,
    subBitsX: 2,
    subBitsY: 2,
    placeAfterFullRun: true,
  },
};

/** Raw frames of random electrons at different pixels, sparse enough for full runs. */
function electronFrames(frames: number, coding: EerCodingSpec, seed: number): Electron[][] {
  const random = createRandom(seed);
  return Array.from({ length: frames }, () => {
    const places = new Set<number>();
    while (places.size < 9) places.add(random.integer(width * height));
    return [...places].map((place) => ({
      x: place % width,
      y: Math.floor(place / width),
      subX: random.integer(1 << coding.subBitsX),
      subY: random.integer(1 << coding.subBitsY),
    }));
  });
}

/** Counts on a canvas `up` times as fine as the sensor. */
function counted(electrons: readonly Electron[], coding: EerCodingSpec, up: number): number[] {
  const counts = new Array<number>(width * up * height * up).fill(0);
  for (const { x, y, subX, subY } of electrons) {
    const fineX = x * up + Math.floor((subX * up) / (1 << coding.subBitsX));
    const fineY = y * up + Math.floor((subY * up) / (1 << coding.subBitsY));
    counts[fineY * width * up + fineX]++;
  }
  return counts;
}

async function open(bytes: Uint8Array, eer: EerOptions = {}) {
  const reader = await openMovie(memorySource("m.eer", bytes), { eer });
  const frames: PixelArray[] = [];
  for (let i = 0; i < reader.header.frames; i++)
    frames.push(await decodeFrame(await reader.readEncoded(i)));
  return { header: reader.header, frames };
}

describe("EER", () => {
  for (const [name, coding] of Object.entries(codings))
    for (const upsampling of coding.subBitsX === 1 ? ([1, 2] as const) : ([1, 2, 4] as const))
      it(`reads ${name} at ${upsampling} px a sensor pixel`, async () => {
        const raw = electronFrames(5, coding, 11);
        const { header, frames } = await open(eerFile(raw, width, height, coding), {
          upsampling,
          groupSize: 1,
        });
        expect(header).toMatchObject({ width: width * upsampling, frames: 5, pixelType: "uint8" });
        frames.forEach((frame, i) =>
          expect(Array.from(frame)).toEqual(counted(raw[i], coding, upsampling)),
        );
      });

  const coding = codings["65001 (7 + 4 bits)"];

  it("gathers raw frames by number or size and names those left over", async () => {
    const raw = electronFrames(11, coding, 12);
    const bytes = eerFile(raw, width, height, coding, { strips: 3 });
    const byNumber = await open(bytes, { fractions: 3 });
    expect(byNumber.header.eer).toMatchObject({ groupSize: 3, fractions: 3, leftover: 2 });
    expect(byNumber.header.warnings.join()).toMatch(/Raw frames 10 to 11 fill no fraction of 3/);
    const bySize = await open(bytes, { groupSize: 4 });
    expect(bySize.header.frames).toBe(2);
    expect(Array.from(bySize.frames[1])).toEqual(counted(raw.slice(4, 8).flat(), coding, 1));
  });

  it("skips pages that are no EER frames", async () => {
    const raw = electronFrames(2, coding, 13);
    const final = { tags: greyTags(4, 4), blocks: [new Uint8Array(16)] };
    const { header, frames } = await open(eerFile(raw, width, height, coding, { before: [final] }));
    expect(header).toMatchObject({ width, height, frames: 2 });
    expect(header.warnings.join()).toMatch(/1 of 3 pages are no EER frames/);
    expect(Array.from(frames[0])).toEqual(counted(raw[0], coding, 1));
  });

  it("takes pixel size, dose and gain from the acquisition metadata", async () => {
    const metadata = `<metadata>
      <item name="sensorPixelSize.width" unit="m">8.2e-11</item>
      <item name="totalDose" unit="e/pixel">33.62</item>
      <item name="eerGainReference">20240101_120000.gain</item></metadata>`;
    const raw = electronFrames(10, coding, 14);
    const bytes = eerFile(raw, width, height, coding, { metadata });
    const { header } = await open(bytes, { groupSize: 5, upsampling: 2 });
    expect(header.pixelSizeA).toBeCloseTo(0.41, 9);
    expect(header.dosePerFrame).toBeCloseTo(25, 6);
    expect(header.eer?.dosePerRawFrame).toBeCloseTo(5, 6);
    expect(header.eer?.gainReference).toBe("20240101_120000.gain");
    expect(header.fields).toContainEqual({ name: "totalDose", value: "33.62 e/pixel" });
  });

  it("refuses frames that end elsewhere, and an upsampling finer than the file", async () => {
    const raw = electronFrames(2, coding, 15);
    const bytes = eerFile(raw, width, height, coding);
    // The first frame follows the 16 bytes of the header.
    bytes.fill(0xff, 16, 22);
    await expect(open(bytes, { groupSize: 1 })).rejects.toThrow(
      /raw EER frame 1 does not end at its last pixel/,
    );
    const coarse = codings["65002 (7 + 1 + 1 bits)"];
    const file = eerFile(electronFrames(1, coarse, 1), width, height, coarse);
    await expect(open(file, { upsampling: 4 })).rejects.toThrow(/needs 2 sub-pixel bits/);
  });

  it("ignores the sensor's own pixel size and doses without a unit it knows", () => {
    const physical = parseEerMetadata('<item name="sensorPixelSize.width" unit="m">1.4e-05</item>');
    expect(physical.pixelSizeA).toBeNull();
    const perArea = parseEerMetadata('<item name="totalDose" unit="e/Å^2">40</item>');
    expect(perArea.totalDose).toBe(40);
    expect(parseEerMetadata('<item name="totalDose" unit="">40</item>').totalDose).toBeNull();
  });
});

describe("EER fractions", () => {
  it("count as RELION (size) and Xmipp (number) do", () => {
    expect(fractionate(1512, { groupSize: 40 })).toEqual({
      rawFrames: 1512,
      groupSize: 40,
      fractions: 37,
      leftover: 32,
    });
    expect(fractionate(1512, { fractions: 40 })).toMatchObject({ groupSize: 37, leftover: 32 });
    expect(fractionate(24)).toMatchObject({ fractions: 24, groupSize: 1, leftover: 0 });
    expect(fractionate(3, { fractions: 9 })).toMatchObject({ fractions: 3, groupSize: 1 });
    expect(groupSizeForDose(0.027, 1)).toBe(37);
  });
});
