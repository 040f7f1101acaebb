import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComputeBackend } from "#src/compute/backend.ts";
import type { MotionField } from "#src/domain/motion.ts";
import { gaussianFilter } from "#src/math/gaussianFilter.ts";
import { prefilterImage } from "#src/math/bspline.ts";
import { createMotionWarper, placeCanvas } from "#src/math/motionGain/warper.ts";
import { createRandom } from "#src/math/random.ts";
import { testBackends } from "#src/testing/backends.ts";
import { memoryMovie } from "#src/testing/memoryMovie.ts";
import { estimateMotionGain } from "./motionGain.ts";

const [width, height, frames] = [256, 240, 12];

function drift(px: number): MotionField {
  const at = (t: number, f: number) => (f * px * t) / (frames - 1);
  return {
    width,
    height,
    frameIndices: Array.from({ length: frames }, (_, t) => t),
    referenceFrame: 0,
    globalX: Float64Array.from({ length: frames }, (_, t) => at(t, 1)),
    globalY: Float64Array.from({ length: frames }, (_, t) => at(t, -0.6)),
    local: null,
  };
}

/** Poisson counts of strong specimen (rms 0.15 of the mean, some px wide) that drifts over a detector. */
function movieOf(seed: number, field: MotionField, electrons: number, gain: Float32Array) {
  const random = createRandom(seed);
  const place = placeCanvas(field);
  const size = place.canvasWidth * place.canvasHeight;
  const blobs = gaussianFilter(
    Float32Array.from({ length: size }, () => random.normal()),
    place.canvasWidth,
    place.canvasHeight,
    2,
  );
  const rms = Math.sqrt(blobs.reduce((s, v) => s + v * v, 0) / size);
  const scene = blobs.map((v) => (0.15 * v) / rms);
  prefilterImage(scene, place.canvasWidth, place.canvasHeight, "half");
  const warper = createMotionWarper(place);
  const images = Array.from({ length: frames }, (_, t) => {
    const specimen = new Float32Array(width * height);
    warper.addPrediction(scene, t, specimen);
    return Uint16Array.from(specimen, (v, i) =>
      Math.round(32 * gain[i] * random.poisson((electrons / frames) * Math.max(0.05, 1 + v))),
    );
  });
  return memoryMovie(images, width, height, {}, `movie${seed}.mrcs`);
}

function gainOf(seed: number): Float32Array {
  const random = createRandom(seed);
  const columns = Float64Array.from({ length: width }, () => 0.02 * random.normal());
  const rows = Float64Array.from({ length: height }, () => 0.02 * random.normal());
  return Float32Array.from({ length: width * height }, (_, i) =>
    Math.exp(0.03 * random.normal() + columns[i % width] + rows[Math.floor(i / width)]),
  );
}

function r2(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
  const n = a.length;
  for (let i = 0; i < n; i++) {
    sa += a[i];
    sb += b[i];
    saa += a[i] * a[i];
    sbb += b[i] * b[i];
    sab += a[i] * b[i];
  }
  return (n * sab - sa * sb) ** 2 / ((n * saa - sa * sa) * (n * sbb - sb * sb));
}

describe.each(testBackends)("gain from a moving specimen on $name", ({ open }) => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await open();
  });
  afterAll(() => backend.dispose());

  it("tells the detector from the specimen, where the plain mean cannot", async () => {
    const gain = gainOf(1);
    const field = drift(14);
    const reader = movieOf(2, field, 400, gain);
    const sum = new Float32Array(gain.length);
    for (let t = 0; t < frames; t++) {
      const { parts } = await reader.readEncoded(t);
      new Uint16Array(parts[0].buffer).forEach((v, i) => (sum[i] += v));
    }
    const motion = await estimateMotionGain([{ reader, field, unitsPerElectron: 32 }], { backend });
    const lines = await estimateMotionGain([{ reader, field: null, unitsPerElectron: 32 }], {
      backend,
    });
    // Wiener bound: lines known, pixels by 0.0009/(0.0009 + 1/400) = 0.26: 0.0008 + 0.26·0.0009 of 0.0017 = 0.61;
    // lines of 256 px see the specimen's slow waves too.
    expect(r2(motion.gain, gain)).toBeGreaterThan(0.48);
    expect(r2(lines.gain, gain)).toBeLessThan(r2(motion.gain, gain));
    expect(r2(sum, gain)).toBeLessThan(0.2);
    let squares = 0;
    for (let i = 0; i < gain.length; i++) squares += (motion.gain[i] - gain[i]) ** 2;
    const error = Math.sqrt(squares / gain.length);
    expect(error / motion.expectedError).toBeGreaterThan(1 / 1.5);
    expect(error / motion.expectedError).toBeLessThan(1.5);
  });
});
