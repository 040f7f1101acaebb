import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { defaultMotionOptions } from "#src/domain/motion.ts";
import { decodeFrame } from "#src/formats/decodeFrame.ts";
import { memorySource } from "#src/formats/memorySource.ts";
import { openMovie } from "#src/formats/openMovie.ts";
import { realFft2 } from "#src/math/fft.ts";
import { globalShifts } from "#src/math/motionField.ts";
import { testBackends } from "#src/testing/backends.ts";
import { sharedPath } from "#src/testing/sharedData.ts";
import { estimateMotion } from "./estimateMotion.ts";

const folder = sharedPath("data/movies/cistem-10-frames");
const SIDE = 80;
/** As listed, (x, y): whole numbers. */
const LISTED = [
  [-2, -1],
  [-1, 0],
  [5, -3],
  [2, -5],
  [-2, 0],
  [-2, -1],
  [4, -6],
  [-3, 1],
  [-1, -2],
  [3, 0],
];

async function open(name: string) {
  const bytes = readFileSync(`${folder ?? ""}/${name}`);
  return await openMovie(memorySource(name, new Uint8Array(bytes)));
}

/** Displacement of a frame against the clean image by a matched filter, to 0.01 px: the best there is. */
function matched(frame: ArrayLike<number>, clean: ArrayLike<number>): [number, number] {
  const fft = realFft2(SIDE, SIDE);
  const a = fft.forward(Float32Array.from(frame)).slice();
  const b = fft.forward(Float32Array.from(clean));
  const columns = fft.halfWidth;
  const at = (dx: number, dy: number): number => {
    let sum = 0;
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < columns; x++) {
        const i = 2 * (y * columns + x);
        if (i === 0) continue;
        const ky = y < SIDE / 2 ? y : y - SIDE;
        const angle = (2 * Math.PI * (x * dx + ky * dy)) / SIDE;
        const re = a[i] * b[i] + a[i + 1] * b[i + 1];
        const im = a[i + 1] * b[i] - a[i] * b[i + 1];
        sum += (x === 0 ? 1 : 2) * (re * Math.cos(angle) - im * Math.sin(angle));
      }
    return sum;
  };
  let best: [number, number] = [0, 0];
  for (const [step, reach] of [
    [1, 8],
    [0.2, 5],
    [0.04, 5],
    [0.01, 4],
  ]) {
    const [x0, y0] = best;
    let most = -Infinity;
    for (let j = -reach; j <= reach; j++)
      for (let i = -reach; i <= reach; i++) {
        const value = at(x0 + i * step, y0 + j * step);
        if (value > most) [most, best] = [value, [x0 + i * step, y0 + j * step]];
      }
  }
  return best;
}

/** Largest difference of two lists of displacements, their mean over frames taken off. */
function apart(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  let largest = 0;
  for (const axis of [0, 1]) {
    const d = a.map((v, t) => v[axis] - b[t][axis]);
    const mean = d.reduce((s, v) => s + v, 0) / d.length;
    for (const v of d) largest = Math.max(largest, Math.abs(v - mean));
  }
  return largest;
}

describe.skipIf(folder === null)("ten noisy shifted frames of cisTEM", () => {
  it("are found where a matched filter with the clean image finds them", async () => {
    const movie = await open("hiv_images_shift_noise_80x80x10.mrc");
    const clean = await decodeFrame(await (await open("hiv_image_80x80x1.mrc")).readEncoded(0));
    const backend = await testBackends[0].open();
    const options = defaultMotionOptions(10, 1);
    const { field } = await estimateMotion(movie, { gain: null, dark: null }, options, { backend });
    await backend.dispose();
    const { x, y } = globalShifts(field);
    const found = Array.from(x, (v, t) => [v, y[t]]);
    const best: [number, number][] = [];
    for (let t = 0; t < 10; t++)
      best.push(matched(await decodeFrame(await movie.readEncoded(t)), clean));
    // Noise moves the matched filter by 0.035 px; here at most 0.04.
    expect(apart(found, best)).toBeLessThan(0.08);
    // The list is rounded to whole pixels: the matched filter itself is up to 0.52 px off it.
    expect(apart(found, LISTED)).toBeLessThan(0.55);
  });
});
