import { describe, expect, it } from "vitest";
import { applyPose, canonicalPose, CANONICAL_POSES, inversePose, poseOfXmipp } from "./pose.ts";
import type { Pose } from "./pose.ts";

const width = 3;
const height = 2;
const image = Float32Array.from([1, 2, 3, 4, 5, 6]);
const flips = ["none", "upside-down", "left-right"] as const;
const twelve: Pose[] = ([0, 1, 2, 3] as const).flatMap((rotation90) =>
  flips.map((flip) => ({ rotation90, flip })),
);
const key = (p: Pose, w = width, h = height, a = image): string => {
  const r = applyPose(a, w, h, p);
  return `${r.width}x${r.height}:${r.data.join(",")}`;
};

/** The definition, written as naively as it is stated. */
function naive(rows: number[][], pose: Pose): number[][] {
  let a = rows;
  for (let k = 0; k < pose.rotation90; k++) {
    const b = a;
    a = b[0].map((_, y) => b.map((_, x) => b[b.length - 1 - x][y]));
  }
  if (pose.flip === "upside-down") a = [...a].reverse();
  if (pose.flip === "left-right") a = a.map((row) => [...row].reverse());
  return a;
}

describe("poses", () => {
  it("turns a quarter clockwise as displayed with row 0 on top", () => {
    // 1 2 3        4 1
    // 4 5 6   →    5 2
    //              6 3
    const turned = applyPose(image, width, height, { rotation90: 1, flip: "none" });
    expect([turned.width, turned.height, ...turned.data]).toEqual([2, 3, 4, 1, 5, 2, 6, 3]);
  });

  it.each(twelve)("$rotation90 quarter turns, $flip: as the definition says", (pose) => {
    const rows = naive(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      pose,
    );
    expect(key(pose)).toBe(`${rows[0].length}x${rows.length}:${rows.flat().join(",")}`);
  });

  it("has eight distinct poses under twelve names", () => {
    expect(new Set(twelve.map((p) => key(p))).size).toBe(8);
    expect(new Set(CANONICAL_POSES.map((p) => key(p))).size).toBe(8);
    for (const pose of twelve) {
      expect(key(canonicalPose(pose))).toBe(key(pose));
      expect(CANONICAL_POSES).toContainEqual(canonicalPose(pose));
    }
  });

  it("is undone by its inverse", () => {
    for (const pose of twelve) {
      const there = applyPose(image, width, height, pose);
      const back = applyPose(there.data, there.width, there.height, inversePose(pose));
      expect([...back.data]).toEqual([...image]);
    }
  });

  it("names Xmipp's order: flip first, then counter-clockwise turns", () => {
    for (const flip of flips)
      for (const k of [0, 1, 2, 3]) {
        const flipped = applyPose(image, width, height, { rotation90: 0, flip });
        const turn: Pose = { rotation90: ((4 - k) % 4) as Pose["rotation90"], flip: "none" };
        expect(key(turn, flipped.width, flipped.height, flipped.data)).toBe(
          key(poseOfXmipp(k, flip)),
        );
      }
  });

  it("copes with large and thin images", () => {
    const w = 193;
    const h = 7;
    const a = Float32Array.from({ length: w * h }, (_, i) => i);
    const turned = applyPose(a, w, h, { rotation90: 3, flip: "upside-down" });
    const rows = Array.from({ length: h }, (_, y) => [...a.subarray(y * w, (y + 1) * w)]);
    expect([...turned.data]).toEqual(naive(rows, { rotation90: 3, flip: "upside-down" }).flat());
  });
});
