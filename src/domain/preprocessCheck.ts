import { CryoloupeError } from "./errors.ts";
import {
  NO_OPERATIONS,
  PREPROCESS_DEFAULTS,
  PREPROCESS_ORDER,
  PREPROCESS_TITLES,
  enabledOperations,
  preprocessedSize,
} from "./preprocess.ts";
import type {
  PreprocessOperationName,
  PreprocessOperations,
  PreprocessRecipe,
} from "./preprocess.ts";

/** A reason why a recipe cannot run: where it is, and the sentence for form and command. */
export interface PreprocessProblem {
  /** `null`: the recipe as a whole. */
  readonly operation: PreprocessOperationName | null;
  readonly parameter: string | null;
  readonly message: string;
}

/** Most iterations of the denoiser that are accepted. */
export const MAX_DENOISE_ITERATIONS = 2000;

type Check = (parameter: string, ok: boolean, message: string) => void;

const written = (value: number): string =>
  Number.isNaN(value) ? "no number" : String(value).replace("-", "−");

const checks: {
  readonly [Name in PreprocessOperationName]: (
    parameters: NonNullable<PreprocessOperations[Name]>,
    check: Check,
  ) => void;
} = {
  crop: ({ pixels }, check) =>
    check(
      "pixels",
      Number.isInteger(pixels) && pixels >= 0,
      `Pixels to crop at each border must be a whole number from 0, not ${written(pixels)}.`,
    ),
  log: ({ a, b, c }, check) => {
    check("a", Number.isFinite(a), `a must be a finite number, not ${written(a)}.`);
    check(
      "b",
      Number.isFinite(b) && b !== 0,
      `b must be a finite number other than 0, not ${written(b)}: with 0 every pixel becomes the same.`,
    );
    check("c", Number.isFinite(c), `c must be a finite number, not ${written(c)}.`);
  },
  badPixels: ({ stddev }, check) =>
    check(
      "stddev",
      Number.isFinite(stddev) && stddev > 0,
      `The multiple of the standard deviation must be above 0, not ${written(stddev)}; switch the operation off to keep all pixels.`,
    ),
  invert: () => undefined,
  downsample: ({ factor }, check) =>
    check(
      "factor",
      Number.isFinite(factor) && factor > 1,
      `The downsampling factor must be above 1, not ${written(factor)}; switch the operation off to keep the size.`,
    ),
  denoise: ({ iterations }, check) =>
    check(
      "iterations",
      Number.isInteger(iterations) && iterations >= 1 && iterations <= MAX_DENOISE_ITERATIONS,
      `Iterations must be a whole number from 1 to ${MAX_DENOISE_ITERATIONS}, not ${written(iterations)}.`,
    ),
  gaussian: ({ sigma }, check) =>
    check(
      "sigma",
      Number.isFinite(sigma) && sigma > 0,
      `The width of the Gaussian must be above 0 px, not ${written(sigma)}.`,
    ),
  highPass: (band, check) => checkBand("high-pass", band, check),
  lowPass: (band, check) => checkBand("low-pass", band, check),
  normalize: () => undefined,
};

function checkBand(
  name: string,
  { cutoff, transition }: { readonly cutoff: number; readonly transition: number },
  check: Check,
): void {
  check(
    "cutoff",
    cutoff > 0 && cutoff < 0.5,
    `The ${name} cutoff must lie between 0 and 0.5 cycles per pixel (Nyquist), not at ${written(cutoff)}.`,
  );
  check(
    "transition",
    Number.isFinite(transition) && transition >= 0 && transition <= 0.5,
    `The transition width of the ${name} must lie between 0 and 0.5 cycles per pixel, not at ${written(transition)}.`,
  );
}

/**
 * Everything that forbids a recipe, for an image of the given size (px) where it is known. Empty = it
 * can run. The form shows these beside the fields; the command refuses with them.
 */
export function checkPreprocess(
  recipe: PreprocessRecipe,
  size?: { readonly width: number; readonly height: number },
): readonly PreprocessProblem[] {
  const { operations } = recipe;
  const problems: PreprocessProblem[] = [];
  const enabled = enabledOperations(operations);
  if (enabled.length === 0)
    problems.push({
      operation: null,
      parameter: null,
      message: "No operation is on: switch on at least one of the ten.",
    });
  for (const name of enabled) {
    const check: Check = (parameter, ok, message) => {
      if (!ok) problems.push({ operation: name, parameter, message });
    };
    (checks[name] as (parameters: unknown, check: Check) => void)(operations[name], check);
  }
  const { highPass, lowPass } = operations;
  if (
    problems.length === 0 &&
    highPass !== null &&
    lowPass !== null &&
    highPass.cutoff - highPass.transition >= lowPass.cutoff + lowPass.transition
  )
    problems.push({
      operation: "highPass",
      parameter: "cutoff",
      message: `The high-pass starts at ${highPass.cutoff} and the low-pass ends at ${lowPass.cutoff} cycles per pixel: nothing would be left.`,
    });
  if (problems.length === 0 && size !== undefined) problems.push(...checkSize(recipe, size));
  return problems;
}

function checkSize(
  recipe: PreprocessRecipe,
  { width, height }: { readonly width: number; readonly height: number },
): readonly PreprocessProblem[] {
  const pixels = recipe.operations.crop?.pixels ?? 0;
  if (2 * pixels >= Math.min(width, height))
    return [
      {
        operation: "crop",
        parameter: "pixels",
        message: `Cropping ${pixels} px at each border leaves nothing of ${width} × ${height} px: less than ${Math.ceil(Math.min(width, height) / 2)} is possible.`,
      },
    ];
  const small = preprocessedSize(width, height, recipe);
  if (recipe.operations.downsample !== null && Math.min(small.width, small.height) < 2)
    return [
      {
        operation: "downsample",
        parameter: "factor",
        message: `Downsampling ${small.croppedWidth} × ${small.croppedHeight} px by ${recipe.operations.downsample.factor} leaves less than 2 px: choose a smaller factor.`,
      },
    ];
  return [];
}

/** Throws `bad-arguments` with every reason when the recipe cannot run. */
export function requireRunnable(
  recipe: PreprocessRecipe,
  size?: { readonly width: number; readonly height: number },
  file?: string,
): void {
  const problems = checkPreprocess(recipe, size);
  if (problems.length === 0) return;
  const sentences = problems.map(({ operation, message }) =>
    operation === null ? message : `${PREPROCESS_TITLES[operation]}: ${message}`,
  );
  throw new CryoloupeError(
    "bad-arguments",
    file === undefined ? sentences.join(" ") : `${file}: ${sentences.join(" ")}`,
    file === undefined ? {} : { file },
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A recipe from JSON as `--ops` takes it: an object with any of the ten operations and `parity`. Absent
 * (or `null`, `false`) means off, `true` or `{}` on with the protocol's defaults. Unknown names and values
 * of the wrong kind are refused with `bad-arguments`; ranges are checked by {@link requireRunnable}.
 */
export function parsePreprocessRecipe(json: unknown): PreprocessRecipe {
  const refuse = (message: string): never => {
    throw new CryoloupeError("bad-arguments", `The operations cannot be used: ${message}`);
  };
  if (!isRecord(json))
    return refuse(`an object like {"crop": {"pixels": 10}, "normalize": {}} is expected.`);
  const operations: Partial<Record<PreprocessOperationName, unknown>> = {};
  let arithmetic: PreprocessRecipe["arithmetic"] = "default";
  for (const [name, value] of Object.entries(json)) {
    if (name === "parity") {
      if (value === "xmipp") arithmetic = "xmipp";
      else if (value !== null && value !== false)
        refuse(`"parity" can only be "xmipp", not ${JSON.stringify(value)}.`);
      continue;
    }
    const operation = PREPROCESS_ORDER.find((known) => known === name);
    if (operation === undefined)
      return refuse(
        `there is no operation "${name}"; the ten are ${PREPROCESS_ORDER.join(", ")} (and "parity").`,
      );
    if (value === null || value === false) continue;
    if (value !== true && !isRecord(value))
      return refuse(`"${name}" must be an object with its numbers, not ${JSON.stringify(value)}.`);
    operations[operation] = readParameters(operation, value === true ? {} : value, refuse);
  }
  return { operations: { ...NO_OPERATIONS, ...(operations as PreprocessOperations) }, arithmetic };
}

function readParameters(
  operation: PreprocessOperationName,
  given: Readonly<Record<string, unknown>>,
  refuse: (message: string) => never,
): Readonly<Record<string, number>> {
  const numbers: Record<string, number> = { ...PREPROCESS_DEFAULTS[operation] };
  for (const [name, value] of Object.entries(given)) {
    if (!(name in numbers)) {
      const known = Object.keys(numbers).join(", ");
      return refuse(
        `"${operation}" has no number "${name}" (${known === "" ? "it has none" : `it has ${known}`}).`,
      );
    }
    if (typeof value !== "number" || !Number.isFinite(value))
      return refuse(`"${name}" of "${operation}" must be a number, not ${JSON.stringify(value)}.`);
    numbers[name] = value;
  }
  return numbers;
}

/** The recipe as JSON, as `--ops` reads it: only what is on. */
export function recipeToJson({
  operations,
  arithmetic,
}: PreprocessRecipe): Record<string, unknown> {
  const on = enabledOperations(operations).map((name) => [name, operations[name]] as const);
  return { ...Object.fromEntries(on), ...(arithmetic === "xmipp" ? { parity: "xmipp" } : {}) };
}
