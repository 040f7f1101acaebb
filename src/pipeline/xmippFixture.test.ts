import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { PROTOCOL_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import { testBackends } from "#src/testing/backends.ts";
import { memoryMovie } from "#src/testing/memoryMovie.ts";
import { estimateGain } from "./estimateGain.ts";

const folder = join(import.meta.dirname, "../testing/fixtures/gain");

interface Answer {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly min: number;
  readonly max: number;
  readonly rowMeans: readonly number[];
  readonly columnMeans: readonly number[];
  readonly every: number;
  readonly correction: readonly number[];
}

/**
 * Two frames of a simulated movie and what Xmipp 3.25.06 answered for them (the command is in the file):
 * the means of all rows and columns and every 37th pixel of C, rounded to 1e-6.
 */
describe.each(testBackends)("Xmipp's answer for two frames, on $name", ({ open }) => {
  it("is repeated by parity", async () => {
    const answer = JSON.parse(readFileSync(join(folder, "xmippAnswer.json"), "utf8")) as Answer;
    const { width, height, frames } = answer;
    const bytes = inflateSync(readFileSync(join(folder, "twoFrames.zlib")));
    const pixels = width * height;
    const movie = memoryMovie(
      Array.from({ length: frames }, (_, t) =>
        Uint16Array.from({ length: pixels }, (__, i) => {
          const at = t * pixels + i;
          return bytes[at] + 256 * bytes[frames * pixels + at];
        }),
      ),
      width,
      height,
    );
    const backend = await open();
    const parameters = { ...PROTOCOL_GAIN_PARAMETERS, frameStep: 1 };
    const { gain } = await estimateGain(movie, null, parameters, { backend });
    await backend.dispose();

    const { correction } = gain;
    // One iteration: 1e-4 (spec), and half a unit of the rounding.
    const atol = 1.005e-4;
    expect(correction.filter((_, i) => i % answer.every === 0)).toBeAllclose(answer.correction, {
      atol,
    });
    const meanOf = (places: number[]): number =>
      places.reduce((sum, i) => sum + correction[i], 0) / places.length;
    const rows = Array.from({ length: height }, (_, y) =>
      meanOf(Array.from({ length: width }, (__, x) => y * width + x)),
    );
    const columns = Array.from({ length: width }, (_, x) =>
      meanOf(Array.from({ length: height }, (__, y) => y * width + x)),
    );
    // Means of 192 and more: errors of single pixels average out.
    expect(rows).toBeAllclose(answer.rowMeans, { atol: 2e-6 });
    expect(columns).toBeAllclose(answer.columnMeans, { atol: 2e-6 });
    expect(correction.reduce((a, b) => Math.min(a, b))).toBeCloseTo(answer.min, 4);
    expect(correction.reduce((a, b) => Math.max(a, b))).toBeCloseTo(answer.max, 4);
  });
});
