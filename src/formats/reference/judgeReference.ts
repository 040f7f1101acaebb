import type { MovieHeader } from "#src/domain/movie.ts";

/**
 * What the values of a single image can be: a gain with mean near 1 (multiplicative or its inverse: only
 * a movie can tell), counts of a flat field (to be inverted), a map of bad pixels, or something else.
 */
export type ReferenceNature = "gain" | "counts" | "defect-map" | "image";

export interface ReferenceHints {
  readonly nature: ReferenceNature;
  /** Why, in one sentence. */
  readonly reason: string;
  /** The format itself says that the values are to be multiplied with (`.gain`). */
  readonly surelyMultiplicative: boolean;
  readonly mean: number;
  /** Population standard deviation. */
  readonly std: number;
  /** Values that are exactly 0, and NaN or infinite ones. */
  readonly zeros: number;
  readonly nonFinite: number;
}

/** Looks at values and header of an image. NaN and infinite values are counted and left out. */
export function judgeReference(pixels: Float32Array, header: MovieHeader): ReferenceHints {
  let count = 0;
  let zeros = 0;
  let ones = 0;
  let negatives = 0;
  let sum = 0;
  for (const value of pixels) {
    if (value - value !== 0) continue;
    count++;
    sum += value;
    if (value === 0) zeros++;
    else if (value === 1 || value === 255) ones++;
    if (value < 0) negatives++;
  }
  const mean = count === 0 ? 0 : sum / count;
  let squares = 0;
  for (const value of pixels) if (value - value === 0) squares += (value - mean) ** 2;
  const std = count === 0 ? 0 : Math.sqrt(squares / count);
  const facts = { mean, std, zeros, nonFinite: pixels.length - count };
  const answer = (
    nature: ReferenceNature,
    reason: string,
    surelyMultiplicative = false,
  ): ReferenceHints => ({ nature, reason, surelyMultiplicative, ...facts });

  const integer = header.pixelType !== "float32";
  if (header.format === "gain")
    return integer
      ? answer("counts", "A .gain of integers holds electron counts, to be inverted.")
      : answer("gain", "An EER .gain is a multiplicative reference.", true);
  if (ones > 0 && zeros + ones === count && zeros > 0.5 * count)
    return answer("defect-map", "Every value is 0 or one other: a map of bad pixels.");
  const good = count - zeros;
  const meanOfGood = good === 0 ? 0 : sum / good;
  const wide = good === 0 || std > 1.5 * Math.abs(meanOfGood);
  if (!integer && negatives === 0 && meanOfGood > 0.2 && meanOfGood < 5 && !wide)
    return answer("gain", `Positive values around ${meanOfGood.toPrecision(3)}: a gain reference.`);
  if (negatives === 0 && meanOfGood >= 5 && std < 0.5 * meanOfGood)
    return answer(
      "counts",
      `Positive values around ${meanOfGood.toPrecision(4)}: counts of a flat field, a dark, or a micrograph.`,
    );
  return answer("image", "Neither a gain around 1 nor the counts of a flat field.");
}
