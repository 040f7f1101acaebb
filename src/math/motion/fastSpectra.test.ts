import { expect, it } from "vitest";
import { createRandom } from "../random.ts";
import { withoutWasm } from "../wasm/wasmModule.ts";
import { GlobalSpectra } from "./globalSpectra.ts";
import type { MapRequest, Spectrum } from "./globalSpectra.ts";

const random = createRandom(5);
const [kx, ky] = [17, 22];
const shape = { width: 120, height: 160, kx, ky };
const count = (2 * ky + 1) * (kx + 1);
const noise = (): Spectrum => ({
  re: Float32Array.from({ length: count }, () => random.normal()),
  im: Float32Array.from({ length: count }, () => random.normal()),
});
const common = noise();
const frames = Array.from({ length: 5 }, () => {
  const { re, im } = noise();
  return { re: re.map((v, i) => v + common.re[i]), im: im.map((v, i) => v + common.im[i]) };
});
const shifts = Float64Array.from({ length: 10 }, () => 3 * random.normal());
const weight = Float32Array.from({ length: count }, (_, i) => (i % 5 === 0 ? 0 : random.uniform()));

it.each([
  { kind: "others", base: null, radiusX: 5, radiusY: 4 },
  { kind: "others", base: common, radiusX: 2, radiusY: 8 },
  { kind: "others-mended", base: common, radiusX: 14, radiusY: 17 },
  { kind: "chain", base: common, radiusX: 3, radiusY: 12 },
  { kind: "chain", base: null, radiusX: 1, radiusY: 1 },
] as const)("maps of $kind to ± $radiusX, $radiusY are as the twin's", (how) => {
  const { kind, base, radiusX, radiusY } = how;
  const request: MapRequest = { shifts, weight, base, kind, grid: { radiusX, radiusY, step: 3.2 } };
  const spectra = new GlobalSpectra(shape, frames);
  for (const [from, to] of [
    [0, 5],
    [2, 4],
  ]) {
    const fast = spectra.correlate(request, from, to);
    const slow = withoutWasm(() => new GlobalSpectra(shape, frames).correlate(request, from, to));
    expect(fast).toHaveLength(slow.length);
    const scale = Math.sqrt(slow.reduce((sum, v) => sum + v * v, 0) / slow.length);
    expect(scale).toBeGreaterThan(0);
    let worst = 0;
    slow.forEach((v, i) => (worst = Math.max(worst, Math.abs(v - fast[i]))));
    // Single precision in sums of about 800 coefficients.
    expect(worst).toBeLessThan(1e-5 * scale);
  }
});
