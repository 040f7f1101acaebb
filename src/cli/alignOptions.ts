import { CryoloupeError } from "#src/domain/errors.ts";
import { defaultMotionOptions } from "#src/domain/motion.ts";
import type { MotionOptions } from "#src/domain/motion.ts";
import type { CorrectionOptions } from "#src/domain/correction.ts";
import type { MovieHeader } from "#src/domain/movie.ts";
import { exposureVoltageFactor } from "#src/math/doseWeighting.ts";
import type { CommandContext, OptionSpec } from "./command.ts";
import { frameRange } from "./frameRange.ts";

/** Options of motion correction, in the words of FlexAlign. */
export const alignOptions: readonly OptionSpec[] = [
  { name: "frames", value: "A-B", help: "Frames to align, from 1, 0 = last.", fallback: "all" },
  {
    name: "sum-frames",
    value: "A-B",
    help: "Frames to sum, inside the aligned ones.",
    fallback: "as aligned",
  },
  { name: "bin", value: "F", help: "Bins the results by a factor from 1 on.", fallback: "1" },
  {
    name: "patches",
    value: "auto|XxY|none",
    help: "Patches for local motion; none = global only.",
    fallback: "auto",
  },
  {
    name: "min-patch",
    value: "Å",
    help: "Smallest side of a patch; FlexAlign uses 500 Å.",
    fallback: "automatic",
  },
  {
    name: "patch-overlap",
    value: "F",
    help: "Part of a patch, 0 to 0.9, that its neighbour shares; FlexAlign's follows from the number of patches.",
    fallback: "0.5, with --parity as FlexAlign",
  },
  {
    name: "control-points",
    value: "auto|XxYxT",
    help: "Control points of the B-splines, 3 or more each; without --parity 3 are taken as 4, and evidence may still choose none.",
    fallback: "auto",
  },
  {
    name: "max-resolution",
    value: "Å",
    help: "No detail beyond it is used; FlexAlign halves the amplitude at 30 Å.",
    fallback: "as far as the signal reaches",
  },
  { name: "max-shift", value: "Å", help: "Largest displacement searched.", fallback: "50" },
  {
    name: "group",
    value: "N",
    help: "Frames added before they are compared: one after the other, with --parity sliding as FlexAlign's 3.",
    fallback: "automatic",
  },
  {
    name: "reference-frame",
    value: "N",
    help: "Frame, from 1, whose geometry the results have; RELION needs the first.",
    fallback: "first aligned",
  },
  {
    name: "dose",
    value: "e⁻/Å²",
    help: "Exposure of one frame: switches dose weighting on.",
    fallback: "none",
  },
  { name: "pre-dose", value: "e⁻/Å²", help: "Exposure before the first frame.", fallback: "0" },
  { name: "kv", value: "kV", help: "300, 200 or 100 for dose weighting.", fallback: "300" },
  { name: "sum", help: "Sums of frames, as RELION and MotionCor write (the default)." },
  { name: "mean", help: "Averages, as FlexAlign writes." },
  { name: "even-odd", help: "Also the sums of even and of odd frames (_EVN, _ODD)." },
  { name: "aligned-movie", help: "Also the moved frames (.mrcs)." },
  { name: "no-psd", help: "No power spectra." },
  { name: "no-average", help: "Do not write the micrograph." },
  { name: "no-dw-only", help: "With --dose: only the sum without weights is written." },
  { name: "float16", help: "Micrographs in 16-bit floats (MRC mode 12)." },
  {
    name: "flip-y-out",
    help: "Write images upside down, as Xmipp and cryoSPARC have them from TIFF movies.",
  },
  {
    name: "parity",
    value: "xmipp",
    help: "Estimates the motion as Xmipp FlexAlign does, with its defaults: 30 Å, patches of 500 Å, sliding groups of 3.",
  },
];

/** What the options ask for, before a movie is known. */
export interface AlignRequest {
  readonly binning: number;
  readonly result: "sum" | "mean";
  readonly evenOdd: boolean;
  readonly alignedMovie: boolean;
  readonly spectra: boolean;
  readonly writeAverage: boolean;
  readonly onlyUnweighted: boolean;
  readonly float16: boolean;
  readonly flipRows: boolean;
  readonly dosePerFrame: number | null;
  readonly preExposure: number;
  readonly voltageKv: number;
}

function positive(context: CommandContext, name: string, least = 0): number | undefined {
  const value = context.number(name);
  if (value !== undefined && !(value > least || (least > 0 && value === least)))
    throw new CryoloupeError(
      "bad-arguments",
      `--${name} needs a number ${least > 0 ? `of at least ${least}` : "above 0"}, not ${value}.`,
    );
  return value;
}

/** Checks the options that do not depend on the movie. */
export function parseAlignRequest(context: CommandContext): AlignRequest {
  const parity = context.text("parity");
  if (parity !== undefined && parity !== "xmipp")
    throw new CryoloupeError("bad-arguments", `--parity is xmipp, not "${parity}".`);
  if (parity === "xmipp" && context.text("reference-frame") !== undefined)
    throw new CryoloupeError(
      "bad-arguments",
      "--reference-frame cannot be combined with --parity xmipp: FlexAlign chooses its reference frame itself. Leave one of them out.",
    );
  if (context.flag("sum") && context.flag("mean"))
    throw new CryoloupeError("bad-arguments", "Choose one of --sum and --mean.");
  const dose = positive(context, "dose") ?? null;
  const preExposure = context.number("pre-dose") ?? 0;
  if (preExposure < 0)
    throw new CryoloupeError("bad-arguments", `--pre-dose is 0 or more, not ${preExposure}.`);
  const voltageKv = positive(context, "kv") ?? 300;
  if (dose !== null && exposureVoltageFactor(voltageKv) === null)
    throw new CryoloupeError(
      "bad-arguments",
      `Dose weighting is known for 300, 200 and 100 kV, not for ${voltageKv} kV. Leave out --dose.`,
    );
  return {
    binning: positive(context, "bin", 1) ?? 1,
    result: context.flag("mean") ? "mean" : "sum",
    evenOdd: context.flag("even-odd"),
    alignedMovie: context.flag("aligned-movie"),
    spectra: !context.flag("no-psd"),
    writeAverage: !context.flag("no-average"),
    onlyUnweighted: context.flag("no-dw-only"),
    float16: context.flag("float16"),
    flipRows: context.flag("flip-y-out"),
    dosePerFrame: dose,
    preExposure,
    voltageKv,
  };
}

function gridOption(context: CommandContext, name: string, axes: number): number[] | undefined {
  const text = context.text(name);
  if (text === undefined || text === "auto") return undefined;
  const numbers = text.split("x").map(Number);
  if (numbers.length !== axes || !numbers.every((n) => Number.isInteger(n) && n >= 1))
    throw new CryoloupeError(
      "bad-arguments",
      `--${name} is written ${axes === 2 ? "XxY" : "XxYxT"}, not "${text}".`,
    );
  return numbers;
}

/** The options of the estimation and of the sums for one movie. */
export function movieOptionsOf(
  context: CommandContext,
  request: AlignRequest,
  header: MovieHeader,
  file: string,
): { readonly motion: MotionOptions; readonly correction: Omit<CorrectionOptions, "unaligned"> } {
  const aligned = frameRange(context.text("frames"), header.frames, file);
  const sumText = context.text("sum-frames");
  const sumFrames = sumText === undefined ? aligned : frameRange(sumText, header.frames, file);
  const first = aligned[0];
  const last = aligned[aligned.length - 1];
  if (sumFrames[0] < first || sumFrames[sumFrames.length - 1] > last)
    throw new CryoloupeError(
      "bad-arguments",
      `Frames ${sumText ?? ""} of ${file} are to be summed, but only ${first + 1} to ${last + 1} are aligned. Choose --sum-frames inside --frames.`,
      { file },
    );
  const reference = context.number("reference-frame");
  if (reference !== undefined && !aligned.includes(reference - 1))
    throw new CryoloupeError(
      "bad-arguments",
      `--reference-frame ${reference} is none of the aligned frames ${first + 1} to ${last + 1}.`,
      { file },
    );
  const defaults = defaultMotionOptions(header.frames, header.pixelSizeA);
  const patches = context.text("patches") === "none" ? "none" : gridOption(context, "patches", 2);
  const points = gridOption(context, "control-points", 3);
  if (points?.some((n) => n < 3))
    throw new CryoloupeError("bad-arguments", "--control-points needs at least 3 along each axis.");
  const group = positive(context, "group", 1);
  const overlap = context.number("patch-overlap");
  if (overlap !== undefined && !(overlap >= 0 && overlap <= 0.9))
    throw new CryoloupeError("bad-arguments", `--patch-overlap is 0 to 0.9, not ${overlap}.`);
  if (overlap !== undefined && patches !== undefined)
    throw new CryoloupeError(
      "bad-arguments",
      "--patch-overlap sets the number of automatic patches: leave it or --patches out.",
    );
  return {
    motion: {
      ...defaults,
      firstFrame: first,
      lastFrame: last,
      maxResolutionA: positive(context, "max-resolution") ?? defaults.maxResolutionA,
      maxShiftA: positive(context, "max-shift") ?? defaults.maxShiftA,
      minPatchA: positive(context, "min-patch") ?? defaults.minPatchA,
      patches:
        patches === undefined
          ? "auto"
          : patches === "none"
            ? patches
            : { x: patches[0], y: patches[1] },
      controlPoints: points === undefined ? "auto" : { x: points[0], y: points[1], t: points[2] },
      overlap: overlap ?? null,
      group: group ?? "auto",
      referenceFrame: reference === undefined ? 0 : aligned.indexOf(reference - 1),
      parity: context.text("parity") === "xmipp",
    },
    correction: {
      sumFrames,
      result: request.result,
      binning: request.binning,
      exposure:
        request.dosePerFrame === null || request.onlyUnweighted
          ? null
          : {
              dosePerFrame: request.dosePerFrame,
              preExposure: request.preExposure,
              voltageKv: request.voltageKv,
            },
      evenOdd: request.evenOdd,
    },
  };
}
