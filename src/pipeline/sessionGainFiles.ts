import type { Bytes } from "#src/domain/byteSource.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { GainEstimate } from "#src/domain/gainEstimate.ts";
import type { FinalGain, FinalGainProvenance } from "#src/domain/gainProtocol.ts";
import type { AppliedGain } from "#src/domain/records/appliedGain.ts";
import { RESULT_FILES } from "#src/domain/records/resultLayout.ts";
import { APP_VERSION } from "#src/domain/version.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { orientReference } from "#src/math/orientReference.ts";
import { canonicalPose } from "#src/math/pose.ts";
import { poseName } from "#src/math/poseDecision.ts";
import { poseInWords } from "#src/math/poseWords.ts";
import { reverseGainRows } from "./finalGain.ts";
import { writtenGain } from "./orientAsXmipp.ts";
import type { FoundOrientation } from "./orientAsXmipp.ts";
import type { OrientReference } from "./orientGain.ts";

/** A file of a results folder: its path there, and what it holds. */
export type SessionFileContent = readonly [path: string, content: Bytes | string];

/** A gain as an MRC file: C, 32-bit floats. */
async function gainMrc(gain: Pick<Gain, "width" | "height" | "correction">, what: string) {
  const { width, height, correction } = gain;
  return await encodeMrc([correction], {
    ...{ width, height, sampleType: "float32", pixelSizeA: null },
    labels: [`Cryoloupe: ${what}`.slice(0, 80)],
  });
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

/**
 * What a pose search leaves in a results folder: its answer, and the reference in the pose found where the
 * search is certain.
 * @param rowsReversed  the rows of movies or reference were reversed on reading (TIFF)
 */
export async function orientationFiles(
  result: FoundOrientation,
  reference: OrientReference | null,
  rowsReversed: boolean,
): Promise<readonly SessionFileContent[]> {
  const { best, candidates } = result;
  const own = best === null ? null : { ...canonicalPose(best), inverted: best.inverted };
  const words =
    own === null || reference === null ? [] : poseInWords(own, reference.name, rowsReversed);
  const { movies, findings, confident, margin, displacement, countsPerPixel } = result;
  const found = { pose: own, words, confident, margin, displacement, countsPerPixel };
  const named = candidates.map((c) => ({ ...c, pose: poseName(c) }));
  const files: SessionFileContent[] = [
    [RESULT_FILES.orientation, jsonText({ ...found, findings, movies, candidates: named })],
  ];
  const asXmipp = writtenGain(result);
  if (asXmipp !== null) {
    // As it stands in the original's file: displaced, repaired, of its own scale.
    const { width, height, values } = asXmipp;
    const gain = { width, height, correction: values };
    files.push([
      RESULT_FILES.orientedGain,
      await gainMrc(gain, "gain C (multiply), as Xmipp orients it"),
    ]);
  } else if (own !== null && reference !== null && confident)
    files.push([
      RESULT_FILES.orientedGain,
      await gainMrc(orientReference(reference, own), `gain C (multiply), ${poseName(own)}`),
    ]);
  return files;
}

/** The estimate of one movie as an MRC file. */
export async function estimatedGainMrc({
  gain,
  residual,
}: Pick<GainEstimate, "gain" | "residual">): Promise<Bytes> {
  return await gainMrc(gain, `${residual ? "residual gain" : "gain"} C (multiply)`);
}

/** The gain of all movies together, as a file. */
export async function combinedGainFile(combined: Gain): Promise<SessionFileContent> {
  return [RESULT_FILES.combinedGain, await gainMrc(combined, "gain C (multiply), all movies")];
}

/**
 * The final gain, where it comes from and why.
 * @param applied  the gain that micrographs are made with: an estimate is none by itself (docs/adr/0119)
 */
export async function finalGainFiles(
  { gain, provenance }: FinalGain,
  applied: AppliedGain,
): Promise<readonly SessionFileContent[]> {
  return [
    [RESULT_FILES.finalGain, await gainMrc(gain, `final gain C (multiply), ${provenance.source}`)],
    finalGainAbout(provenance, applied),
  ];
}

/** What is told beside the final gain. */
export function finalGainAbout(
  provenance: FinalGainProvenance,
  applied: AppliedGain,
): SessionFileContent {
  const about = {
    program: "cryoloupe",
    version: APP_VERSION,
    date: new Date().toISOString(),
    rows: "as the movies are read: TIFF rows reversed, all others as stored",
    ...provenance,
    applied,
  };
  return [RESULT_FILES.finalGainAbout, jsonText(about)];
}

/** The final gain of TIFF movies for Xmipp, which does not reverse the rows of TIFF files. */
export async function storedRowsGainFile(gain: Gain): Promise<SessionFileContent> {
  return [
    RESULT_FILES.finalGainAsStored,
    await gainMrc(reverseGainRows(gain), "final gain C (multiply), rows as in the TIFF"),
  ];
}
