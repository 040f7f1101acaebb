import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { CryoloupeError } from "#src/domain/errors.ts";
import { DEFAULT_SWITCHES, GAIN_SWITCHES, switchRefusal } from "#src/domain/gainProtocol.ts";
import type { GainSwitch, GainSwitches } from "#src/domain/gainProtocol.ts";
import { METRIC_IDS } from "#src/domain/records/metrics.ts";
import type { MetricId, MetricLimit } from "#src/domain/records/metrics.ts";
import type { SessionThresholds } from "#src/domain/records/movieRecord.ts";
import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import { parsePreprocessRecipe, requireRunnable } from "#src/domain/preprocessCheck.ts";
import { alignOptions } from "../alignOptions.ts";
import type { CommandContext } from "../command.ts";
import { gainOptions } from "../gainOptions.ts";
import { movieOptions } from "../movieInput.ts";
import { optionsFromJson } from "../optionContext.ts";
import { sampleCommand } from "../sampleCommand.ts";

/** What a session is run with: one file of parameters, and what the command line says besides. */
export interface SessionParameters {
  readonly gain: string | null;
  readonly defects: string | null;
  readonly dark: string | null;
  readonly switches: GainSwitches;
  /** Frames are multiplied by the estimated gain where there is no reference. */
  readonly applyEstimate: boolean;
  /** Sentences: switches that are off because they cannot be on. */
  readonly notes: readonly string[];
  /** Every how many movies the gain is looked at. */
  readonly movieStep: number;
  /** Options of `gain` and `align` by name; null = the movies are not aligned. */
  readonly gainValues: ReadonlyMap<string, string>;
  readonly alignValues: ReadonlyMap<string, string> | null;
  readonly movieValues: ReadonlyMap<string, string>;
  /** Operations on the corrected micrographs; null = none. */
  readonly recipe: PreprocessRecipe | null;
  /** Tables of CTF estimates, which may not be there yet, and options of `sample`; null = no sampling. */
  readonly sample: {
    readonly tables: readonly string[];
    readonly values: ReadonlyMap<string, string>;
    /** Estimates before the sampler begins. */
    readonly minimum: number;
  } | null;
  /** null = the defaults: the paper's limits where residual gains are looked at. */
  readonly thresholds: SessionThresholds["limits"] | null;
  readonly combine: SessionThresholds["combine"];
  readonly voltageKv: number;
  /** The parameters as they were given. */
  readonly given: Readonly<Record<string, unknown>>;
}

/** The protocol's step: one movie of 250. */
export const DEFAULT_MOVIE_STEP = 250;

/** Options of `gain` that a session sets itself. */
const OWN = ["movie-step", "compare", "normalise"];
const sessionGainOptions = gainOptions.filter((o) => !OWN.includes(o.name));

const KEYS = [
  "gain",
  "defects",
  "dark",
  "movieStep",
  "applyEstimate",
  ...GAIN_SWITCHES,
  "movies",
  "gainOptions",
  "align",
  "preprocess",
  "ctf",
  "sample",
  "minimumForSampling",
  "thresholds",
  "combine",
];

/** Reads `--parameters FILE.json` and checks it; paths in it start at its own folder. */
export async function readSessionParameters(context: CommandContext): Promise<SessionParameters> {
  const path = context.text("parameters");
  const given = path === undefined ? {} : await readJson(path);
  const file = path === undefined ? "The parameters" : basename(path);
  for (const key of Object.keys(given))
    if (!KEYS.includes(key))
      throw new CryoloupeError(
        "bad-arguments",
        `${file}: there is no parameter "${key}". Known are ${KEYS.join(", ")}.`,
      );
  const pathOf = (key: "gain" | "defects" | "dark"): string | null => {
    const own = context.text(key);
    if (own !== undefined) return own;
    const value = given[key] ?? null;
    if (value === null) return null;
    if (typeof value !== "string")
      throw new CryoloupeError("bad-arguments", `${file}: "${key}" is the path of a file.`);
    return resolve(dirname(path ?? "."), value);
  };
  const gain = pathOf("gain");
  const read = readSwitches(given, file, gain !== null);
  const { switches } = read;
  const notes = [...read.notes];
  const step = context.number("movie-step") ?? given.movieStep ?? DEFAULT_MOVIE_STEP;
  if (typeof step !== "number" || !Number.isInteger(step) || step < 1)
    throw new CryoloupeError("bad-arguments", "The movie step is a whole number from 1.");
  const align = given.align ?? {};
  const alignValues =
    align === false
      ? null
      : optionsFromJson(
          objectOf(align === true ? {} : align, file, "align"),
          alignOptions,
          `${file}, align`,
        );
  return {
    gain,
    defects: pathOf("defects"),
    dark: pathOf("dark"),
    switches,
    applyEstimate: applyOf(given, file, gain, switches, notes),
    notes,
    movieStep: step,
    gainValues: optionsFromJson(
      objectOf(given.gainOptions ?? {}, file, "gainOptions"),
      sessionGainOptions,
      `${file}, gainOptions`,
    ),
    alignValues,
    movieValues: optionsFromJson(
      objectOf(given.movies ?? {}, file, "movies"),
      movieOptions,
      `${file}, movies`,
    ),
    recipe: recipeOf(given.preprocess, file, alignValues !== null),
    sample: sampleOf(given, file, path),
    thresholds: thresholdsOf(given, file),
    combine: combineOf(given, file),
    voltageKv: Number(alignValues?.get("kv") ?? 300),
    given,
  };
}

/** Whether the estimate serves as the gain; refused where there can be none, idle where there is a reference. */
function applyOf(
  { applyEstimate = false }: Readonly<Record<string, unknown>>,
  file: string,
  gain: string | null,
  switches: GainSwitches,
  notes: string[],
): boolean {
  if (typeof applyEstimate !== "boolean")
    throw new CryoloupeError("bad-arguments", `${file}: "applyEstimate" is true or false.`);
  if (!applyEstimate) return false;
  if (gain !== null) {
    notes.push("The estimated gain is not applied: a reference is given.");
    return false;
  }
  if (!switches.estimate)
    throw new CryoloupeError(
      "bad-arguments",
      `${file}: "applyEstimate" needs an estimate, and "estimate" is false. Leave one of them out.`,
    );
  return true;
}

function recipeOf(value: unknown, file: string, aligned: boolean): PreprocessRecipe | null {
  if (value === undefined || value === false) return null;
  if (!aligned)
    throw new CryoloupeError(
      "bad-arguments",
      `${file}: "preprocess" works on corrected micrographs, and "align" is false. Leave one of them out.`,
    );
  const recipe = parsePreprocessRecipe(objectOf(value, file, "preprocess"));
  requireRunnable(recipe);
  return recipe;
}

function sampleOf(
  given: Readonly<Record<string, unknown>>,
  file: string,
  path: string | undefined,
): SessionParameters["sample"] {
  const { ctf, sample = {}, minimumForSampling: minimum = 1 } = given;
  if (ctf === undefined || ctf === null || sample === false) return null;
  const tables: unknown[] = Array.isArray(ctf) ? ctf : [ctf];
  if (!tables.every((table) => typeof table === "string"))
    throw new CryoloupeError("bad-arguments", `${file}: "ctf" is the path of a table, or a list.`);
  if (typeof minimum !== "number" || !Number.isInteger(minimum) || minimum < 1)
    throw new CryoloupeError(
      "bad-arguments",
      `${file}: "minimumForSampling" is a whole number from 1.`,
    );
  return {
    tables: tables.map((table) => resolve(dirname(path ?? "."), table)),
    values: optionsFromJson(
      objectOf(sample, file, "sample"),
      sampleCommand.options.filter((o) => o.name !== "out"),
      `${file}, sample`,
    ),
    minimum,
  };
}

/** `{"driftA": {"high": 25}}`: limits by the numbers' names in `movies.csv`. */
function thresholdsOf(
  given: Readonly<Record<string, unknown>>,
  file: string,
): SessionThresholds["limits"] | null {
  if (given.thresholds === undefined) return null;
  const limits: Partial<Record<MetricId, MetricLimit>> = {};
  for (const [name, value] of Object.entries(objectOf(given.thresholds, file, "thresholds"))) {
    const id = METRIC_IDS.find((each) => each === name);
    if (id === undefined)
      throw new CryoloupeError(
        "bad-arguments",
        `${file}, thresholds: there is no number "${name}". Known are ${METRIC_IDS.join(", ")}.`,
      );
    const { low = null, high = null } = objectOf(value, file, `thresholds, ${name}`);
    const isLimit = (v: unknown): v is number | null => v === null || Number.isFinite(v);
    if (!isLimit(low) || !isLimit(high))
      throw new CryoloupeError(
        "bad-arguments",
        `${file}, thresholds: "${name}" is {"low": number or null, "high": number or null}.`,
      );
    limits[id] = { low, high };
  }
  return limits;
}

function combineOf(
  { combine = "any" }: Readonly<Record<string, unknown>>,
  file: string,
): SessionThresholds["combine"] {
  if (combine === "any" || combine === "all") return combine;
  throw new CryoloupeError("bad-arguments", `${file}: "combine" is "any" or "all".`);
}

/** A switch that was asked for and cannot be on is refused; one that is on by default goes off. */
function readSwitches(
  given: Readonly<Record<string, unknown>>,
  file: string,
  hasReference: boolean,
): { readonly switches: GainSwitches; readonly notes: readonly string[] } {
  const notes: string[] = [];
  let switches = DEFAULT_SWITCHES;
  for (const name of GAIN_SWITCHES) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== "boolean")
      throw new CryoloupeError("bad-arguments", `${file}: "${name}" is true or false.`);
    switches = { ...switches, [name]: value };
  }
  const off = (name: GainSwitch): void => void (switches = { ...switches, [name]: false });
  for (const name of GAIN_SWITCHES) {
    const refusal = switchRefusal(name, switches, hasReference);
    if (!switches[name] || refusal === null) continue;
    if (given[name] === true)
      throw new CryoloupeError(
        "bad-arguments",
        `${file}: "${name}" cannot be on. ${refusal} Give one with --gain, or leave "${name}" out.`,
      );
    notes.push(`${name[0].toUpperCase()}${name.slice(1)} is off: ${refusal}`);
    off(name);
  }
  return { switches, notes };
}

function objectOf(value: unknown, file: string, key: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value));
  throw new CryoloupeError("bad-arguments", `${file}: "${key}" holds options, {"name": value}.`);
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new CryoloupeError(
      "bad-arguments",
      `The parameters ${path} could not be read: ${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    );
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CryoloupeError(
      "bad-arguments",
      `${basename(path)} is no JSON: ${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    );
  }
  return objectOf(value, basename(path), "the whole");
}
