import { describe, expect, it } from "vitest";
import { DEFAULT_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import { writeDefectText } from "#src/formats/reference/writeDefectText.ts";
import { createRandom } from "#src/math/random.ts";
import { testBackends } from "#src/testing/backends.ts";
import { memoryMovie } from "#src/testing/memoryMovie.ts";
import { estimateJointGain } from "../estimateGain.ts";

const [width, height, frames] = [128, 112, 12];

describe("pixels that are noisy over time", () => {
  it("are found by the method, told by their source, and stand in the defect list", async () => {
    const random = createRandom(3);
    const telegraph = [20 * width + 30, 71 * width + 99];
    const images = Array.from({ length: frames }, (_, t) =>
      Uint16Array.from({ length: width * height }, (_, i) => {
        const state = telegraph.indexOf(i);
        const level = state < 0 ? 1 : Math.floor((t + state) / 3) % 2 === 0 ? 2.2 : 0.3;
        return 32 * random.poisson(8 * level);
      }),
    );
    const backend = await testBackends[0].open();
    const { badSources, gain } = await estimateJointGain(
      [memoryMovie(images, width, height, {}, "movie.mrcs")],
      null,
      { ...DEFAULT_GAIN_PARAMETERS, method: "mean", unitsPerElectron: 32 },
      { backend },
    );
    await backend.dispose();
    // Their sums are ordinary: neither dead nor hot.
    expect(badSources).toMatchObject({ dead: 0, hot: 0, noisy: 2, falseAlarms: 0.02 });
    expect([...gain.bad.keys()].filter((i) => gain.bad[i] !== 0)).toEqual(telegraph);
    const lines = writeDefectText(gain.bad, width, height).trim().split("\n");
    expect(
      lines.filter((l) => /^\d/.test(l.trim())).map((l) => l.trim().split(/\s+/).slice(0, 2)),
    ).toEqual([
      ["30", "20"],
      ["99", "71"],
    ]);
  });
});
