import type { Float32Pixels } from "#src/domain/movie.ts";
import { createRandom } from "#src/math/random.ts";
import type { SimulationOptions } from "./simulationOptions.ts";

/** The camera's response: recorded = ideal · G. */
export interface CameraGain {
  /** G, `[height, width]`, mean 1 over good pixels; 0 at dead pixels. */
  readonly pixelGain: Float32Pixels;
  /** 1 = dead or hot. */
  readonly bad: Uint8Array<ArrayBuffer>;
  readonly hot: readonly number[];
}

/** Offsets of the seeds of one simulation, so that each part has its own stream. */
export const SEEDS = {
  gain: 0x1000,
  drift: 0x2000,
  defects: 0x3000,
  reference: 0x4000,
  motion: 0x5000,
  scene: 0x6000,
  frames: 0x7000,
  edge: 0x8000,
  crystals: 0x9000,
  dirt: 0xa000,
} as const;

type Camera = Pick<
  SimulationOptions,
  | "width"
  | "height"
  | "seed"
  | "gain"
  | "gainStrength"
  | "cameraDirt"
  | "deadPixels"
  | "hotPixels"
  | "gainDrift"
  | "movieIndex"
>;

/**
 * G = pixels (sd 3 %) × columns (2 %) × rows (2 %) [× 4 × 8 tiles (4 %)] × a slope, so that all eight
 * poses differ; with `gainDrift`, each later movie multiplies a slow change by its own pattern.
 */
export function createCameraGain(options: Camera): CameraGain {
  const { width, height, gain, seed, movieIndex, gainDrift } = options;
  const pixelGain = new Float32Array(width * height).fill(1);
  if (gain !== "flat") {
    multiplyPattern(pixelGain, options, seed + SEEDS.gain, gain === "tiles");
    for (let y = 0, i = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++)
        pixelGain[i] *= 1 + 0.05 * (x / width - 0.5) + 0.03 * (y / height - 0.5);
    if (options.gainStrength !== 1)
      for (let i = 0; i < pixelGain.length; i++)
        pixelGain[i] = 1 + options.gainStrength * (pixelGain[i] - 1);
  }
  const dirt = createRandom(seed + SEEDS.dirt);
  for (let k = 0; k < options.cameraDirt; k++)
    darken(pixelGain, width, height, dirt.uniform(), dirt.uniform(), 3 + 9 * dirt.uniform());
  for (let movie = 1; movie <= movieIndex && gainDrift > 0; movie++) {
    const random = createRandom(seed + SEEDS.drift + movie);
    for (let i = 0; i < pixelGain.length; i++) pixelGain[i] *= 1 + gainDrift * random.normal();
  }
  let sum = 0;
  for (let i = 0; i < pixelGain.length; i++) {
    pixelGain[i] = Math.min(3, Math.max(0.3, pixelGain[i]));
    sum += pixelGain[i];
  }
  const scale = pixelGain.length / sum;
  for (let i = 0; i < pixelGain.length; i++) pixelGain[i] *= scale;

  const random = createRandom(seed + SEEDS.defects);
  const bad = new Uint8Array(width * height);
  const hot: number[] = [];
  for (let k = 0; k < options.deadPixels + options.hotPixels; k++) {
    const i = random.integer(width * height);
    if (bad[i] !== 0) continue;
    bad[i] = 1;
    if (k < options.deadPixels) pixelGain[i] = 0;
    else hot.push(i);
  }
  return { pixelGain, bad, hot };
}

/** A round grain, soft over a px, at a place given as fractions of the sides. */
function darken(
  g: Float32Pixels,
  width: number,
  height: number,
  u: number,
  v: number,
  radius: number,
): void {
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const outside = Math.hypot(x - u * width, y - v * height) - radius;
      if (outside < 20) g[i] *= 1 - 0.3 / (1 + Math.exp(outside));
    }
}

function multiplyPattern(
  g: Float32Pixels,
  { width, height }: Pick<SimulationOptions, "width" | "height">,
  seed: number,
  tiled: boolean,
): void {
  const random = createRandom(seed);
  const line = (n: number, sd: number): Float64Array =>
    Float64Array.from({ length: n }, () => 1 + sd * random.normal());
  const columns = line(width, 0.02);
  const rows = line(height, 0.02);
  const tileHeight = Math.max(1, Math.ceil(height / 4));
  const tileWidth = Math.max(1, Math.ceil(width / 8));
  const tiles = line(32, tiled ? 0.04 : 0);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const tile = tiles[8 * Math.floor(y / tileHeight) + Math.floor(x / tileWidth)];
      g[i] *= (1 + 0.03 * random.normal()) * columns[x] * rows[y] * tile;
    }
}
