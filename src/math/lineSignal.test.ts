import { describe, expect, it } from "vitest";
import { combineLineSignals, measureLineSignal, surerSignal } from "./lineSignal.ts";
import { createRandom } from "./random.ts";

const WIDTH = 240;
const HEIGHT = 200;
/** Electrons a pixel; shot noise is 10 %. */
const ELECTRONS = 100;

interface Scene {
  readonly rows?: number;
  readonly columns?: number;
  readonly pixels?: number;
  /** What the specimen lets through. */
  readonly specimen?: (x: number, y: number) => number;
  readonly bad?: Uint8Array;
}

function pictureOf(seed: number, scene: Scene): Float32Array {
  const { rows = 0, columns = 0, pixels = 0, specimen = () => 1 } = scene;
  const random = createRandom(seed);
  const line = (n: number, sd: number) =>
    Float64Array.from({ length: n }, () => 1 + sd * random.normal());
  const [r, c] = [line(HEIGHT, rows), line(WIDTH, columns)];
  return Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    const electrons = ELECTRONS * specimen(x, y);
    const counted = electrons + Math.sqrt(electrons) * random.normal();
    return counted * r[y] * c[x] * (1 + pixels * random.normal());
  });
}

const signalOf = (picture: Float32Array, bad = new Uint8Array(picture.length)) => {
  const signal = measureLineSignal(picture, bad, WIDTH, HEIGHT);
  if (signal === null) throw new Error("nothing was measured");
  return signal;
};

describe("what repeats along lines", () => {
  it("is the variance of rows and columns", () => {
    for (const [rows, columns] of [
      [0.02, 0],
      [0, 0.03],
      [0.02, 0.03],
    ]) {
      const { variance, noise } = signalOf(pictureOf(1, { rows, columns }));
      const truth = rows ** 2 + columns ** 2;
      // The variance of 200 random lines itself is known to 10 % (1 s.d.).
      expect(variance).toBeGreaterThan(0.75 * truth - 3 * noise);
      expect(variance).toBeLessThan(1.25 * truth + 3 * noise);
      expect(noise).toBeLessThan(0.1 * truth);
    }
  });

  it("is nothing for pixels, ice, an edge of carbon and crystals", () => {
    const scenes: Scene[] = [
      {},
      { pixels: 0.05 },
      { specimen: (x, y) => 1 - 0.3 * (x / WIDTH) - 0.1 * (y / HEIGHT) },
      { specimen: (x, y) => 0.8 + 0.2 / (1 + Math.exp((x + 0.7 * y - 180) / 4)) },
      { specimen: (x, y) => (Math.hypot(x - 90, y - 120) < 25 ? 0.45 : 1) },
    ];
    for (const [i, scene] of scenes.entries()) {
      const { variance, noise } = signalOf(pictureOf(10 + i, scene));
      // A twentieth of the smaller limit's square.
      expect(variance - 2 * noise).toBeLessThan(0.05 * 0.00127);
      expect(Math.abs(variance)).toBeLessThan(0.0002);
    }
  });

  it("leaves bad pixels out, and says nothing of small pictures", () => {
    const picture = pictureOf(20, { rows: 0.02 });
    const bad = new Uint8Array(picture.length);
    const spoiled = picture.slice();
    for (let i = 7; i < bad.length; i += 101) {
      bad[i] = 1;
      spoiled[i] = 1e6;
    }
    for (let x = 0; x < WIDTH; x++) bad[50 * WIDTH + x] = 1;
    const { variance } = signalOf(spoiled, bad);
    expect(variance).toBeCloseTo(signalOf(picture).variance, 4);
    expect(
      measureLineSignal(new Float32Array(60 * 40), new Uint8Array(60 * 40), 60, 40),
    ).toBeNull();
  });

  it("gives way to what stays from movie to movie where that is surer", () => {
    const lines = { variance: 0.0005, noise: 0.00002 };
    // Four movies of a gain of 5 % with specimens of 2 %: V̄ = S + E, V = S + E/4.
    const [detector, specimen] = [0.05 ** 2, 0.02 ** 2];
    const spread = { movies: 4, variance: detector + specimen };
    const found = surerSignal(lines, spread, detector + specimen / 4);
    expect(found?.variance).toBeCloseTo(detector, 12);
    expect(found?.noise).toBeCloseTo(specimen / 4, 12);
    // Specimens alone, however strong, and one movie alone: lines stand.
    expect(surerSignal(lines, { movies: 4, variance: 0.01 }, 0.01 / 4)).toBe(lines);
    expect(surerSignal(lines, { movies: 1, variance: 0.01 }, 0.01)).toBe(lines);
  });

  it("is better known from several movies", () => {
    const both = [21, 22].map((seed) => signalOf(pictureOf(seed, { rows: 0.02 })));
    const together = combineLineSignals(both);
    expect(together?.noise ?? 1).toBeLessThan(Math.min(...both.map((s) => s.noise)));
    expect(combineLineSignals([])).toBeNull();
  });
});
