import { basename, isAbsolute, relative, sep } from "node:path";
import type { GainOrientation } from "#src/domain/gain.ts";
import type { GainParameters } from "#src/domain/gainEstimate.ts";
import { DEFAULT_MOTION_PARAMETERS } from "#src/domain/motionReport.ts";
import type { MotionParameters } from "#src/domain/motionReport.ts";
import type { MovieHeader } from "#src/domain/movie.ts";
import { PREPROCESS_DEFAULTS, PREPROCESS_ORDER } from "#src/domain/preprocess.ts";
import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import type { SessionThresholds, StepKeys } from "#src/domain/records/movieRecord.ts";
import type { RunPlan } from "#src/domain/records/runPlan.ts";
import {
  fileIdentity,
  gainKeyText,
  motionKeyText,
  movieStepKeys,
  recipeKeyText,
} from "#src/math/sessionKeys.ts";
import type { CameraFiles } from "#src/math/sessionKeys.ts";
import { stableKey } from "#src/math/stableKey.ts";
import type { AlignRequest } from "../alignOptions.ts";
import type { SessionParameters } from "./sessionParameters.ts";

/**
 * The session in the words of the page: its settings, and the keys that results made by them have there. What
 * the page does not set goes into the keys besides, so that the page calls such results outdated.
 */
export interface PageTerms {
  /** As `src/state/sessionSettings.ts` reads them. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly keys: StepKeys;
  /** Keys that stand for the same results of such a movie. */
  readonly keysOf: (header: MovieHeader) => readonly StepKeys[];
  /** Options that the page does not set, by step. */
  readonly beyond: { readonly reading: readonly string[]; readonly motion: readonly string[] };
}

export interface PageTermsInput {
  readonly parameters: SessionParameters;
  readonly thresholds: SessionThresholds;
  readonly request: AlignRequest | null;
  readonly gainParameters: GainParameters;
  readonly orientation: GainOrientation;
  readonly camera: Camera;
  readonly headers: readonly MovieHeader[];
  readonly hashes: boolean;
}

/** Options of `align` that the page has no setting for. */
const ONLY_HERE = ["reference-frame", "aligned-movie", "no-average", "float16", "flip-y-out"];

const AS_STORED: GainOrientation = { rotation90: 0, flip: "none", inverted: false };

/** A file of the camera as the page names it, and as keys of results do. */
export interface CameraFile {
  /** By place, size and time. */
  readonly id: string;
  /** By what it holds, so that a copy is the same; null = it cannot be read as an image or a list. */
  readonly print: string | null;
}

/** Files of a run; null = none. */
export interface Camera {
  readonly reference: CameraFile | null;
  readonly dark: CameraFile | null;
  readonly defects: CameraFile | null;
}

/** What tells whether a file is still the same: what it holds, else its size and time. */
export const identityOf = (file: CameraFile | null): string | null =>
  file?.print ?? file?.id ?? null;

/** A file of the camera as the page knows it again: by its path in the folder of the movies, or its name. */
export function cameraFileId(
  path: string,
  directory: string,
  facts: { readonly size: number; readonly mtimeMs: number },
): string {
  return fileIdentity({
    path: pagePath(path, directory),
    size: facts.size,
    lastModified: Math.floor(facts.mtimeMs),
  });
}

/** Path from the folder of the movies, as the page writes it; of files elsewhere the name. */
export function pagePath(path: string, directory: string): string {
  const way = relative(directory, path);
  return way.startsWith("..") || isAbsolute(way) ? basename(path) : way.split(sep).join("/");
}

/** "A-B" from 1, 0 = last, as the page sets it: from 0, null = last; null = the page cannot say it. */
function framesOf(text: string): { first: number; last: number | null } | null {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text.trim());
  if (match === null || Number(match[1]) === 0) return null;
  const last = Number(match[2] ?? match[1]);
  return { first: Number(match[1]) - 1, last: last === 0 ? null : last - 1 };
}

/** Whether dose weighting is without effect on such a movie. */
const withoutDose = ({ dosePerFrame, pixelSizeA }: MovieHeader): boolean =>
  dosePerFrame === null || pixelSizeA === null;

function motionParameters(
  values: ReadonlyMap<string, string>,
  request: AlignRequest,
  headers: readonly MovieHeader[],
): { readonly parameters: MotionParameters; readonly beyond: readonly string[] } {
  const beyond = ONLY_HERE.filter((name) => values.has(name));
  const number = (name: string): number | null => {
    const value = values.get(name);
    return value === undefined || value === "auto" ? null : Number(value);
  };
  const grid = (name: string): number[] | null => {
    const value = values.get(name);
    return value === undefined || value === "auto" ? null : value.split("x").map(Number);
  };
  const frames = (name: string): ReturnType<typeof framesOf> => {
    const value = values.get(name);
    const found = value === undefined ? null : framesOf(value);
    if (value !== undefined && found === null) beyond.push(name);
    return found;
  };
  const aligned = frames("frames");
  const summed = frames("sum-frames");
  const patches = values.get("patches") === "none" ? "none" : grid("patches");
  const points = grid("control-points");
  const parameters: MotionParameters = {
    ...DEFAULT_MOTION_PARAMETERS,
    firstFrame: aligned?.first ?? 0,
    lastFrame: aligned?.last ?? null,
    sumFirst: summed?.first ?? null,
    sumLast: summed?.last ?? null,
    maxResolutionA: number("max-resolution"),
    maxShiftA: number("max-shift") ?? DEFAULT_MOTION_PARAMETERS.maxShiftA,
    minPatchA: number("min-patch"),
    overlap: number("patch-overlap"),
    patches: Array.isArray(patches) ? { x: patches[0], y: patches[1] } : (patches ?? "auto"),
    controlPoints: points === null ? "auto" : { x: points[0], y: points[1], t: points[2] },
    group: number("group"),
    binning: request.binning,
    dosePerFrame: request.dosePerFrame,
    preExposure: request.preExposure,
    voltageKv: request.voltageKv,
    // The page weights by the header's dose where it is not told another; the command only when it is told.
    doseWeighting:
      request.dosePerFrame === null ? headers.every(withoutDose) : !request.onlyUnweighted,
    evenOdd: request.evenOdd,
    result: request.result,
    useReference: true,
    parity: values.get("parity") === "xmipp",
  };
  return { parameters, beyond };
}

/** Keys of the page, or of the same with what it does not set. */
function withTerms(key: string, terms: readonly unknown[]): string {
  return terms.length === 0 ? key : stableKey([key, terms]);
}

export function pageTerms(input: PageTermsInput): PageTerms {
  const { parameters, request, headers, orientation } = input;
  const camera: CameraFiles = {
    reference: identityOf(input.camera.reference),
    dark: identityOf(input.camera.dark),
    defects: identityOf(input.camera.defects),
    orientation,
  };
  const { alignValues, recipe, switches } = parameters;
  const motion =
    alignValues === null || request === null
      ? { parameters: DEFAULT_MOTION_PARAMETERS, beyond: [] }
      : motionParameters(alignValues, request, headers);
  const reading = [...parameters.movieValues].map(([name, value]) =>
    value === "" ? name : `${name} ${value}`,
  );
  const estimated = parameters.applyEstimate && camera.reference === null ? ["applyEstimate"] : [];
  const beyondMotion = [...reading, ...estimated, ...motion.beyond];
  const residual = camera.reference !== null && switches.residual;
  const gain = { parameters: input.gainParameters, deviations: false };
  const keysWith = (parts: MotionParameters): StepKeys => {
    const keys = movieStepKeys({
      gain: gainKeyText(gain, camera, residual),
      frames: null,
      motion: motionKeyText(parts, camera, null),
      recipe: recipe === null ? "" : recipeKeyText(recipe),
    });
    const terms = beyondMotion.map((name) => [name, alignValues?.get(name) ?? null]);
    return {
      gain: withTerms(keys.gain, reading),
      motion: withTerms(keys.motion, terms),
      preprocess: withTerms(keys.preprocess, terms),
    };
  };
  const plan: RunPlan = {
    steps: {
      orientation: switches.orientation,
      gain: switches.estimate || switches.residual,
      motion: alignValues !== null,
      preprocess: recipe !== null,
      sampling: parameters.sample !== null,
    },
    movieStep: parameters.movieStep,
    spectra: request?.spectra ?? true,
    minimumForSampling: parameters.sample?.minimum ?? 1,
    hashes: input.hashes,
  };
  const { reference, dark, defects } = input.camera;
  const held = [reference, dark, defects].flatMap((file) =>
    file?.print == null ? [] : [[file.id, file.print] as const],
  );
  return {
    settings: {
      plan,
      thresholds: input.thresholds,
      run: "off",
      gain: { ...gain, residual, orientation },
      motion: motion.parameters,
      ...(recipe === null ? {} : { micrograph: formOf(recipe) }),
      files: {
        ...{ reference: reference?.id ?? null, dark: dark?.id ?? null },
        ...{ defects: defects?.id ?? null, wishes: {}, prints: Object.fromEntries(held) },
      },
    },
    keys: keysWith(motion.parameters),
    keysOf: (header) =>
      request?.dosePerFrame === null && withoutDose(header)
        ? [true, false].map((doseWeighting) => keysWith({ ...motion.parameters, doseWeighting }))
        : [keysWith(motion.parameters)],
    beyond: { reading, motion: beyondMotion },
  };
}

/** The recipe as the page's form: which operations are on, and the numbers of all. */
function formOf({ operations, arithmetic }: PreprocessRecipe): Readonly<Record<string, unknown>> {
  return {
    on: Object.fromEntries(PREPROCESS_ORDER.map((name) => [name, operations[name] !== null])),
    parameters: Object.fromEntries(
      PREPROCESS_ORDER.map((name) => [name, operations[name] ?? PREPROCESS_DEFAULTS[name]]),
    ),
    arithmetic,
  };
}

/** The pose in which the reference is used; without one as the page begins. */
export function orientationInUse(
  provenance: { readonly pose: GainOrientation | null } | null,
): GainOrientation {
  return provenance?.pose ?? AS_STORED;
}
