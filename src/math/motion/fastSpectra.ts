import { addPower, shift } from "../wasm/phaseKernel.ts";
import { alongX, alongY, cross, foldBytes, spectrumPlane } from "../wasm/surfaceKernel.ts";
import type { SpectrumPlane } from "../wasm/surfaceKernel.ts";
import { wasmModule } from "../wasm/wasmModule.ts";
import type { WasmInstance } from "../wasm/wasmModule.ts";
import type { MapGrid, SpectrumShape } from "./displacementMaps.ts";
import type { MapRequest, Spectrum } from "./globalSpectra.ts";
import { fillPlanePhases } from "./phaseTables.ts";

/** Displacements along y that are summed at one time: three vectors. */
const MOST_VECTORS = 3;

/**
 * Correlation maps of whole frames as `GlobalSpectra.correlate` makes them, by kernels in single precision; the
 * spectra lie in the kernels' memory.
 */
export class FastSpectra {
  readonly grid: MapGrid;
  private readonly shape: SpectrumShape;
  private readonly plane: SpectrumPlane;
  private readonly frames: number;
  private readonly instance: WasmInstance;
  private readonly floats: Float32Array;
  private readonly at: ReturnType<typeof placesOf>;
  private readonly vectors: number;

  private constructor(
    shape: SpectrumShape,
    plane: SpectrumPlane,
    frames: number,
    grid: MapGrid,
    vectors: number,
    instance: WasmInstance,
    at: ReturnType<typeof placesOf>,
  ) {
    this.shape = shape;
    this.plane = plane;
    this.frames = frames;
    this.grid = grid;
    this.vectors = vectors;
    this.instance = instance;
    this.at = at;
    this.floats = new Float32Array(instance.buffer());
  }

  /** Null where kernels cannot run. */
  static create(
    shape: SpectrumShape,
    spectra: readonly Spectrum[],
    grid: MapGrid,
  ): FastSpectra | null {
    const plane = spectrumPlane(shape.kx, shape.ky);
    const groups = Math.ceil((grid.radiusY + 1) / (4 * MOST_VECTORS));
    const vectors = Math.ceil((grid.radiusY + 1) / groups / 4);
    const instance = wasmModule([
      shift(plane),
      addPower(plane),
      cross(plane),
      cross(plane, "crossAdded"),
      alongY(plane, vectors),
      alongX(plane, vectors, grid.radiusX),
    ]).instance();
    if (instance === null) return null;
    const places = placesOf(plane, spectra.length, grid, vectors, groups);
    if (!instance.reserve(places.end)) return null;
    const made = new FastSpectra(shape, plane, spectra.length, grid, vectors, instance, places);
    spectra.forEach((spectrum, t) => {
      made.put(spectrum, made.frame(t));
    });
    made.fillWaves(groups);
    return made;
  }

  private frame(t: number): number {
    return this.at.frames + 2 * t * this.plane.bytes;
  }

  /** Values `[2·ky + 1][kx + 1]` into a plane `[kx][ky]`. */
  private putPlane(values: ArrayLike<number>, to: number): void {
    const { floats, plane } = this;
    for (let k = 0, from = 0; k <= 2 * plane.ky; k++)
      for (let i = 0, o = to / 4 + k; i <= plane.kx; i++, o += plane.stride)
        floats[o] = values[from++];
  }

  private put({ re, im }: Spectrum, to: number): void {
    this.putPlane(re, to);
    this.putPlane(im, to + this.plane.bytes);
  }

  private fillWaves(groups: number): void {
    const { floats, at, plane, grid, vectors, shape } = this;
    const angle = (k: number, i: number, size: number): number =>
      (2 * Math.PI * ((k * i * grid.step) % size)) / size;
    for (let g = 0; g < groups; g++)
      for (let k = 0; k <= plane.ky; k++)
        for (let j = 0; j < 4 * vectors; j++) {
          const y = 4 * vectors * g + j;
          const o = (at.tablesY + g * at.tableYBytes) / 4 + 8 * vectors * k + j;
          if (y > grid.radiusY) continue;
          floats[o] = (k === 0 ? 0.5 : 1) * Math.cos(angle(k, y, shape.height));
          floats[o + 4 * vectors] = Math.sin(angle(k, y, shape.height));
        }
    for (let x = 0, o = at.tableX / 4; x <= grid.radiusX; x++)
      for (let k = 0; k <= plane.kx; k++) {
        const m = k === 0 ? 1 : 2;
        floats[o++] = m * Math.cos(angle(k, x, shape.width));
        floats[o++] = m * Math.sin(angle(k, x, shape.width));
      }
  }

  /** A frame, less `base`, moved by its displacement, to `to`; added to the sums at `sum`. */
  private move(t: number, dx: number, dy: number, to: number, sum: number): void {
    const { floats, at, plane, shape, instance } = this;
    const { phasesX, phasesY } = at;
    const [u, v] = [dx / shape.width, dy / shape.height];
    fillPlanePhases(floats, phasesX / 4, phasesY / 4, plane, u, v);
    instance.call.shift(this.frame(t), at.base, phasesX, phasesY, to, sum);
  }

  private clear(at: number, planes: number): void {
    this.floats.fill(0, at / 4, (at + planes * this.plane.bytes) / 4);
  }

  /** Weights of what a frame has left of itself in the others: w·Σ|F − base|²/(T(T − 1)). */
  private setMend(): void {
    const { floats, at, plane, frames, instance } = this;
    this.clear(at.mend, 1);
    for (let t = 0; t < frames; t++) {
      this.move(t, 0, 0, at.moved, at.unused);
      instance.call.addPower(at.moved, at.mend);
    }
    const [mend, weight] = [at.mend / 4, at.weight / 4];
    const factor = 1 / (frames * Math.max(1, frames - 1));
    for (let i = 0; i < plane.bytes / 4; i++) floats[mend + i] *= factor * floats[weight + i];
  }

  /** Maps of the frames `from … to − 1`. */
  correlate(
    { shifts, weight, base, kind }: MapRequest,
    from: number,
    to: number,
  ): Float32Array<ArrayBuffer> {
    const { at, plane, frames, instance, grid } = this;
    const size = (2 * grid.radiusX + 1) * (2 * grid.radiusY + 1);
    const out = new Float32Array((to - from) * size);
    this.clear(at.weight, 1);
    this.putPlane(weight, at.weight);
    if (base === null) this.clear(at.base, 2);
    else this.put(base, at.base);
    const mended = kind !== "others";
    if (mended) this.setMend();
    const phases = 2 * plane.bytes;
    this.clear(at.sum, 4);
    if (kind !== "chain")
      for (let t = 0; t < frames; t++)
        this.move(t, shifts[2 * t], shifts[2 * t + 1], at.moved, at.sum);
    for (let t = from; t < to; t++) {
      if (kind !== "chain") this.move(t, shifts[2 * t], shifts[2 * t + 1], at.moved, at.unused);
      else if (t > 0) {
        // The sum of two, of which one is taken off again.
        this.clear(at.sum, 4);
        this.move(t - 1, 0, 0, at.moved, at.sum);
        this.move(t, 0, 0, at.moved, at.sum);
      } else continue;
      instance.call.cross(at.moved, at.sum, at.weight, at.fold);
      if (mended) instance.call.crossAdded(at.moved + phases, at.sum + phases, at.mend, at.fold);
      this.evaluate(out, (t - from) * size);
    }
    return out;
  }

  /** The map of what `cross` wrote. */
  private evaluate(out: Float32Array, start: number): void {
    const { floats, at, vectors, grid, instance } = this;
    const { radiusX, radiusY } = grid;
    const width = 2 * radiusX + 1;
    const middle = start + radiusY * width + radiusX;
    const quarter = 4 * vectors;
    for (let first = 0, table = at.tablesY; first <= radiusY; first += quarter) {
      instance.call.alongY(at.fold, table, at.alongY);
      instance.call.alongX(at.alongY, at.tableX, at.map);
      table += at.tableYBytes;
      const count = Math.min(quarter, radiusY + 1 - first);
      for (let x = 0, from = at.map / 4; x <= radiusX; x++, from += 4 * quarter)
        for (let j = 0; j < count; j++) {
          const down = middle + (first + j) * width;
          const up = middle - (first + j) * width;
          out[down + x] = floats[from + j];
          out[down - x] = floats[from + quarter + j];
          out[up + x] = floats[from + 2 * quarter + j];
          out[up - x] = floats[from + 3 * quarter + j];
        }
    }
  }
}

/** Places in the kernels' memory, bytes. */
function placesOf(
  plane: SpectrumPlane,
  frames: number,
  grid: MapGrid,
  vectors: number,
  groups: number,
) {
  // Loads may reach a little before what they mean.
  let end = 64;
  const room = (bytes: number): number => {
    const at = end;
    end = Math.ceil((end + bytes) / 64) * 64;
    return at;
  };
  const tableYBytes = 32 * vectors * (plane.ky + 1);
  return {
    tableYBytes,
    tablesY: room(groups * tableYBytes),
    tableX: room(8 * (plane.kx + 1) * (grid.radiusX + 1)),
    phasesX: room(8 * (plane.kx + 1)),
    phasesY: room(8 * plane.stride),
    weight: room(plane.bytes),
    mend: room(plane.bytes),
    base: room(2 * plane.bytes),
    /** A frame moved, and its phases. */
    moved: room(4 * plane.bytes),
    sum: room(4 * plane.bytes),
    /** Sums that nobody wants. */
    unused: room(4 * plane.bytes),
    fold: room(4 * foldBytes(plane)),
    alongY: room(64 * vectors * (plane.kx + 1)),
    map: room(64 * vectors * (grid.radiusX + 1)),
    frames: room(2 * plane.bytes * frames),
    end: end + 64,
  };
}
