import { describe, expect, it } from "vitest";
import { decodeFrame } from "#src/formats/decodeFrame.ts";
import { createFieldEvaluator } from "#src/math/motionField.ts";
import { applyPose } from "#src/math/pose.ts";
import { realFft2 } from "#src/math/fft.ts";
import { createSimulatedMovie } from "./simulatedMovie.ts";

const small = { width: 96, height: 80, frames: 5, seed: 3 } as const;

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  let [sa, sb, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    sa += a[i];
    sb += b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
    ab += a[i] * b[i];
  }
  return (ab - (sa * sb) / n) / Math.sqrt((aa - sa ** 2 / n) * (bb - sb ** 2 / n));
}

describe("createSimulatedMovie", () => {
  it("is the same for the same seed and another for another", async () => {
    const movie = createSimulatedMovie(small);
    const again = createSimulatedMovie(small);
    expect(again.frame(3)).toEqual(movie.frame(3));
    expect(movie.frame(3)).toEqual(movie.frame(3));
    expect(createSimulatedMovie({ ...small, seed: 4 }).frame(3)).not.toEqual(movie.frame(3));
    const reader = movie.reader("simulated");
    expect(await decodeFrame(await reader.readEncoded(3))).toEqual(movie.frame(3));
    expect(() => movie.frame(5)).toThrow("frames 0 to 4");
  });

  it("records Poisson counts times the gain", () => {
    const movie = createSimulatedMovie({
      ...small,
      width: 256,
      height: 256,
      gain: "flat",
      deadPixels: 0,
      hotPixels: 0,
      contrast: 1e-6,
      electronsPerFrame: 3,
      camera: "counting",
    });
    const frame = movie.frame(0);
    let sum = 0;
    let squares = 0;
    for (const value of frame) {
      sum += value;
      squares += value * value;
    }
    const mean = sum / frame.length;
    // Standard errors over 65 536 pixels: √(3/n) = 0.0068 of the mean, about 3·√(2/n) of the variance.
    expect(Math.abs(mean - 3)).toBeLessThan(5 * 0.0068);
    expect(Math.abs(squares / frame.length - mean * mean - 3)).toBeLessThan(5 * 0.019);

    const still = { driftPx: 0, jitterPx: 0, localPx: 0, electronsPerFrame: 300, contrast: 1e-6 };
    for (const camera of ["counting", "integrating"] as const) {
      const gains = createSimulatedMovie({ ...small, ...still, camera, electronsPerFrame: 100 });
      const total = new Float64Array(96 * 80);
      for (let t = 0; t < 5; t++) gains.frame(t).forEach((value, i) => (total[i] += value));
      const { pixelGain, gain } = gains.truth;
      const good = [...total.keys()].filter((i) => gain.bad[i] === 0);
      // Shot noise of 500 electrons is 4.5 %, the gain's deviation 4.5 %: correlation 0.7 expected.
      expect(
        correlation(
          good.map((i) => total[i]),
          good.map((i) => pixelGain[i]),
        ),
      ).toBeGreaterThan(0.6);
      expect([...total.keys()].filter((i) => pixelGain[i] === 0).map((i) => total[i])).toEqual(
        new Array(gains.options.deadPixels).fill(0),
      );
    }
  });

  it("moves the specimen by the displacement of its truth", () => {
    const movie = createSimulatedMovie({
      ...small,
      width: 128,
      height: 120,
      gain: "flat",
      deadPixels: 0,
      hotPixels: 0,
      electronsPerFrame: 5000,
      unitsPerElectron: 1,
      localPx: 0,
      driftPx: 6,
      contrast: 0.1,
    });
    const { motion } = movie.truth;
    const fft = realFft2(128, 120);
    const reference = fft.forward(Float32Array.from(movie.frame(0)));
    const last = fft.forward(Float32Array.from(movie.frame(4)));
    // Phase of the lowest frequencies: the cross spectrum turns by −2π(k·u) for content moved by +u.
    const peak = new Float32Array(last.length);
    for (let i = 2; i < last.length; i += 2) {
      const re = last[i] * reference[i] + last[i + 1] * reference[i + 1];
      const im = last[i + 1] * reference[i] - last[i] * reference[i + 1];
      const size = Math.hypot(re, im) + 1;
      peak[i] = re / size;
      peak[i + 1] = im / size;
    }
    const surface = fft.inverse(peak);
    const best = surface.indexOf(Math.max(...surface));
    const wrap = (v: number, n: number): number => (v > n / 2 ? v - n : v);
    expect(Math.abs(wrap(best % 128, 128) - motion.globalX[4])).toBeLessThan(1);
    expect(Math.abs(wrap(Math.floor(best / 128), 120) - motion.globalY[4])).toBeLessThan(1);
  });

  it("follows its field locally: each frame's expectation is the scene displaced", () => {
    const movie = createSimulatedMovie({
      ...small,
      gain: "flat",
      deadPixels: 0,
      hotPixels: 0,
      electronsPerFrame: 20000,
      unitsPerElectron: 1,
      mtfAtNyquist: 0.01,
      jerky: true,
    });
    const field = createFieldEvaluator(movie.truth.motion);
    const { scene } = movie.truth;
    const at = { x: 0, y: 0 };
    field.gather(0, 20, 30, at);
    expect(Math.hypot(at.x, at.y)).toBeLessThan(1e-9);
    const frame = movie.frame(4);
    let errors = 0;
    let variance = 0;
    let n = 0;
    for (let y = 20; y < 60; y++)
      for (let x = 20; x < 76; x++) {
        field.displacement(4, x, y, at);
        const [sx, sy] = [x - at.x, y - at.y];
        const [i, j] = [Math.floor(sx), Math.floor(sy)];
        if (i < 0 || j < 0 || i > 94 || j > 78) continue;
        const [fx, fy] = [sx - i, sy - j];
        const expected =
          (1 - fy) * ((1 - fx) * scene[j * 96 + i] + fx * scene[j * 96 + i + 1]) +
          fy * ((1 - fx) * scene[(j + 1) * 96 + i] + fx * scene[(j + 1) * 96 + i + 1]);
        errors += (frame[y * 96 + x] / 20000 - expected) ** 2;
        variance += (expected - 1) ** 2;
        n++;
      }
    expect(n).toBeGreaterThan(1000);
    // What bilinear sampling of a scene blurred by its MTF leaves, and noise of 0.7 % against a contrast of 15 %.
    expect(Math.sqrt(errors / variance)).toBeLessThan(0.2);
  });

  it("ships a reference that the stated pose turns into the gain", () => {
    const pose = { rotation90: 1, flip: "left-right", inverted: true } as const;
    const movie = createSimulatedMovie({ ...small, referencePose: pose, referenceNoise: 0 });
    const reference = movie.reference();
    expect([reference.width, reference.height]).toEqual([80, 96]);
    const posed = applyPose(reference.values, reference.width, reference.height, pose);
    const { correction } = movie.truth.gain;
    expect(posed.data.map((v) => (v > 0 ? 1 / v : 0))).toBeAllclose(correction, { rtol: 1e-6 });
    const wrong = createSimulatedMovie({ ...small, wrongReference: true }).reference();
    expect(Math.abs(correlation(wrong.values, correction))).toBeLessThan(0.2);
  });

  it("drifts the gain over movies and adds contamination and carbon", () => {
    const first = createSimulatedMovie({ ...small, gainDrift: 0.02 });
    const later = createSimulatedMovie({ ...small, gainDrift: 0.02, movieIndex: 3 });
    expect(correlation(first.truth.pixelGain, later.truth.pixelGain)).toBeLessThan(0.999);
    expect(first.truth.scene).not.toEqual(later.truth.scene);
    const mean = (a: ArrayLike<number>): number =>
      Array.from(a).reduce((s, v) => s + v, 0) / a.length;
    const clean = mean(first.truth.scene);
    expect(mean(createSimulatedMovie({ ...small, contamination: 3 }).truth.scene)).toBeLessThan(
      clean - 0.01,
    );
    expect(mean(createSimulatedMovie({ ...small, carbonEdge: true }).truth.scene)).toBeLessThan(
      clean - 0.02,
    );
  });
});
