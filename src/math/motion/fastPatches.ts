import { prefilterLine } from "../bspline.ts";
import { createPatchKernel } from "../wasm/patchKernel.ts";
import type { PatchKernel } from "../wasm/patchKernel.ts";
import { fillPlanePhases } from "./phaseTables.ts";
import { foldBytes } from "../wasm/surfaceKernel.ts";
import type { WasmInstance } from "../wasm/wasmModule.ts";
import type { MovieBand, PatchPlace } from "./patchEngine.ts";

/** Sums over the frames of a patch, `[2·kept + 1][kept + 1]`, ky from −kept. */
export interface PatchSums {
  readonly re: Float64Array;
  readonly im: Float64Array;
  /** Σ_t |F_t|². */
  readonly power: Float64Array;
}

/** Sums of a patch at rest, and of the same spectra with the specimen's motion undone. */
export interface RestSums {
  readonly still: PatchSums;
  readonly aligned: Omit<PatchSums, "power">;
}

/** Places in the kernels' memory, bytes. */
interface Places {
  readonly buffers: readonly [number, number];
  readonly firstTable: number;
  readonly secondTable: number;
  readonly window: number;
  /** Phases of two patches: along x, along y. */
  readonly phases: readonly (readonly [number, number])[];
  readonly weight: number;
  readonly sum: number;
  readonly aligned: number;
  readonly power: number;
  readonly fold: number;
  readonly alongY: number;
  readonly tableY: number;
  readonly tableX: number;
  readonly map: number;
  readonly frames: number;
  readonly end: number;
}

function placesOf(
  { side, shape, first, second, vectors }: PatchKernel,
  radius: number,
  frames: number,
): Places {
  const { kx: kept, stride, bytes: planeBytes } = shape;
  // Loads may reach a little before what they mean.
  let end = 64;
  const room = (bytes: number): number => {
    const at = end;
    end = Math.ceil((end + bytes) / 64) * 64;
    return at;
  };
  const buffer = 2 * Math.max(first.planeBytes, second.planeBytes);
  return {
    buffers: [room(buffer), room(buffer)],
    firstTable: room(first.tableBytes),
    secondTable: room(second.tableBytes),
    window: room(4 * side),
    phases: [0, 1].map(() => [room(8 * (kept + 1)), room(8 * stride)] as const),
    weight: room(planeBytes),
    sum: room(2 * planeBytes),
    aligned: room(2 * planeBytes),
    power: room(planeBytes),
    fold: room(4 * foldBytes(shape)),
    alongY: room(64 * vectors * (kept + 1)),
    tableY: room(32 * vectors * (kept + 1)),
    tableX: room(8 * (kept + 1) * (radius + 1)),
    map: room(64 * vectors * (radius + 1)),
    // The second of the last, odd pair goes behind the others.
    frames: room(2 * planeBytes * (frames + 1)),
    end: end + 64,
  };
}

/**
 * What PatchEngine does, by the kernels of wasm/patchKernel.ts in single precision: frames of a patch lie in the
 * kernels' memory, and of a surface only its coefficients come back.
 */
export class FastPatches {
  readonly kept: number;
  readonly radius: number;
  private readonly band: MovieBand;
  private readonly kernel: PatchKernel;
  private readonly instance: WasmInstance;
  private readonly at: Places;
  private readonly floats: Float32Array;

  private constructor(
    band: MovieBand,
    kernel: PatchKernel,
    instance: WasmInstance,
    places: Places,
    radius: number,
  ) {
    this.band = band;
    this.kept = kernel.shape.kx;
    this.radius = radius;
    this.kernel = kernel;
    this.instance = instance;
    this.at = places;
    this.floats = new Float32Array(instance.buffer());
  }

  /** Null where kernels cannot run or do not suit. */
  static create(
    band: MovieBand,
    window: Float64Array,
    kept: number,
    radius: number,
  ): FastPatches | null {
    const side = window.length;
    const kernel = createPatchKernel(side, kept, radius);
    const instance = kernel?.module.instance() ?? null;
    if (kernel === null || instance === null) return null;
    const places = placesOf(kernel, radius, band.frames);
    if (!instance.reserve(places.end)) return null;
    kernel.first.prepare(instance, places.firstTable);
    kernel.second.prepare(instance, places.secondTable);
    const made = new FastPatches(band, kernel, instance, places, radius);
    made.floats.set(window, places.window / 4);
    made.fillWaves();
    return made;
  }

  /** Tables of the sums along y and x; the prefilter of the surfaces' splines is in them, as it is linear. */
  private fillWaves(): void {
    const { kept, radius, floats, at } = this;
    const { side, vectors } = this.kernel;
    const scale = 1 / (side * side);
    const line = new Float64Array(2 * radius + 1);
    const filtered = (wave: (angle: number) => number, k: number): Float64Array => {
      for (let i = -radius; i <= radius; i++)
        line[i + radius] = wave((2 * Math.PI * ((k * i) % side)) / side);
      prefilterLine(line, 0, 1, line.length);
      return line.subarray(radius);
    };
    for (let k = 0; k <= kept; k++) {
      const y = at.tableY / 4 + 8 * vectors * k;
      floats.set(
        filtered(Math.cos, k).map((v) => (k === 0 ? 0.5 * v : v)),
        y,
      );
      floats.set(filtered(Math.sin, k), y + 4 * vectors);
      for (const [n, wave] of [Math.cos, Math.sin].entries())
        filtered(wave, k).forEach((v, x) => {
          floats[at.tableX / 4 + 2 * (x * (kept + 1) + k) + n] = (k === 0 ? 1 : 2) * scale * v;
        });
    }
  }

  /** Pixels of a patch, 0 outside the band. */
  private load(t: number, x0: number, y0: number, to: number): void {
    const { floats, band } = this;
    const { side } = this.kernel;
    const { width, rows, pixels, firstRow } = band;
    const left = Math.max(0, -x0);
    const right = Math.min(side, width - x0);
    const base = t * rows * width + x0;
    for (let y = 0, at = to / 4; y < side; y++, at += side) {
      const row = y0 + y - firstRow;
      const inside = row >= 0 && row < rows && right > left;
      if (!inside || left > 0 || right < side) floats.fill(0, at, at + side);
      if (!inside) continue;
      const from = base + row * width;
      // Faster than making a view of so few.
      for (let x = left; x < right; x++) floats[at + x] = pixels[from + x];
    }
  }

  private fillPhases([x, y]: readonly [number, number], dx: number, dy: number): void {
    const { side, shape } = this.kernel;
    fillPlanePhases(this.floats, x / 4, y / 4, shape, dx / side, dy / side);
  }

  /** Spectra of a patch in all frames and their sum: cut at the rounded displacement, the rest undone by phase; or at rest. */
  private cut(patch: PatchPlace, moving: boolean): void {
    const { floats, at, instance, kernel } = this;
    const { first, second, shape } = kernel;
    const { bytes: planeBytes } = shape;
    const { frames } = this.band;
    const d = patch.displacement;
    floats.fill(0, at.sum / 4, (at.sum + 2 * planeBytes) / 4);
    for (let t = 0; t < frames; t += 2) {
      [t, t + 1].forEach((u, n) => {
        const to = at.buffers[0] + n * first.planeBytes;
        if (u === frames) {
          floats.fill(0, to / 4, (to + first.planeBytes) / 4);
          return;
        }
        const [wholeX, wholeY] = moving ? [Math.round(d[2 * u]), Math.round(d[2 * u + 1])] : [0, 0];
        this.load(u, patch.x + wholeX, patch.y + wholeY, to);
        instance.call.window(to, at.window);
        if (moving) this.fillPhases(at.phases[n], d[2 * u] - wholeX, d[2 * u + 1] - wholeY);
        else this.fillPhases(at.phases[n], 0, 0);
      });
      const z = first.run(instance, at.buffers[0], at.buffers[1], at.firstTable);
      const other = z === at.buffers[0] ? at.buffers[1] : at.buffers[0];
      instance.call.turn(z, other);
      const parted = second.run(instance, other, z, at.secondTable);
      const [[xA, yA], [xB, yB]] = at.phases;
      instance.call.part(parted, at.frames + 2 * t * planeBytes, xA, yA, xB, yB, at.sum);
    }
  }

  /** Σ_t |F_t|² of the spectra at hand, into the kernels' memory. */
  private sumPowers(): void {
    const { floats, at, instance } = this;
    const { bytes: planeBytes } = this.kernel.shape;
    floats.fill(0, at.power / 4, (at.power + planeBytes) / 4);
    for (let t = 0; t < this.band.frames; t++)
      instance.call.addPower(at.frames + 2 * t * planeBytes, at.power);
  }

  /** A plane `[kx][ky]` of the kernels' memory as `[ky][kx]`. */
  private read(from: number): Float64Array {
    const { floats, kept } = this;
    const { stride } = this.kernel.shape;
    const out = new Float64Array((2 * kept + 1) * (kept + 1));
    for (let k = 0, o = 0; k <= 2 * kept; k++)
      for (let i = 0; i <= kept; i++, o++) out[o] = floats[from / 4 + i * stride + k];
    return out;
  }

  /** Sums of a patch with its displacements undone. */
  sums(patch: PatchPlace): PatchSums {
    const { at } = this;
    this.cut(patch, true);
    this.sumPowers();
    return {
      re: this.read(at.sum),
      im: this.read(at.sum + this.kernel.shape.bytes),
      power: this.read(at.power),
    };
  }

  /** Sums of a patch at rest, and of the same spectra with all of its displacements undone by phase. */
  restSums(patch: PatchPlace): RestSums {
    const { floats, at, instance } = this;
    const { bytes: planeBytes } = this.kernel.shape;
    this.cut(patch, false);
    this.sumPowers();
    floats.fill(0, at.aligned / 4, (at.aligned + 2 * planeBytes) / 4);
    const [phases] = at.phases;
    for (let t = 0; t < this.band.frames; t++) {
      this.fillPhases(phases, patch.displacement[2 * t], patch.displacement[2 * t + 1]);
      instance.call.align(at.frames + 2 * t * planeBytes, phases[0], phases[1], at.aligned);
    }
    return {
      still: {
        re: this.read(at.sum),
        im: this.read(at.sum + planeBytes),
        power: this.read(at.power),
      },
      aligned: { re: this.read(at.aligned), im: this.read(at.aligned + planeBytes) },
    };
  }

  /** Surfaces of a patch as coefficients, `[t][2r + 1][2r + 1]`, to `out` from `start` on; `weight` as PatchEngine takes it. */
  surfaces(patches: readonly PatchPlace[], weight: Float32Array): Float32Array<ArrayBuffer> {
    const { floats, at, instance, kept, radius: r } = this;
    const { shape, vectors } = this.kernel;
    const { bytes: planeBytes, stride } = shape;
    const { call } = instance;
    const { frames } = this.band;
    for (let i = 0; i <= kept; i++)
      for (let k = 0; k <= 2 * kept; k++)
        floats[at.weight / 4 + i * stride + k] = weight[k * (kept + 1) + i];
    const width = 2 * r + 1;
    const out = new Float32Array(patches.length * frames * width * width);
    const quarter = 4 * vectors;
    let middle = r * width + r;
    for (const patch of patches) {
      this.cut(patch, true);
      for (let t = 0; t < frames; t++, middle += width * width) {
        call.cross(at.frames + 2 * t * planeBytes, at.sum, at.weight, at.fold);
        call.alongY(at.fold, at.tableY, at.alongY);
        call.alongX(at.alongY, at.tableX, at.map);
        for (let x = 0, from = at.map / 4; x <= r; x++, from += 4 * quarter)
          for (let y = 0; y <= r; y++) {
            const down = middle + y * width;
            const up = middle - y * width;
            out[down + x] = floats[from + y];
            out[down - x] = floats[from + quarter + y];
            out[up + x] = floats[from + 2 * quarter + y];
            out[up - x] = floats[from + 3 * quarter + y];
          }
      }
    }
    return out;
  }
}
