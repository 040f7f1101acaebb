import type { PreprocessOperationName, PreprocessReport } from "#src/domain/preprocess.ts";
import type { MicrographForm } from "#src/state/micrographSlice.ts";
import { frequencyToA } from "#src/state/micrographUnits.ts";
import { counted, fixed, significant } from "../shared/format.ts";

/** One sentence or two on each operation: what it does, the original's caution and default. */
export const OPERATION_HELP: Readonly<Record<PreprocessOperationName, string>> = {
  crop: "Takes borders off where alignment or detector left artefacts. Particles there are lost too; the protocol takes 10 px.",
  log: "Turns transmission into density for scanners that recorded it; movies of direct detectors do not need it.",
  badPixels:
    "Pixels farther from the mean take the median of their neighbours. Too strict a limit alters real features; the protocol takes 5.",
  invert:
    "Turns dark particles bright, for programs that expect them so. Use it only when the next program does.",
  downsample:
    "Cuts the Fourier transform, for smaller files and quicker picking. What lies beyond the new Nyquist frequency is gone; the protocol takes 2.",
  denoise:
    "Total variation after a transform for Poisson noise, for the eye and for picking. More iterations smooth more and cost fine detail; the protocol takes 50.",
  gaussian:
    "Smooths by a Gaussian of this standard deviation. It blurs detail of its own size; the protocol's 2 px smooth by 1.41 px in truth.",
  highPass:
    "Takes slow background away. Too high a cutoff removes signal of the particles; the transition lies below the cutoff.",
  lowPass:
    "Keeps what lies below the cutoff, without ice rings and noise beyond. Fine detail goes too; a narrow width rings at sharp edges.",
  normalize:
    "Brings the whole micrograph to mean 0 and standard deviation 1. The absolute scale of intensity is lost.",
};

export interface CardFacts {
  readonly form: MicrographForm;
  /** Å/px as recorded, and where Fourier filters act; null = not known. */
  readonly pixelSizeA: number | null;
  readonly filterPixelSizeA: number | null;
  /** What the last preview with this form found, or null. */
  readonly report: PreprocessReport | null;
}

/** The numbers of an operation in one line, at the right of its card. */
export function operationLine(name: PreprocessOperationName, facts: CardFacts): string {
  const { form, pixelSizeA, filterPixelSizeA, report } = facts;
  const { parameters, on } = form;
  const inA = (px: number, size: number | null): string =>
    size === null ? "" : ` = ${significant(px * size, 3)} Å`;
  switch (name) {
    case "crop":
      return `${counted(parameters.crop.pixels, "px", "px")}${inA(parameters.crop.pixels, pixelSizeA)}`;
    case "log": {
      const { a, b, c } = parameters.log;
      return `${a} − ${b} ln(x + ${c})`;
    }
    case "badPixels": {
      const found = on.badPixels ? report?.badPixels : null;
      return `${parameters.badPixels.stddev} sd${found == null ? "" : `: ${fixed(found, 0)} px replaced`}`;
    }
    case "invert":
      return "× −1";
    case "downsample": {
      const { factor } = parameters.downsample;
      return `${Number(factor.toFixed(3))} ×${pixelSizeA === null ? "" : ` to ${fixed(pixelSizeA * factor, 2)} Å/px`}`;
    }
    case "denoise":
      return counted(parameters.denoise.iterations, "iteration");
    case "gaussian":
      return `σ ${Number(parameters.gaussian.sigma.toFixed(3))} px${inA(parameters.gaussian.sigma, filterPixelSizeA)}`;
    case "highPass":
      return filterPixelSizeA === null
        ? `above ${parameters.highPass.cutoff} 1/px`
        : `keeps up to ${significant(frequencyToA(parameters.highPass.cutoff, filterPixelSizeA), 3)} Å`;
    case "lowPass":
      return filterPixelSizeA === null
        ? `below ${parameters.lowPass.cutoff} 1/px`
        : `keeps down to ${significant(frequencyToA(parameters.lowPass.cutoff, filterPixelSizeA), 3)} Å`;
    case "normalize":
      return "mean 0, sd 1";
  }
}
