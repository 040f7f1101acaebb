import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { MotionField } from "#src/domain/motion.ts";
import { splineBasis } from "#src/math/bspline.ts";
import { createFieldEvaluator } from "#src/math/motionField.ts";
import { createRandom } from "#src/math/random.ts";
import { sharedPath } from "#src/testing/sharedData.ts";
import { parseStar } from "../star/parseStar.ts";
import { findTable, numberColumn, textColumn } from "../star/starTable.ts";
import { accumulatedMotion, correctedMicrographsStar } from "./correctedMicrographsStar.ts";
import { motionJson } from "./motionJson.ts";
import { readRelionMovieStar, readXmippShifts } from "./readMotion.ts";
import { relionMovieStar } from "./relionMovieStar.ts";
import type { RelionMovie } from "./relionMovieStar.ts";
import { shiftPlot } from "./shiftPlot.ts";
import { shiftTable } from "./shiftTable.ts";
import { xmippShifts } from "./xmippShifts.ts";

const T = 10;

/** Ten frames of thirteen (the third to the twelfth), smooth local motion of about 2 px. */
function makeField(local = true, referenceFrame = 0): MotionField {
  const random = createRandom(17);
  const amplitude = Array.from({ length: 6 }, () => random.normal());
  const points = { x: 5, y: 4, t: 5 };
  const coefficients = (s: number): Float64Array =>
    Float64Array.from({ length: 100 }, (_, n) => {
      const [i, j, k] = [n % 5, Math.floor(n / 5) % 4, Math.floor(n / 20)];
      return (
        0.2 *
        (k - 2) *
        (amplitude[s] * (i - 2) +
          amplitude[s + 1] * (j - 1.5) +
          amplitude[s + 2] * 0.2 * (i - 2) ** 2)
      );
    });
  return {
    width: 800,
    height: 601,
    frameIndices: Array.from({ length: T }, (_, t) => t + 2),
    referenceFrame,
    globalX: Float64Array.from({ length: T }, (_, t) => 0.8 * t + 0.05 * t * t),
    globalY: Float64Array.from({ length: T }, (_, t) => -0.4 * t),
    local: local
      ? { controlPoints: points, coefficientsX: coefficients(0), coefficientsY: coefficients(3) }
      : null,
  };
}

const movie: RelionMovie = {
  movieName: "Movies/a.tif",
  gainName: "gain.mrc",
  defectName: null,
  frames: 13,
  binning: 2,
  pixelSizeA: 0.83,
  dosePerFrame: 1.2,
  preExposure: 0.5,
  voltageKv: 200,
  eer: null,
  hotPixels: [[3, 4]],
};

describe("the RELION movie star", () => {
  it("evaluated as RELION does is minus the motion from the first frame, in unbinned px", () => {
    const field = makeField();
    const { text, model } = relionMovieStar(field, movie);
    const read = readRelionMovieStar(text, "a.star");
    expect(model.fitRmsPx).toBeLessThan(0.05);
    expect(read.startFrame).toBe(2);
    const evaluator = createFieldEvaluator(field);
    const d = { x: 0, y: 0 };
    let sum = 0;
    let n = 0;
    for (let t = 0; t < T; t++)
      for (const x of [40, 300, 760])
        for (const y of [30, 310, 580]) {
          evaluator.gatherFromReference(t, x, y, d);
          const shift = read.shiftAt(t + 2, x, y);
          sum += (shift.x + d.x) ** 2 + (shift.y + d.y) ** 2;
          n++;
        }
    // The fit's own error and the six decimals of the global shifts.
    expect(Math.sqrt(sum / n)).toBeLessThan(1.5 * model.fitRmsPx + 1e-5);
    expect(read.shiftAt(2, 400, 300)).toEqual({ x: 0, y: 0 });
    const general = findTable(parseStar(text, "a.star"), "general")!;
    expect(Object.fromEntries(general.labels.map((l, i) => [l, general.rows[0][i]]))).toMatchObject(
      {
        rlnImageSizeX: "800",
        rlnImageSizeZ: "13",
        rlnMicrographBinning: "2.000000",
        rlnMicrographStartFrame: "3",
        rlnMicrographDoseRate: "1.200000",
        rlnMotionModelVersion: "1",
      },
    );
    const shifts = findTable(parseStar(text, "a.star"), "global_shift")!;
    expect(numberColumn(shifts, "rlnMicrographShiftX")!.map((v) => v === -9999)).toEqual(
      Array.from({ length: 13 }, (_, f) => f < 2 || f > 11),
    );
  });

  it("has version 0 and no model without local motion", () => {
    const { text } = relionMovieStar(makeField(false), movie);
    const read = readRelionMovieStar(text, "a.star");
    expect(read.coefficientsX).toBeNull();
    expect(read.shiftX[5]).toBeCloseTo(-(0.8 * 3 + 0.05 * 9), 6);
    expect(text).toContain("_rlnMotionModelVersion");
    expect(text).not.toContain("local_motion_model");
  });
});

describe("corrected_micrographs.star", () => {
  it("lists micrographs by optics group with RELION's accumulated motion", () => {
    const row = {
      micrographName: "out/a_DW.mrc",
      unweightedName: "out/a.mrc",
      metadataName: "out/a.star",
      pixelSizeA: 0.83,
      binnedPixelSizeA: 1.66,
      voltageKv: 300,
      globalX: [0, 3, 3],
      globalY: [0, 4, 5],
      earlyFrames: 2,
    };
    const star = parseStar(
      correctedMicrographsStar([row, { ...row, voltageKv: 200 }, row]),
      "c.star",
    );
    const table = findTable(star, "micrographs")!;
    expect(numberColumn(table, "rlnOpticsGroup")).toEqual([1, 2, 1]);
    expect(textColumn(table, "rlnMicrographNameNoDW")![0]).toBe("out/a.mrc");
    expect(numberColumn(findTable(star, "optics")!, "rlnVoltage")).toEqual([300, 200]);
    expect(accumulatedMotion([0, 3, 3], [0, 4, 5], 2)).toEqual({ total: 6, early: 5, late: 1 });
  });
});

describe("the Xmipp shifts", () => {
  it("are the correction to apply, with coefficients of the whole motion in binned px", () => {
    const field = makeField(true, 4);
    const args = { movieName: "a.mrcs", frames: 13, binning: 2, patches: { x: 7, y: 6 } };
    const text = xmippShifts(field, { ...args, flipRows: false });
    expect(text.split("\n").slice(0, 3)).toEqual([
      "# XMIPP_STAR_1 * ",
      "# ",
      "data_referenceFrame",
    ]);
    const read = readXmippShifts(text, "a.xmd");
    expect(read.referenceFrame).toBe(6);
    expect(read.frames.map((f) => f.enabled)).toEqual(
      Array.from({ length: 13 }, (_, f) => f >= 2 && f <= 11),
    );
    expect(read.frames[2].x).toBeCloseTo(0.8 * 4 + 0.05 * 16, 6);
    expect(read.frames[6]).toMatchObject({ image: "000007@a.mrcs", x: 0, y: 0 });

    // Evaluated as Xmipp evaluates it: out(x) = frame(x − S), S = Σ c B B B · binning in unbinned px.
    const local = read.local!;
    const evaluator = createFieldEvaluator(field);
    const d = { x: 0, y: 0 };
    const wx = new Float64Array(4);
    const wy = new Float64Array(4);
    const wt = new Float64Array(4);
    for (const t of [0, 4, 8])
      for (const [x, y] of [
        [100, 500],
        [400, 300],
        [700, 90],
      ]) {
        const i0 = splineBasis(x / 800, 5, wx);
        const j0 = splineBasis(y / 601, 4, wy);
        const k0 = splineBasis(t / T, 5, wt);
        let sx = 0;
        let sy = 0;
        for (let k = 0; k < 4; k++)
          for (let j = 0; j < 4; j++)
            for (let i = 0; i < 4; i++) {
              const n = (k0 + k) * 20 + (j0 + j) * 5 + i0 + i;
              const w = wt[k] * wy[j] * wx[i];
              sx += 2 * w * local.coefficientsX[n];
              sy += 2 * w * local.coefficientsY[n];
            }
        evaluator.gatherFromReference(t, x, y, d);
        // X in the mean frame against r in the reference frame: 2 px of 1 % strain; the track is a
        // parabola, which the spline holds exactly.
        expect(sx).toBeCloseTo(-d.x, 1);
        expect(sy).toBeCloseTo(-d.y, 1);
      }
    const flipped = readXmippShifts(xmippShifts(field, { ...args, flipRows: true }), "b.xmd");
    expect(flipped.frames[9].y).toBeCloseTo(-read.frames[9].y, 9);
    expect(flipped.frames[9].x).toBe(read.frames[9].x);
    expect(flipped.local!.coefficientsY[0]).toBeCloseTo(-local.coefficientsY[15], 5);
    expect(flipped.local!.coefficientsX[0]).toBeCloseTo(local.coefficientsX[15], 5);
  });
});

describe("motion.json, table and plot", () => {
  it("sample the displacement against the reference frame at the place in each frame", () => {
    const field = makeField();
    const estimate = {
      field,
      quality: { expectedErrorPx: 0.04, gainNats: 1e4, fallbackReason: null, flags: [] },
      diagnostics: null,
      hotPixels: [],
      chosen: { binning: 1 },
    };
    const json = motionJson(estimate, { file: "a.tif", pixelSizeA: 0.83 });
    expect([json.dx.length, json.dx[0].length, json.dx[0][0].length]).toEqual([T, 21, 21]);
    expect(json.dx[0].flat().every((v) => v === 0)).toBe(true);
    const d = { x: 0, y: 0 };
    createFieldEvaluator(field).displacement(7, json.gridX[4], json.gridY[17], d);
    expect(json.dx[7][17][4]).toBeCloseTo(d.x, 4);
    expect(json.dy[7][17][4]).toBeCloseTo(d.y, 4);
    const still = motionJson(
      { ...estimate, field: makeField(false) },
      { file: "a", pixelSizeA: null },
    );
    expect(still.dx[3]).toEqual([[2.85]]);
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  });

  it("say the same numbers in px and Å", () => {
    const track = {
      frameIndices: [2, 3, 4],
      x: [0, 1, 1],
      y: [0, 0, -2],
      pixelSizeA: 1.5,
      dosePerFrame: 2,
      preExposure: 1,
    };
    expect(shiftTable(track).split("\n")).toEqual([
      "frame,x_px,y_px,step_px,x_A,y_A,step_A,dose_e_per_A2",
      "3,0.0000,0.0000,0.0000,0.0000,0.0000,0.0000,7.0000",
      "4,1.0000,0.0000,1.0000,1.5000,0.0000,1.5000,9.0000",
      "5,1.0000,-2.0000,2.0000,1.5000,-3.0000,3.0000,11.0000",
      "",
    ]);
    const svg = shiftPlot(track, "a<b");
    expect(svg).toContain("a&lt;b");
    expect(svg.match(/<circle/g)?.length).toBe(3);
    expect(svg).toContain("x displacement, Å");
    // Equal axes (places are written with one decimal), y down the page: the last point lies 3 Å above the second.
    const points = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map((m) => [
      Number(m[1]),
      Number(m[2]),
    ]);
    expect((points[1][0] - points[0][0]) / 1.5).toBeCloseTo((points[1][1] - points[2][1]) / 3, 0);
    expect(shiftPlot({ ...track, x: [0, 0, 0], y: [0, 0, 0] }, "still")).not.toContain("NaN");
  });
});

const relion = sharedPath("reference/align/relion_3x3.star");
const real = sharedPath("data/motion/relion5_movie_00028.star");
const xmipp = sharedPath("reference/align/xmipp_global_12A.xmd");

describe.skipIf(relion === null || real === null || xmipp === null)(
  "files of the originals",
  () => {
    it("are read with their signs and units", () => {
      const motion = readRelionMovieStar(readFileSync(relion!, "utf8"), "relion");
      expect([motion.width, motion.height, motion.startFrame]).toEqual([512, 480, 0]);
      expect(motion.shiftX.length).toBe(12);
      expect(motion.coefficientsX?.length).toBe(18);
      expect(readRelionMovieStar(readFileSync(real!, "utf8"), "real").shiftX[23]).toBeCloseTo(
        7.70391,
        5,
      );
      const shifts = readXmippShifts(readFileSync(xmipp!, "utf8"), "xmipp");
      expect(shifts.frames[shifts.referenceFrame]).toMatchObject({ x: 0, y: 0, enabled: true });
      expect(shifts.local).toBeNull();
    });
  },
);
