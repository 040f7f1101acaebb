import { describe, expect, it } from "vitest";
import { createRandom } from "../random.ts";
import { linePattern } from "./linePattern.ts";

const [WIDTH, HEIGHT, FRAMES] = [60, 50, 8];

/** White noise of sd 1, and columns of the given sd. */
function framesWith(sd: number): { frames: Float32Array[]; truth: Float64Array } {
  const random = createRandom(5);
  const truth = Float64Array.from({ length: WIDTH }, () => sd * random.normal());
  const frames = Array.from({ length: FRAMES }, () =>
    Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => random.normal() + truth[i % WIDTH]),
  );
  return { frames, truth };
}

describe("lines of a camera", () => {
  it("are found where they stand out, and only along their axis", () => {
    const { frames, truth } = framesWith(0.3);
    const { columns, rows } = linePattern(frames, WIDTH, HEIGHT);
    expect(rows).toBeNull();
    expect(columns).not.toBeNull();
    // Noise of a mean: 1/√(8 · 50) = 0.05; five times that is not reached in 60.
    columns?.forEach((value, x) => {
      expect(Math.abs(value - truth[x])).toBeLessThan(0.25);
    });
  });

  it("are not made up from noise", () => {
    const { columns, rows } = linePattern(framesWith(0).frames, WIDTH, HEIGHT);
    expect(columns).toBeNull();
    expect(rows).toBeNull();
  });
});
