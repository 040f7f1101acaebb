import { CryoloupeError } from "#src/domain/errors.ts";
import { DEFAULT_GAIN_PARAMETERS, PROTOCOL_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import type { GainMethod, GainParameters } from "#src/domain/gainEstimate.ts";
import type { CommandContext, OptionSpec } from "./command.ts";

const METHODS: readonly GainMethod[] = ["sme", "sme-neighbour", "mean", "motion"];

export const gainOptions: readonly OptionSpec[] = [
  {
    name: "method",
    value: METHODS.join("|"),
    help: "sme: all lines against one reference distribution; sme-neighbour: against their neighbours.",
    fallback: "sme",
  },
  {
    name: "iterations",
    value: "N",
    help: "Passes; the original makes 1.",
    fallback: "until the change is below the noise",
  },
  {
    name: "sigma",
    value: "auto|S",
    help: "Smoothing over neighbouring lines; auto = least total variation.",
    fallback: "0; auto for sme-neighbour",
  },
  { name: "max-sigma", value: "S", help: "Largest sigma that is tried.", fallback: "3" },
  { name: "sigma-step", value: "S", help: "Step between the sigmas tried.", fallback: "0.5" },
  {
    name: "frame-step",
    value: "N",
    help: "Use every N-th frame; the original's protocol takes 5.",
    fallback: "all frames",
  },
  {
    name: "group",
    value: "N",
    help: "Frames summed before equalization; the original sums none.",
    fallback: "to about 256 electrons a pixel",
  },
  { name: "movie-step", value: "N", help: "Use every N-th of the movies given.", fallback: "1" },
  {
    name: "units-per-electron",
    value: "U",
    help: "Recorded units of one electron.",
    fallback: "the header's, else from the movie's noise",
  },
  { name: "parity", value: "xmipp", help: "Repeat the original program, its defects included." },
  { name: "normalise", help: "Scale the reference to mean 1 before use; it always is." },
  { name: "seed", value: "N", help: "Seed of random choices.", fallback: "1" },
  {
    name: "deviations",
    help: "Also write the estimate of Afanasyev et al. 2015 (standard deviation of each pixel) as <movie>_deviations.mrc.",
  },
  {
    name: "parts",
    help: "With --method mean or motion: also write each part of log G (plane, chips, columns, rows, pixels) as <movie>_part_<name>.mrc.",
  },
  {
    name: "defect-map",
    help: "Also write the bad pixels: <movie>_bad_pixels.mrc (1 = bad) and <movie>_defects.txt (x y width height, for MotionCor2 and RELION).",
  },
  {
    name: "compare",
    value: "GAIN",
    help: "Report squared correlation and slope against this reference, which is not applied.",
  },
];

/** `auto` or a number. */
function autoOr(context: CommandContext, name: string): number | "auto" | undefined {
  return context.text(name) === "auto" ? "auto" : context.number(name);
}

/** The method's parameters from the command line; what is not given has the application's defaults. */
export function gainParameters(context: CommandContext): GainParameters {
  const parity = context.text("parity");
  if (parity !== undefined && parity !== "xmipp")
    throw new CryoloupeError("bad-arguments", `--parity is xmipp, not "${parity}".`);
  const base = parity === "xmipp" ? PROTOCOL_GAIN_PARAMETERS : DEFAULT_GAIN_PARAMETERS;
  const wanted = context.text("method") ?? base.method;
  const method = METHODS.find((m) => m === wanted);
  if (method === undefined)
    throw new CryoloupeError(
      "bad-arguments",
      `--method is one of ${METHODS.join(", ")}, not "${wanted}".`,
    );
  const neighbours = method === "sme-neighbour" && parity === undefined;
  return {
    ...base,
    method,
    iterations: autoOr(context, "iterations") ?? base.iterations,
    sigma: autoOr(context, "sigma") ?? (neighbours ? "auto" : base.sigma),
    maxSigma: context.number("max-sigma") ?? base.maxSigma,
    sigmaStep: context.number("sigma-step") ?? base.sigmaStep,
    frameStep: autoOr(context, "frame-step") ?? base.frameStep,
    grouping: autoOr(context, "group") ?? base.grouping,
    unitsPerElectron: context.number("units-per-electron") ?? base.unitsPerElectron,
    normalise: context.flag("normalise"),
    seed: context.number("seed") ?? base.seed,
  };
}

/** The movies that `--movie-step` selects: the first, and every N-th after it. */
export function selectedMovies(context: CommandContext): readonly string[] {
  const step = context.number("movie-step") ?? 1;
  if (!Number.isInteger(step) || step < 1)
    throw new CryoloupeError("bad-arguments", "--movie-step needs a whole number from 1.");
  return context.files.filter((_, i) => i % step === 0);
}
