import type { Gain } from "#src/domain/gain.ts";
import { createRandom } from "#src/math/random.ts";
import type { SimulationOptions } from "./simulationOptions.ts";
import type { SimulatedMovie } from "./simulatedMovie.ts";

/** What the reference that a movie is judged with leaves: relative standard deviations, 0 = nothing. */
export interface LeftIn {
  readonly rows?: number;
  readonly columns?: number;
  readonly pixels?: number;
}

/** A kind of movie on which the verdict on a gain is tried. */
export interface VerdictMovie {
  readonly name: string;
  /** The answer that is right; "quiet" = anything but a warning. */
  readonly right: "quiet" | "warn";
  readonly options: Partial<SimulationOptions>;
  /** "raw" = no reference. */
  readonly reference: "raw" | LeftIn;
}

const base = { frames: 10, gain: "lines", deadPixels: 3, hotPixels: 0 } as const;
const square = (side: number, electrons: number) => ({
  ...base,
  width: side,
  height: side,
  electronsPerFrame: electrons / base.frames,
});
const STILL = { driftPx: 0.3, localPx: 0.1, jitterPx: 0.05 } as const;

const quiet = (
  name: string,
  options: Partial<SimulationOptions>,
  reference: LeftIn = {},
): VerdictMovie => ({ name: `corrected, ${name}`, right: "quiet", options, reference });
const warn = (
  name: string,
  options: Partial<SimulationOptions>,
  reference: "raw" | LeftIn = "raw",
): VerdictMovie => ({ name, right: "warn", options, reference });

/** Rightly corrected movies that must never warn, and movies with a gain left in that should. */
export const VERDICT_MOVIES: readonly VerdictMovie[] = [
  ...[200, 50, 10].map((electrons) => quiet(`256², ${electrons} e⁻/px`, square(256, electrons))),
  quiet("512², 100 e⁻/px", square(512, 100)),
  quiet("1024², 100 e⁻/px", square(1024, 100)),
  ...(
    [
      ["carbon edge", { carbonEdge: true }],
      ["wedge of ice of 5 %", { iceWedge: 0.05 }],
      ["wedge of ice of 20 %", { iceWedge: 0.2 }],
      ["contamination", { contamination: 6 }],
      ["drift of 40 px", { driftPx: 40, localPx: 8 }],
      ["drift of 3 px", { driftPx: 3, localPx: 1 }],
      ["hardly any drift", STILL],
      ["jerky", { jerky: true }],
      ["blank", { particles: false, contrast: 0, ...STILL }],
      ["ice alone", { particles: false }],
      ["strong contrast", { contrast: 0.3 }],
      ["soft camera", { mtfAtNyquist: 0.1 }],
      ["counting camera", { camera: "counting", gain: "flat" }],
      ["four frames", { frames: 4, electronsPerFrame: 25 }],
      ["forty frames", { frames: 40, electronsPerFrame: 2.5 }],
      ["hot pixels", { deadPixels: 40, hotPixels: 10 }],
    ] as const
  ).map(([name, options]) => quiet(`512², ${name}`, { ...square(512, 100), ...options })),
  quiet("512², reference with 1 % noise", square(512, 100), { pixels: 0.01 }),
  quiet("512², reference with 2.5 % noise", square(512, 100), { pixels: 0.025 }),
  quiet("512², reference with lines of 1.5 %", square(512, 100), { rows: 0.015, columns: 0.015 }),

  warn("rows of 6 % left in, 256², 200 e⁻/px", square(256, 200), { rows: 0.06 }),
  warn("rows of 6 % left in, 512², 200 e⁻/px", square(512, 200), { rows: 0.06 }),
  ...[256, 512, 1024].flatMap((side) => [
    warn(`uncorrected, lines, ${side}², 100 e⁻/px`, square(side, 100)),
    warn(`uncorrected, tiles, ${side}², 100 e⁻/px`, { ...square(side, 100), gain: "tiles" }),
    warn(`rows and columns of 4.5 %, ${side}², 100 e⁻/px`, square(side, 100), {
      rows: 0.045 / Math.SQRT2,
      columns: 0.045 / Math.SQRT2,
    }),
    warn(`pixels of 4.5 %, ${side}², 100 e⁻/px`, square(side, 100), { pixels: 0.045 }),
  ]),
  warn("uncorrected, lines, 512², hardly any drift", { ...square(512, 100), ...STILL }),
  warn("uncorrected, lines, 512², blank", {
    ...square(512, 100),
    ...STILL,
    particles: false,
    contrast: 0,
  }),
  warn("uncorrected, lines, 512², counting camera", { ...square(512, 100), camera: "counting" }),
  warn("uncorrected, lines, 512², drift of 3 px", { ...square(512, 100), driftPx: 3, localPx: 1 }),
];

/** The reference that a case is judged with: the true C times what it leaves; null = none. */
export function referenceFor({ reference }: VerdictMovie, movie: SimulatedMovie): Gain | null {
  if (reference === "raw") return null;
  const { width, height, correction, bad } = movie.truth.gain;
  const random = createRandom(movie.options.seed + 0x8000);
  const line = (length: number, deviation = 0): Float64Array =>
    Float64Array.from({ length }, () => 1 + deviation * random.normal());
  const rows = line(height, reference.rows);
  const columns = line(width, reference.columns);
  const pixels = line(width * height, reference.pixels);
  return {
    width,
    height,
    bad,
    correction: correction.map(
      (c, i) => c * rows[Math.floor(i / width)] * columns[i % width] * pixels[i],
    ),
  };
}
