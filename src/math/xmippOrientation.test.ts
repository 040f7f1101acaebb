import { describe, expect, it } from "vitest";
import { applyPose, samePose } from "./pose.ts";
import {
  cyclicExtremes,
  poseOfTransform,
  repairAsProtocol,
  standardized,
  transformAsXmipp,
  XMIPP_TRANSFORMS,
  xmippArtefact,
} from "./xmippOrientation.ts";

const numbered = (width: number, height: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: width * height }, (_, i) => i);

describe("transforms of the reference protocol", () => {
  it("are the eight different poses", () => {
    const poses = XMIPP_TRANSFORMS.map(poseOfTransform);
    for (const [i, a] of poses.entries())
      for (const b of poses.slice(i + 1)) expect(samePose(a, b)).toBe(false);
  });

  it.each([
    [7, 7],
    [6, 6],
    [9, 5],
    [8, 6],
  ])("of %i × %i are our permutations, displaced by the artefact alone", (width, height) => {
    const image = numbered(width, height);
    for (const transform of XMIPP_TRANSFORMS) {
      const exact = applyPose(image, width, height, poseOfTransform(transform));
      const out = { width: exact.width, height: exact.height };
      const artefact = xmippArtefact(transform, out);
      const back = { x: 0 - artefact.x, y: 0 - artefact.y };
      const made = transformAsXmipp(image, width, height, transform, out, back);
      expect(Array.from(made), JSON.stringify(transform)).toEqual(Array.from(exact.data));
    }
  });

  it("displaces a mirrored even row as the protocol does: 0, n−1, n−2, … 1", () => {
    const row = transformAsXmipp(
      numbered(6, 1),
      6,
      1,
      { mirror: true, turns: 0 },
      { width: 6, height: 1 },
    );
    expect(Array.from(row)).toEqual([0, 5, 4, 3, 2, 1]);
  });
});

describe("pieces of the protocol's search", () => {
  it("standardizes to mean 0 and sd 1, and knows a flat image", () => {
    const z = standardized(Float32Array.of(1, 2, 3, 4));
    expect(z?.[0]).toBeCloseTo(-1.3416, 4);
    expect(z?.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 6);
    expect(standardized(new Float32Array(9).fill(3))).toBeNull();
  });

  it("counts displacements above half a side backwards, exactly half not", () => {
    const image = new Float32Array(6 * 4);
    image[3 * 6 + 3] = 2;
    image[2 * 6 + 5] = -1;
    expect(cyclicExtremes(image, 6)).toEqual({
      min: -1,
      max: 2,
      atMax: { x: 3, y: -1 },
      atMin: { x: -1, y: 2 },
    });
  });

  it("repairs small values in raster order, each with what stands around it then", () => {
    // The first takes the median of (0, 4, 6) = 4; the second of (4, 2, 4, 6, 8) with that 4 in it.
    const values = Float32Array.of(0, 0, 2, 4, 6, 8);
    repairAsProtocol(values, 3);
    expect(Array.from(values)).toEqual([4, 4, 2, 4, 6, 8]);
  });
});
