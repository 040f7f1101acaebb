import type { GainStatistics } from "#src/domain/gain.ts";
import type { GainCaution, GainIteration, GainMethod } from "#src/domain/gainEstimate.ts";
import { NARROW_REACH, WIDE_REACH } from "./gainParts/chipBoundaries.ts";
import { blockMeans, findChips } from "./gainParts/decompose.ts";
import { emptyParts, totalLogGain } from "./gainParts/parts.ts";

export interface CautionBasis {
  readonly method: GainMethod;
  /** G, `[height, width]`, mean 1 over good pixels. */
  readonly pixelGain: Float32Array;
  readonly bad: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly statistics: GainStatistics;
  /** rms noise of G; null = not measured. */
  readonly noise: number | null;
  /** Electrons a pixel in all frames, and in one group that was equalized. */
  readonly counts: number;
  readonly perGroup: number;
  readonly frames: number;
  readonly iterations: readonly GainIteration[];
}

/** Below this many electrons a pixel in a group, ranks are mostly noise. */
const LOW_COUNTS = 20;
/** Blocks whose mean is looked at for pictures that no detector makes, px. */
const BLOCK = 32;
/** rms of the blocks' two-way residual, over their noise, above which specimen is suspected. */
const BLOB_RATIO = 4;
/** … and its smallest size: below, it does no harm. */
const BLOB_SIZE = 0.006;
/** Skewness of the middle 95 % above which the histogram leans. */
const LEANING = 0.35;

/**
 * What is left of block means after row and column means of the blocks are taken off: rows, columns and
 * planes of a detector go, blobs of specimen stay.
 * @returns rms of the residual and its expected value from the scatter of pixels in blocks, or null for
 *   images of fewer than 4 × 4 blocks
 */
function blobs({
  pixelGain,
  bad,
  width,
  height,
}: CautionBasis): { rms: number; expected: number } | null {
  const nx = Math.floor(width / BLOCK);
  const ny = Math.floor(height / BLOCK);
  if (nx < 4 || ny < 4) return null;
  const means = new Float64Array(nx * ny);
  let scatter = 0;
  // Pixels minus their row's and column's mean would be best; neighbours' differences serve as well:
  // rows and columns enter them, so the expected value errs on the safe side.
  let pairs = 0;
  for (let by = 0; by < ny; by++)
    for (let bx = 0; bx < nx; bx++) {
      let sum = 0;
      let n = 0;
      for (let y = by * BLOCK; y < (by + 1) * BLOCK; y++)
        for (let x = bx * BLOCK; x < (bx + 1) * BLOCK; x++) {
          const i = y * width + x;
          if (bad[i] !== 0) continue;
          sum += pixelGain[i];
          n++;
          if (x > bx * BLOCK && bad[i - 1] === 0) {
            scatter += (pixelGain[i] - pixelGain[i - 1]) ** 2 / 2;
            pairs++;
          }
        }
      means[by * nx + bx] = n > 0 ? sum / n : 1;
    }
  const rows = Array.from(
    { length: ny },
    (_, y) => means.subarray(y * nx, (y + 1) * nx).reduce((s, v) => s + v, 0) / nx,
  );
  const columns = Array.from({ length: nx }, (_, x) => {
    let sum = 0;
    for (let y = 0; y < ny; y++) sum += means[y * nx + x];
    return sum / ny;
  });
  const all = rows.reduce((s, v) => s + v, 0) / ny;
  let squares = 0;
  for (let y = 0; y < ny; y++)
    for (let x = 0; x < nx; x++) squares += (means[y * nx + x] - rows[y] - columns[x] + all) ** 2;
  return {
    rms: Math.sqrt(squares / ((nx - 1) * (ny - 1))),
    expected: Math.sqrt(scatter / Math.max(1, pairs)) / BLOCK,
  };
}

/** The low-counts caution: midway equalization needs counts in a group, the other methods in all. */
function lowCounts({ method, counts, perGroup, noise }: CautionBasis): GainCaution[] {
  const text = (n: number): string => String(Number(n.toPrecision(2)));
  if (method === "sme" || method === "sme-neighbour")
    return perGroup >= LOW_COUNTS
      ? []
      : [
          {
            code: "low-counts",
            text: `Only ${text(perGroup)} electrons a pixel are equalized at a time: the estimate is mostly shot noise below about ${LOW_COUNTS}. Use more frames, or several movies.`,
          },
        ];
  if (counts >= LOW_COUNTS) return [];
  const shot = noise ?? 1 / Math.sqrt(counts);
  return [
    {
      code: "low-counts",
      text: `${text(counts)} electrons a pixel in all are a shot noise of ${(100 * shot).toFixed(0)} % a pixel: rows, columns and chips average over many pixels, the pattern from pixel to pixel is hardly known. Add movies.`,
    },
  ];
}

const isShown = (blob: ReturnType<typeof blobs>): boolean =>
  blob !== null && blob.rms > Math.max(BLOB_SIZE, BLOB_RATIO * blob.expected);

/** The gain less the means of its chips, where the picture shows boundaries. */
function withoutChips({ pixelGain, bad, width, height, method }: CautionBasis): Float32Array {
  const good = Uint8Array.from(bad, (b) => (b === 0 ? 1 : 0));
  const picture = pixelGain.map((v, i) => (good[i] !== 0 ? v - 1 : 0));
  const reach = method === "motion" ? NARROW_REACH : WIDE_REACH;
  const edges = findChips(picture.slice(), good, width, height, reach);
  if (edges.columns.length + edges.rows.length === 0) return pixelGain;
  const chips = {
    ...emptyParts(width, height),
    chips: blockMeans(picture, good, width, height, edges.columns, edges.rows),
  };
  const means = totalLogGain(chips);
  return pixelGain.map((v, i) => v - means[i]);
}

/** What is measured of specimen in the estimate, and what that means for the method. */
function specimenShown(basis: CautionBasis): GainCaution[] {
  if (!isShown(blobs(basis))) return [];
  // Chips of a mosaic are blocks too, and the detector's own.
  const blob = blobs({ ...basis, pixelGain: withoutChips(basis) });
  if (blob === null || !isShown(blob)) return [];
  const { statistics, method } = basis;
  const measured = `Blocks of ${BLOCK} px differ by ${(100 * blob.rms).toFixed(1)} % rms once rows, columns and chips are taken off, ${(blob.rms / blob.expected).toFixed(0)} times what single pixels explain (limit ${BLOB_RATIO})`;
  const bright = statistics.p97_5 - 1;
  const dark = 1 - statistics.p2_5;
  if (dark > 3 * bright)
    return [
      {
        code: "contamination",
        text: `${measured}, and the histogram reaches ${(dark / bright).toFixed(1)} times as far to the dark side as to the bright: contamination, a grid bar or a hole's edge printed itself into the estimate. Leave such movies out.`,
      },
    ];
  const meaning = {
    sme: "the specimen shows in the estimate. The method does not hold for phase-plate movies and strong specimens, whose rows and columns differ in histogram; the method that follows the motion does.",
    "sme-neighbour":
      "the specimen shows in the estimate. The method does not hold for phase-plate movies and strong specimens, whose neighbouring lines differ in histogram; the method that follows the motion does.",
    mean: "the mean holds its specimen. Add movies of other places, or use the method that follows the motion.",
    motion:
      "specimen that moves as slowly as it varies was left in, as under a phase plate or beside carbon. Add movies of other places.",
  }[method];
  return [{ code: "phase-plate", text: `${measured}: ${meaning}` }];
}

/** Cautions of Sorzano et al. 2018, §3, as far as the estimate itself shows that they apply. */
export function gainCautions(basis: CautionBasis): GainCaution[] {
  const { statistics, counts, frames, iterations, noise } = basis;
  const cautions: GainCaution[] = [...lowCounts(basis)];
  if (frames < 4)
    cautions.push({
      code: "few-frames",
      text: `${frames === 1 ? "One frame was" : `${frames} frames were`} used; four or five at least give reliable percentiles.`,
    });
  cautions.push(...specimenShown(basis));
  const up = statistics.p97_5 - statistics.p50;
  const down = statistics.p50 - statistics.p2_5;
  const skew = (up - down) / (up + down);
  if (Number.isFinite(skew) && Math.abs(skew) > LEANING && up + down > 4 * (noise ?? 0))
    cautions.push({
      code: "skewed-histogram",
      text: "The histogram leans to one side, as it does when a camera's gain has drifted for bright and dark values differently.",
    });
  if (statistics.max > 3 || statistics.min < 0.2)
    cautions.push({
      code: "extreme-pixels",
      text: `Single pixels read ${statistics.min.toFixed(2)} to ${statistics.max.toFixed(2)} times the mean: list them as defects. With ${Number(counts.toPrecision(2))} electrons a pixel they may also be chance.`,
    });
  const last = iterations.at(-1);
  if (last !== undefined && iterations.length > 2 && last.change > 0.01)
    cautions.push({
      code: "not-converged",
      text: `The last iteration still changed the gain by ${(100 * last.change).toFixed(1)} %.`,
    });
  return cautions;
}
