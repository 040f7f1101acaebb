import { expect, it } from "vitest";
import { BatchFft } from "../motion/batchFft.ts";
import { createRandom } from "../random.ts";
import { fftKernel } from "./fftKernel.ts";
import { wasmModule } from "./wasmModule.ts";

it.each([
  [2, 4],
  [3, 8],
  [5, 4],
  [16, 4],
  [60, 12],
  [64, 64],
  [150, 8],
  [384, 32],
])("transforms %i points in %i lanes as the twin and as the definition does", (n, lanes) => {
  const random = createRandom(n);
  const twin = new BatchFft(n, lanes);
  const kernel = fftKernel("fft", n, lanes);
  if (kernel === null) throw new Error("no kernel");
  const { planeBytes } = kernel;
  const [from, other, table] = [64, 64 + 2 * planeBytes, 64 + 4 * planeBytes];
  const instance = wasmModule(kernel.functions).instance();
  if (instance === null) throw new Error("no WebAssembly");
  instance.reserve(table + kernel.tableBytes);
  kernel.prepare(instance, table);
  const re = new Float32Array(instance.buffer(), from, n * lanes);
  const im = new Float32Array(instance.buffer(), from + planeBytes, n * lanes);
  for (let i = 0; i < n * lanes; i++) {
    twin.re[i] = re[i] = random.uniform() - 0.5;
    twin.im[i] = im[i] = random.uniform() - 0.5;
  }
  const column = {
    re: re.filter((_, i) => i % lanes === 1),
    im: im.filter((_, i) => i % lanes === 1),
  };
  twin.transform();
  const at = kernel.run(instance, from, other, table);
  const gotRe = new Float32Array(instance.buffer(), at, n * lanes);
  const gotIm = new Float32Array(instance.buffer(), at + planeBytes, n * lanes);
  // Single precision: a rounding or two in each pass, of sums of n numbers below one.
  const tolerance = 4e-7 * Math.sqrt(n) * Math.log2(2 * n);
  for (let i = 0; i < n * lanes; i++) {
    expect(Math.abs(gotRe[i] - twin.re[i])).toBeLessThan(tolerance);
    expect(Math.abs(gotIm[i] - twin.im[i])).toBeLessThan(tolerance);
  }
  for (const k of [0, 1, n - 1]) {
    let [sumRe, sumIm] = [0, 0];
    for (let j = 0; j < n; j++) {
      const angle = (-2 * Math.PI * j * k) / n;
      sumRe += column.re[j] * Math.cos(angle) - column.im[j] * Math.sin(angle);
      sumIm += column.re[j] * Math.sin(angle) + column.im[j] * Math.cos(angle);
    }
    expect(gotRe[k * lanes + 1]).toBeCloseTo(sumRe, 4);
    expect(gotIm[k * lanes + 1]).toBeCloseTo(sumIm, 4);
  }
});

it("leaves lengths with other factors to the twin", () => {
  expect(fftKernel("fft", 28, 4)).toBeNull();
  expect(fftKernel("fft", 16, 3)).toBeNull();
});
