import { expect, it } from "vitest";
import { createRandom } from "../random.ts";
import { withoutWasm } from "../wasm/wasmModule.ts";
import { PatchEngine } from "./patchEngine.ts";
import type { MovieBand, PatchPlace } from "./patchEngine.ts";

/** Largest difference over the root mean square of what is expected. */
function relative(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  let worst = 0;
  let power = 0;
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs(found[i] - expected[i]));
    power += expected[i] ** 2;
  }
  return worst / Math.sqrt(power / expected.length);
}

it.each([
  { side: 64, kept: 31, frames: 5, radius: 8 },
  { side: 64, kept: 18, frames: 4, radius: 8 },
  { side: 48, kept: 23, frames: 3, radius: 5 },
  { side: 60, kept: 12, frames: 2, radius: 11 },
  { side: 20, kept: 1, frames: 3, radius: 2 },
])("patches of $side px to frequency $kept are as the twin's", ({ side, kept, frames, radius }) => {
  const random = createRandom(side + kept);
  const [width, height, firstRow, rows] = [150, 170, 20, 120];
  const pixels = Float32Array.from({ length: frames * rows * width }, () => random.normal());
  const band: MovieBand = { width, height, firstRow, rows, frames, pixels };
  const place = (x: number, y: number): PatchPlace => ({
    x,
    y,
    displacement: Float64Array.from({ length: 2 * frames }, (_, i) =>
      i === 2 ? 3 : 4 * random.normal(),
    ),
  });
  // Inside, over two edges of the frame, and over the end of the band.
  const patches = [place(40, 60), place(-2, 22), place(width - side, firstRow + rows - side)];
  const weight = Float32Array.from({ length: (2 * kept + 1) * (kept + 1) }, () => random.uniform());
  const measured = (): {
    readonly surfaces: Float32Array;
    readonly sums: { readonly together: Float64Array; readonly single: Float64Array };
    readonly rest: Float64Array[];
    readonly pattern: Float32Array;
  } => {
    const engine = new PatchEngine(band, side);
    const rings = new Float64Array(side / 4 + 1);
    return {
      surfaces: engine.surfaces(patches, weight, kept, radius),
      sums: engine.measure(patches),
      rest: engine.restMoments(patches),
      pattern: engine.restPattern(
        [patches[0]],
        rings.map((_, i) => 2 * frames + i),
        rings.fill(3 * frames),
      ),
    };
  };
  const fast = measured();
  const slow = withoutWasm(measured);
  // Single precision in transforms and sums.
  expect(relative(fast.surfaces, slow.surfaces)).toBeLessThan(1e-5);
  expect(relative(fast.sums.together, slow.sums.together)).toBeLessThan(1e-5);
  expect(relative(fast.sums.single, slow.sums.single)).toBeLessThan(1e-5);
  fast.rest.forEach((moment, m) => {
    expect(relative(moment, slow.rest[m])).toBeLessThan(1e-5);
  });
  expect(relative(fast.pattern, slow.pattern)).toBeLessThan(1e-5);
  expect(Math.max(...slow.surfaces)).toBeGreaterThan(0);
});
