import { stableKey } from "#src/math/stableKey.ts";
import { identityOf } from "./pageTerms.ts";
import type { Camera } from "./pageTerms.ts";
import type { SessionParameters } from "./sessionParameters.ts";

/** Raised when what a step makes of the same input changes: earlier results are then made anew. */
const RESULT_VERSION = 1;

/** Of everything that decides the gains of a session, but the movies. */
export function gainKeyOf(parameters: SessionParameters, camera: Camera): string {
  const { switches, movieStep, gainValues, movieValues } = parameters;
  return stableKey([
    ...[RESULT_VERSION, switches, movieStep, [...gainValues], [...movieValues]],
    ...[identityOf(camera.reference), identityOf(camera.defects)],
  ]);
}

/**
 * Of everything that decides what is made of a movie by its alignment.
 * @param gainKey  of the gain that is applied; null = none is
 */
export function alignKeyOf(
  { alignValues, movieValues }: SessionParameters,
  camera: Camera,
  gainKey: string | null,
): string {
  return stableKey([
    ...(gainKey === null
      ? ["no gain", RESULT_VERSION, [...movieValues], identityOf(camera.defects)]
      : [gainKey]),
    alignValues === null ? null : [...alignValues],
    identityOf(camera.dark),
  ]);
}
