import { CryoloupeError } from "#src/domain/errors.ts";
import type { CorrectionOptions } from "#src/domain/correction.ts";
import { planDoseWeighting } from "#src/math/doseWeighting.ts";
import type { DosePlan } from "#src/math/doseWeighting.ts";

/** Which sums of frames the backend keeps, and how the outputs are made of them. */
export interface SumPlan {
  readonly count: number;
  /** Weight of the frame at position t of the sum in each of them. */
  weights(t: number): number[];
  readonly dose: DosePlan | null;
  readonly evenOdd: boolean;
}

export function planSums(options: CorrectionOptions, pixelSizeA: number | null): SumPlan {
  const { sumFrames, exposure, evenOdd } = options;
  // Frames are numbered from 1 where people count them: index 1 is the first even one.
  const isEven = (t: number): boolean => sumFrames[t] % 2 === 1;
  if (exposure !== null) {
    if (pixelSizeA === null)
      throw new CryoloupeError(
        "not-enough-data",
        "Dose weighting needs the pixel size, which the movie does not tell. Enter it (--pixel-size).",
      );
    const dose = planDoseWeighting(sumFrames, exposure, pixelSizeA);
    const weights = (t: number): number[] => {
      const basis = dose.frameWeights.map((a) => a[t]);
      return evenOdd ? [...basis, isEven(t) ? 1 : 0] : basis;
    };
    return { count: dose.rank + (evenOdd ? 1 : 0), weights, dose, evenOdd };
  }
  if (evenOdd)
    return {
      count: 2,
      weights: (t) => (isEven(t) ? [1, 0] : [0, 1]),
      dose: null,
      evenOdd,
    };
  return { count: 1, weights: () => [1], dose: null, evenOdd };
}
