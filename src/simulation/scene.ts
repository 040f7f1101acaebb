import type { Float32Pixels } from "#src/domain/movie.ts";
import { nextFastSize, realFft2, signedIndex } from "#src/math/fft.ts";
import { createRandom } from "#src/math/random.ts";
import type { Random } from "#src/math/random.ts";
import { SEEDS } from "./cameraGain.ts";
import type { SimulationOptions } from "./simulationOptions.ts";

/** The specimen as the camera would see it without noise, larger than the movie by a margin. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Place of the movie's pixel (0, 0). */
  readonly margin: number;
  /** Expected electrons relative to their mean, `[height, width]`. */
  readonly values: Float32Pixels;
  /** Cubic B-spline coefficients of `values` (cyclic), for sampling at any place. */
  readonly coefficients: Float32Pixels;
}

/** Relativistic electron wavelength, Å, of a voltage in kV. */
export function electronWavelengthA(voltageKv: number): number {
  const volts = voltageKv * 1e3;
  return 12.2643 / Math.sqrt(volts * (1 + volts * 0.978466e-6));
}

/** Projected views of one random molecule of Gaussian blobs, then ice noise, CTF and MTF. */
export function createScene(options: SimulationOptions, margin: number): Scene {
  const width = nextFastSize(options.width + 2 * margin, { even: true });
  const height = nextFastSize(options.height + 2 * margin, { even: true });
  const random = createRandom(options.seed + SEEDS.scene + 131 * options.movieIndex);
  const density = new Float32Array(width * height);
  if (options.particles) addParticles(density, width, height, createRandom(options.seed), random);
  const isCarbon = carbonSide(options, width, height, random);
  const beyondEdge = iceEdgeOf(options, width, height);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) density[i] += random.normal() * (isCarbon(x, y) ? 2.5 : 1);

  const fft = realFft2(width, height);
  const spectrum = fft.forward(density);
  applyTransfer(spectrum, width, height, options);
  const values = fft.inverse(spectrum);
  let squares = 0;
  for (const value of values) squares += value * value;
  const scale = options.contrast / Math.sqrt(squares / values.length);
  const crystals = Array.from({ length: options.contamination }, () => ({
    x: random.uniform() * width,
    y: random.uniform() * height,
    radius: 15 + 35 * random.uniform(),
  }));
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const thick = options.iceWedge * ((x - margin) / options.width - 0.5);
      const beyond = beyondEdge(x, y);
      let transmitted = (isCarbon(x, y) ? 0.8 : 1) * (1 - thick);
      if (options.iceEdge === "thick") transmitted *= 1 - 0.5 * beyond;
      const seen = options.iceEdge === "empty" ? 1 - beyond : 1;
      for (const c of crystals) {
        const outside = Math.hypot(x - c.x, y - c.y) - c.radius;
        transmitted *=
          1 - (1 - options.contaminationTransmission) / (1 + Math.exp(Math.min(50, outside)));
      }
      values[i] = Math.max(0.05, transmitted * (1 + seen * scale * values[i]));
    }

  // Prefilter of the cubic B-spline in Fourier space: the transfer of its samples is (2 + cos ω)/3.
  const sampled = fft.forward(values);
  const columns = fft.halfWidth;
  for (let row = 0, at = 0; row < height; row++) {
    const ty = (2 + Math.cos((2 * Math.PI * row) / height)) / 3;
    for (let k = 0; k < columns; k++, at += 2) {
      const t = (ty * (2 + Math.cos((2 * Math.PI * k) / width))) / 3;
      sampled[at] /= t;
      sampled[at + 1] /= t;
    }
  }
  return { width, height, margin, values, coefficients: fft.inverse(sampled) };
}

/** −sin(χ + 0.07) e^{−B s²/4}, χ = π λ Δf s² − π/2 C_s λ³ s⁴, times the camera's MTF. */
function applyTransfer(
  spectrum: Float32Array,
  width: number,
  height: number,
  options: SimulationOptions,
): void {
  const lambda = electronWavelengthA(options.voltageKv);
  const cs = options.sphericalAberrationMm * 1e7;
  const mtf = Math.log(options.mtfAtNyquist) * 4;
  const columns = Math.floor(width / 2) + 1;
  for (let row = 0, at = 0; row < height; row++) {
    const fy = signedIndex(row, height) / height;
    for (let k = 0; k < columns; k++, at += 2) {
      const f2 = fy * fy + (k / width) ** 2;
      const s2 = f2 / options.pixelSizeA ** 2;
      const chi =
        Math.PI * lambda * options.defocusA * s2 - 0.5 * Math.PI * cs * lambda ** 3 * s2 * s2;
      const t = -Math.sin(chi + 0.07) * Math.exp((-options.bFactorA2 / 4) * s2 + mtf * f2);
      spectrum[at] *= t;
      spectrum[at + 1] *= t;
    }
  }
}

const BLOBS = 20;
const REACH = 40;

/** One particle in about 200 × 200 px, each a random view of the same molecule. */
function addParticles(
  density: Float32Pixels,
  width: number,
  height: number,
  molecule: Random,
  random: Random,
): void {
  const blobs = Array.from({ length: BLOBS }, () => ({
    at: [molecule.normal() * 15, molecule.normal() * 15, molecule.normal() * 15],
    sigma: 2 + 6 * molecule.uniform(),
    weight: 0.4 + 0.6 * molecule.uniform(),
  }));
  const count = Math.floor((width * height) / (200 * 200));
  for (let p = 0; p < count; p++) {
    const cx = random.uniform() * width;
    const cy = random.uniform() * height;
    const [ux, uy] = randomFrame(random);
    for (const { at, sigma, weight } of blobs) {
      const bx = cx + at[0] * ux[0] + at[1] * ux[1] + at[2] * ux[2];
      const by = cy + at[0] * uy[0] + at[1] * uy[1] + at[2] * uy[2];
      const reach = Math.min(REACH, Math.ceil(4 * sigma));
      for (let dy = -reach; dy <= reach; dy++) {
        const y = Math.round(by) + dy;
        const row = (((y % height) + height) % height) * width;
        for (let dx = -reach; dx <= reach; dx++) {
          const x = Math.round(bx) + dx;
          const r2 = (x - bx) ** 2 + (y - by) ** 2;
          const column = ((x % width) + width) % width;
          density[row + column] += weight * Math.exp(-r2 / (2 * sigma * sigma));
        }
      }
    }
  }
}

/** Two orthonormal vectors, uniformly oriented (Gram–Schmidt on normal deviates). */
function randomFrame(random: Random): [number[], number[]] {
  const unit = (v: number[]): number[] => {
    const length = Math.hypot(...v);
    return v.map((value) => value / length);
  };
  const deviates = (): number[] => [random.normal(), random.normal(), random.normal()];
  const u = unit(deviates());
  const w = deviates();
  const along = u[0] * w[0] + u[1] * w[1] + u[2] * w[2];
  return [u, unit(w.map((value, i) => value - along * u[i]))];
}

/** A straight edge of carbon that covers about a third of the picture. */
function carbonSide(
  { carbonEdge }: SimulationOptions,
  width: number,
  height: number,
  random: Random,
): (x: number, y: number) => boolean {
  if (!carbonEdge) return () => false;
  const angle = 2 * Math.PI * random.uniform();
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const limit = 0.18 * Math.min(width, height);
  return (x, y) => c * (x - width / 2) + s * (y - height / 2) > limit;
}

/** How far beyond a straight edge of the ice a place is: 0 … 1, over about 40 px; about a third of the picture. */
function iceEdgeOf(
  { iceEdge, seed }: SimulationOptions,
  width: number,
  height: number,
): (x: number, y: number) => number {
  if (iceEdge === "none") return () => 0;
  const angle = 2 * Math.PI * createRandom(seed + SEEDS.edge).uniform();
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const limit = 0.16 * Math.min(width, height);
  return (x, y) => 1 / (1 + Math.exp((limit - c * (x - width / 2) - s * (y - height / 2)) / 10));
}
