import type { MotionOptions } from "#src/domain/motion.ts";
import {
  exactReduction,
  HALF_AMPLITUDE_SIGMA,
  quickReduction,
  reductionFactor,
} from "#src/math/flexalign/correlationSize.ts";
import type { CorrelationRules } from "./correlateFrames.ts";

/** Defaults of Xmipp's program and Scipion's protocol. */
export const FLEXALIGN_DEFAULTS = { maxResolutionA: 30, minPatchA: 500, group: 3 } as const;

/** Å/px, and FlexAlign's `--sampling 1` where it is not known. */
export function samplingOf(options: MotionOptions): number {
  return options.pixelSizeA ?? 1;
}

function common(options: MotionOptions): { factor: number; shiftPx: number; resolution: number } {
  const resolution = options.maxResolutionA ?? FLEXALIGN_DEFAULTS.maxResolutionA;
  const sampling = samplingOf(options);
  return {
    factor: reductionFactor(sampling, resolution),
    shiftPx: options.maxShiftA / sampling,
    resolution,
  };
}

/** `xmipp_movie_alignment_correlation`: global motion only, the program of the recorded references. */
export function cpuProgramRules(
  width: number,
  height: number,
  options: MotionOptions,
): CorrelationRules {
  const { factor, shiftPx } = common(options);
  return {
    size: exactReduction(width, height, factor),
    // The program takes the factor that was asked for, also where the size was rounded.
    sigma: 1 / 8,
    scaleX: 1 / factor,
    scaleY: 1 / factor,
    withoutAxes: false,
    peak: "centreOfMass",
    radius: Math.trunc(shiftPx * factor),
  };
}

/** `xmipp_cuda_movie_alignment_correlation`, of whole frames or of patches of this size. */
export function gpuProgramRules(
  width: number,
  height: number,
  options: MotionOptions,
): CorrelationRules {
  const { factor, shiftPx, resolution } = common(options);
  const size = quickReduction(width, height, factor);
  const actual = size.reducedWidth / width;
  return {
    size,
    sigma: ((samplingOf(options) / actual) * HALF_AMPLITUDE_SIGMA) / resolution,
    scaleX: width / size.reducedWidth,
    scaleY: height / size.reducedHeight,
    withoutAxes: true,
    peak: "nearestNine",
    radius: Math.floor(shiftPx * actual),
  };
}
