import type { GainOrientation } from "#src/domain/gain.ts";
import type { GainParameters } from "#src/domain/gainEstimate.ts";
import type { MotionParameters } from "#src/domain/motionReport.ts";
import { recipeToJson } from "#src/domain/preprocessCheck.ts";
import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import { STEP_VERSIONS } from "#src/domain/records/movieRecord.ts";
import type { StepKeys } from "#src/domain/records/movieRecord.ts";
import { stableKey } from "./stableKey.ts";

/*
 * By what a file is known again, and by what it is told whether a result was made with the settings of now.
 * Page and command name the same things here, so that either goes on where the other stopped.
 */

/**
 * A file of a session: another place, size or time is another file; the same file has the same id tomorrow.
 * @param file.path          from the session's folder, with "/"
 * @param file.lastModified  whole milliseconds since 1970, rounded down as browsers do; null = not known
 */
export function fileIdentity({
  path,
  size,
  lastModified,
}: {
  readonly path: string;
  readonly size: number;
  readonly lastModified: number | null;
}): string {
  return `f${stableKey([path, size, lastModified])}`;
}

/** Files of the camera by their identities; null = none. */
export interface CameraFiles {
  readonly reference: string | null;
  readonly orientation: GainOrientation;
  readonly dark: string | null;
  readonly defects: string | null;
}

/** Always in the same order: keys are made of text. */
const poseOf = ({ rotation90, flip, inverted }: GainOrientation): GainOrientation => ({
  rotation90,
  flip,
  inverted,
});

/** Everything that decides what an estimate of the gain is, but the movie. */
export function gainKeyText(
  of: { readonly parameters: GainParameters; readonly deviations: boolean },
  { reference, orientation, defects }: Omit<CameraFiles, "dark">,
  residual: boolean,
): string {
  return JSON.stringify([
    of.parameters,
    of.deviations,
    residual && reference !== null ? [reference, poseOf(orientation)] : null,
    defects === null ? null : [defects, reference, poseOf(orientation)],
  ]);
}

/**
 * Everything that decides what a correction of motion is, but the movie.
 * @param wish  how the file is to be read instead of as it says; null = as it says
 */
export function motionKeyText(
  parameters: MotionParameters,
  { reference, orientation, dark, defects }: CameraFiles,
  wish: unknown,
): string {
  const used = parameters.useReference ? reference : null;
  return JSON.stringify([
    parameters,
    used === null ? null : [used, poseOf(orientation)],
    [dark, defects, wish],
  ]);
}

/** Equal exactly for recipes that give the same result. */
export function recipeKeyText(recipe: PreprocessRecipe): string {
  return JSON.stringify(recipeToJson(recipe));
}

/**
 * Keys of the results of one movie: the version of each step, and what decides it.
 * @param frames  how its file is read for the gain instead of as it says; null = as it says
 */
export function movieStepKeys(texts: {
  readonly gain: string;
  readonly frames: unknown;
  readonly motion: string;
  readonly recipe: string;
}): StepKeys {
  const gain = stableKey([STEP_VERSIONS.gain, texts.gain, texts.frames]);
  const motion = stableKey([STEP_VERSIONS.motion, texts.motion]);
  const preprocess = stableKey([STEP_VERSIONS.preprocess, texts.recipe, motion]);
  return { gain, motion, preprocess };
}
