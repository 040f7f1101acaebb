/**
 * Correlation maps on a small grid of displacements, straight from a band-limited half spectrum:
 *
 *   map(δ) = Re Σ_ky Σ_{kx ≥ 0} m X(k) e^{2πi (ky δy/height + kx δx/width)}, m = 1 for kx = 0, else 2.
 *
 * A separable sum over the few displacements that are wanted costs less than an inverse FFT of which
 * nearly all would be thrown away.
 *
 * Spectra are planar: `re`, `im`, each `[2·ky + 1][kx + 1]`, rows ky from −ky to ky.
 */
export interface SpectrumShape {
  readonly width: number;
  readonly height: number;
  /** Largest |ky| and kx that are kept. */
  readonly ky: number;
  readonly kx: number;
}

export interface MapGrid {
  /** Displacements are `i·step` px, i = −radius … radius, per axis. */
  readonly radiusX: number;
  readonly radiusY: number;
  readonly step: number;
}

function waves(
  count: number,
  size: number,
  radius: number,
  step: number,
  f: (a: number) => number,
): Float64Array {
  const out = new Float64Array((radius + 1) * (count + 1));
  for (let i = 0; i <= radius; i++)
    for (let k = 0; k <= count; k++)
      out[i * (count + 1) + k] = f((2 * Math.PI * ((k * i * step) % size)) / size);
  return out;
}

export class DisplacementMaps {
  readonly mapWidth: number;
  readonly mapHeight: number;
  private readonly cosY: Float64Array;
  private readonly sinY: Float64Array;
  private readonly cosX: Float64Array;
  private readonly sinX: Float64Array;
  private readonly evenRe: Float64Array;
  private readonly evenIm: Float64Array;
  private readonly oddRe: Float64Array;
  private readonly oddIm: Float64Array;
  /** Of each kx: re C, im C, re D, im D of three displacements. */
  private readonly sums: Float64Array;
  readonly shape: SpectrumShape;
  readonly grid: MapGrid;

  constructor(shape: SpectrumShape, grid: MapGrid) {
    this.shape = shape;
    this.grid = grid;
    this.mapWidth = 2 * grid.radiusX + 1;
    this.mapHeight = 2 * grid.radiusY + 1;
    this.cosY = waves(shape.ky, shape.height, grid.radiusY, grid.step, Math.cos);
    this.sinY = waves(shape.ky, shape.height, grid.radiusY, grid.step, Math.sin);
    this.cosX = waves(shape.kx, shape.width, grid.radiusX, grid.step, Math.cos);
    this.sinX = waves(shape.kx, shape.width, grid.radiusX, grid.step, Math.sin);
    for (let i = 0; i <= grid.radiusX; i++)
      for (let k = 1; k <= shape.kx; k++) {
        this.cosX[i * (shape.kx + 1) + k] *= 2;
        this.sinX[i * (shape.kx + 1) + k] *= 2;
      }
    const plane = (shape.ky + 1) * (shape.kx + 1);
    this.evenRe = new Float64Array(plane);
    this.evenIm = new Float64Array(plane);
    this.oddRe = new Float64Array(plane);
    this.oddIm = new Float64Array(plane);
    this.sums = new Float64Array(12 * (shape.kx + 1));
  }

  /** Writes the map `[2·radiusY + 1][2·radiusX + 1]` to `out` from `at` on; `scale` multiplies it. */
  evaluate(re: Float32Array, im: Float32Array, out: Float32Array, at = 0, scale = 1): void {
    this.fold(re, im);
    const { radiusY } = this.grid;
    // Three displacements share the loads of a column.
    for (let y = 0; y <= radiusY; y += 3) {
      this.sumColumns(Math.min(y, radiusY), Math.min(y + 1, radiusY), Math.min(y + 2, radiusY));
      for (let j = 0; j < 3 && y + j <= radiusY; j++) this.rowsAt(y + j, j, out, at, scale);
    }
  }

  /** Sums and differences of the rows ky and −ky, column by column: `[kx][ky]`. */
  private fold(re: Float32Array, im: Float32Array): void {
    const { ky, kx } = this.shape;
    const columns = kx + 1;
    const { evenRe, evenIm, oddRe, oddIm } = this;
    for (let k = 0; k <= ky; k++) {
      const plus = (ky + k) * columns;
      const minus = (ky - k) * columns;
      const half = k === 0 ? 0.5 : 1;
      for (let x = 0, o = k; x < columns; x++, o += ky + 1) {
        const pr = re[plus + x];
        const pi = im[plus + x];
        const mr = re[minus + x];
        const mi = im[minus + x];
        evenRe[o] = half * (pr + mr);
        evenIm[o] = half * (pi + mi);
        oddRe[o] = pr - mr;
        oddIm[o] = pi - mi;
      }
    }
  }

  /** For each kx and three y: C = Σ_ky even·cos, D = Σ_ky odd·sin. */
  private sumColumns(y0: number, y1: number, y2: number): void {
    const { ky, kx } = this.shape;
    const rows = ky + 1;
    const { evenRe, evenIm, oddRe, oddIm, cosY, sinY, sums } = this;
    const t0 = y0 * rows;
    const t1 = y1 * rows;
    const t2 = y2 * rows;
    for (let x = 0; x <= kx; x++) {
      let cr0 = 0;
      let ci0 = 0;
      let dr0 = 0;
      let di0 = 0;
      let cr1 = 0;
      let ci1 = 0;
      let dr1 = 0;
      let di1 = 0;
      let cr2 = 0;
      let ci2 = 0;
      let dr2 = 0;
      let di2 = 0;
      const column = x * rows;
      for (let k = 0; k < rows; k++) {
        const er = evenRe[column + k];
        const ei = evenIm[column + k];
        const or = oddRe[column + k];
        const oi = oddIm[column + k];
        const c0 = cosY[t0 + k];
        const s0 = sinY[t0 + k];
        cr0 += c0 * er;
        ci0 += c0 * ei;
        dr0 += s0 * or;
        di0 += s0 * oi;
        const c1 = cosY[t1 + k];
        const s1 = sinY[t1 + k];
        cr1 += c1 * er;
        ci1 += c1 * ei;
        dr1 += s1 * or;
        di1 += s1 * oi;
        const c2 = cosY[t2 + k];
        const s2 = sinY[t2 + k];
        cr2 += c2 * er;
        ci2 += c2 * ei;
        dr2 += s2 * or;
        di2 += s2 * oi;
      }
      const o = 12 * x;
      sums[o] = cr0;
      sums[o + 1] = ci0;
      sums[o + 2] = dr0;
      sums[o + 3] = di0;
      sums[o + 4] = cr1;
      sums[o + 5] = ci1;
      sums[o + 6] = dr1;
      sums[o + 7] = di1;
      sums[o + 8] = cr2;
      sums[o + 9] = ci2;
      sums[o + 10] = dr2;
      sums[o + 11] = di2;
    }
  }

  /** The two rows ±y of the map from the four sums (`slot` of three) of this y. */
  private rowsAt(y: number, slot: number, out: Float32Array, at: number, scale: number): void {
    const { kx } = this.shape;
    const { radiusX, radiusY } = this.grid;
    const columns = kx + 1;
    const up = at + (radiusY - y) * this.mapWidth + radiusX;
    const down = at + (radiusY + y) * this.mapWidth + radiusX;
    const { cosX, sinX, sums } = this;
    for (let x = 0; x <= radiusX; x++) {
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      const table = x * columns;
      for (let k = 0, o = 4 * slot; k < columns; k++, o += 12) {
        const cos = cosX[table + k];
        const sin = sinX[table + k];
        a += sums[o] * cos;
        c += sums[o + 1] * sin;
        d += sums[o + 2] * sin;
        b += sums[o + 3] * cos;
      }
      // At +y: G = C + iD = (cr − di) + i(ci + dr); at −y: G = C − iD. Re G e^{iψ} = Gr cos ψ − Gi sin ψ.
      out[down + x] = (a - b - c - d) * scale;
      out[down - x] = (a - b + c + d) * scale;
      out[up + x] = (a + b - c + d) * scale;
      out[up - x] = (a + b + c - d) * scale;
    }
  }
}
