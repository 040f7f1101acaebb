import type { GainStatistics } from "#src/domain/gain.ts";
import type { GainCaution, GainIteration } from "#src/domain/gainEstimate.ts";

export interface CautionBasis {
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

/** Cautions of Sorzano et al. 2018, §3, as far as the estimate itself shows that they apply. */
export function gainCautions(basis: CautionBasis): GainCaution[] {
  const { statistics, counts, perGroup, frames, iterations, noise } = basis;
  const cautions: GainCaution[] = [];
  if (perGroup < LOW_COUNTS)
    cautions.push({
      code: "low-counts",
      text: `Only ${Number(perGroup.toPrecision(2))} electrons a pixel are equalized at a time: the estimate is mostly shot noise below about ${LOW_COUNTS}. Use more frames, or several movies.`,
    });
  if (frames < 4)
    cautions.push({
      code: "few-frames",
      text: `${frames === 1 ? "One frame was" : `${frames} frames were`} used; four or five at least give reliable percentiles.`,
    });
  const blob = blobs(basis);
  if (blob !== null && blob.rms > Math.max(BLOB_SIZE, BLOB_RATIO * blob.expected)) {
    const size = `${(100 * blob.rms).toFixed(1)} %`;
    const low = statistics.p2_5 < 1 - 3 * (statistics.p97_5 - 1);
    cautions.push(
      low
        ? {
            code: "contamination",
            text: `Dark patches (${size}) that no detector makes: contamination, a grid bar or a hole's edge printed itself into the estimate. Leave such movies out.`,
          }
        : {
            code: "phase-plate",
            text: `Patches (${size}) that no detector makes: the specimen shows in the estimate. The method does not hold for phase-plate movies and strong specimens, whose rows and columns differ in histogram.`,
          },
    );
  }
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
