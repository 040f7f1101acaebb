import { describe, expect, it } from "vitest";
import type { GainOrientation } from "#src/domain/gain.ts";
import { applyPose, CANONICAL_POSES } from "./pose.ts";
import { BOARD_POSES } from "./poseDecision.ts";
import { poseInWords } from "./poseWords.ts";

type Rows = number[][];
const width = 3;
const height = 2;
const rows: Rows = [
  [1, 2, 3],
  [4, 5, 6],
];
const ours = (pose: GainOrientation): Rows => {
  const p = applyPose(Float32Array.from(rows.flat()), width, height, pose);
  return Array.from({ length: p.height }, (_, y) => [
    ...p.data.subarray(y * p.width, (y + 1) * p.width),
  ]);
};
const upsideDown = (a: Rows): Rows => [...a].reverse();
const leftRight = (a: Rows): Rows => a.map((r) => [...r].reverse());
/** MotionCor's kernel: out(x, y) = in(y, H − 1 − x), H the rows of the input. */
const motionCorTurn = (a: Rows): Rows =>
  a[0].map((_, y) => a.map((_r, x) => a[a.length - 1 - x][y]));
/** A quarter turn against the clock: the first row becomes the first column, upwards. */
const counterClockwise = (a: Rows): Rows => a[0].map((_, y) => a.map((r) => r[r.length - 1 - y]));
const times = (n: number, f: (a: Rows) => Rows, a: Rows): Rows =>
  n === 0 ? a : times(n - 1, f, f(a));
const flip = (n: number, a: Rows): Rows => (n === 1 ? upsideDown(a) : n === 2 ? leftRight(a) : a);

const poses = [...CANONICAL_POSES, ...BOARD_POSES].map((p) => ({ ...p, inverted: false }));
const commandOf = (pose: GainOrientation, program: string): string =>
  poseInWords(pose, "gain.mrc").find((w) => w.program === program)?.command ?? "";

describe("a pose in other programs' words", () => {
  it.each(poses)("$rotation90 turns, $flip: each program moves the pixels alike", (pose) => {
    const relion = /--gain_rot (\d) --gain_flip (\d)/.exec(commandOf(pose, "RELION"))!;
    const motionCor = /-RotGain (\d) -FlipGain (\d)$/.exec(commandOf(pose, "MotionCor2/3"))!;
    const xmipp = /rotation (\d+)°, gain flip (.+)$/.exec(commandOf(pose, "Xmipp FlexAlign"))!;
    for (const [, k, f] of [relion, motionCor])
      expect(flip(Number(f), times(Number(k), motionCorTurn, rows))).toEqual(ours(pose));
    const first = xmipp[2] === "upside down" ? 1 : xmipp[2] === "left right" ? 2 : 0;
    expect(times(Number(xmipp[1]) / 90, counterClockwise, flip(first, rows))).toEqual(ours(pose));
  });

  it("has one answer for the two names of a pose", () => {
    const pose = { rotation90: 3, flip: "upside-down", inverted: false } as const;
    const other = { rotation90: 1, flip: "left-right", inverted: false } as const;
    expect(poseInWords(pose, "gain.mrc")).toEqual(poseInWords(other, "gain.mrc"));
  });

  it("sends an inverted reference through the saved gain where a program cannot invert", () => {
    const words = poseInWords({ ...poses[1], inverted: true }, "flat.mrc");
    expect(words.map((w) => w.command === null)).toEqual([true, false, true, true]);
    expect(words[1].command).toContain("-InvGain 1");
  });
});

describe("a pose for TIFF files", () => {
  it("is left out of Xmipp's words, which do not reverse their rows", () => {
    const words = poseInWords({ rotation90: 1, flip: "none", inverted: false }, "gain.mrc", true);
    const of = (program: string) => words.find((w) => w.program === program);
    expect(of("Xmipp FlexAlign")).toMatchObject({ command: null });
    expect(of("Xmipp FlexAlign")?.note).toContain("rows of the TIFF files");
    expect(of("RELION")?.command).toBe("--gainref gain.mrc --gain_rot 1 --gain_flip 0");
  });
});
