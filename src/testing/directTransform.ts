import type { RealTransform } from "#src/math/preprocess/runStages.ts";

/**
 * The Fourier transform by its definition, in double: slow, and an oracle that shares nothing with the
 * fast one. For images of a few hundred pixels a side.
 */
export const directTransform: RealTransform = {
  forward: (pixels, { width, height }) => {
    const columns = (width >> 1) + 1;
    const re = Float64Array.from(pixels);
    const im = new Float64Array(pixels.length);
    for (let y = 0; y < height; y++) transformLine(re, im, width, y * width, 1, -1);
    const out = new Float32Array(2 * columns * height);
    for (let x = 0; x < columns; x++) {
      transformLine(re, im, height, x, width, -1);
      for (let y = 0; y < height; y++) {
        out[2 * (y * columns + x)] = re[y * width + x];
        out[2 * (y * columns + x) + 1] = im[y * width + x];
      }
    }
    return out;
  },
  inverse: (spectrum, { width, height }) => {
    const columns = (width >> 1) + 1;
    const re = new Float64Array(columns * height).map((_, i) => spectrum[2 * i]);
    const im = new Float64Array(columns * height).map((_, i) => spectrum[2 * i + 1]);
    for (let x = 0; x < columns; x++) transformLine(re, im, height, x, columns, 1);
    const out = new Float32Array(width * height);
    const rowRe = new Float64Array(width);
    const rowIm = new Float64Array(width);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const mirrored = x >= columns;
        const at = y * columns + (mirrored ? width - x : x);
        // Real at zero and at Nyquist, as complex-to-real transforms take it.
        const real = x === 0 || 2 * x === width;
        rowRe[x] = re[at];
        rowIm[x] = real ? 0 : mirrored ? -im[at] : im[at];
      }
      transformLine(rowRe, rowIm, width, 0, 1, 1);
      for (let x = 0; x < width; x++) out[y * width + x] = rowRe[x] / (width * height);
    }
    return out;
  },
};

function transformLine(
  re: Float64Array,
  im: Float64Array,
  n: number,
  offset: number,
  stride: number,
  sign: 1 | -1,
): void {
  const cos = Float64Array.from({ length: n }, (_, k) => Math.cos((2 * Math.PI * k) / n));
  const sin = Float64Array.from({ length: n }, (_, k) => sign * Math.sin((2 * Math.PI * k) / n));
  const outRe = new Float64Array(n);
  const outIm = new Float64Array(n);
  for (let k = 0; k < n; k++)
    for (let j = 0, t = 0; j < n; j++, t = (t + k) % n) {
      const a = re[offset + j * stride];
      const b = im[offset + j * stride];
      outRe[k] += a * cos[t] - b * sin[t];
      outIm[k] += a * sin[t] + b * cos[t];
    }
  for (let k = 0; k < n; k++) {
    re[offset + k * stride] = outRe[k];
    im[offset + k * stride] = outIm[k];
  }
}
