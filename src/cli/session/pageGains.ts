import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { GainOrientation } from "#src/domain/gain.ts";
import type { FinalGainProvenance } from "#src/domain/gainProtocol.ts";
import type { GainSwitches } from "#src/domain/gainProtocol.ts";
import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import { gainEstimateName, RESULT_FILES, resultPath } from "#src/domain/records/resultLayout.ts";
import { readFinalGain } from "#src/domain/records/readFinalGain.ts";
import { readGainReport } from "#src/domain/records/readGainReport.ts";
import { samePose } from "#src/math/pose.ts";
import { poseName } from "#src/math/poseDecision.ts";
import { lineKey } from "./gainStage.ts";
import type { MovieTurn } from "./movieStage.ts";
import type { PageSession } from "./pageResults.ts";
import type { GainLine, MovieGainLine } from "./sessionJournal.ts";

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

async function jsonAt(path: string): Promise<Json | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Estimates of a movie that the page has made with the same settings and whose files are there, for the journal. */
export async function gainsOfPage(
  { movie, base }: MovieTurn,
  folder: string,
  record: MovieRecord | undefined,
  keys: { readonly own: string; readonly page: string },
): Promise<readonly MovieGainLine[]> {
  const made = record?.steps.gain;
  if (made?.failure !== null || made.key !== keys.page) return [];
  const lines: MovieGainLine[] = [];
  for (const residual of [false, true]) {
    const name = resultPath("gain", gainEstimateName(base, residual));
    if (!made.files.includes(`${name}.mrc`) || !made.files.includes(`${name}.json`)) continue;
    if (!existsSync(join(folder, `${name}.mrc`))) continue;
    const text = await readFile(join(folder, `${name}.json`), "utf8").catch(() => "");
    const estimate = readGainReport(text);
    if (estimate?.residual !== residual) continue;
    lines.push({
      step: "gain",
      movie: movie.id,
      key: lineKey(keys.own, residual),
      at: made.at,
      seconds: made.seconds,
      // Widths frame by frame stay in the estimate's own file, as in those of the command.
      estimate: { ...estimate, name: base, sigmas: [] },
    });
  }
  return lines;
}

/** Where the gain of a results folder comes from, as `final_gain.json` says; null = it does not. */
async function provenanceIn(folder: string): Promise<FinalGainProvenance | null> {
  if (!existsSync(join(folder, RESULT_FILES.finalGain))) return null;
  const text = await readFile(join(folder, RESULT_FILES.finalGainAbout), "utf8").catch(() => "");
  return readFinalGain(text)?.provenance ?? null;
}

const AS_STORED: GainOrientation = { rotation90: 0, flip: "none", inverted: false };

/** What decides the final gain of the session that goes on. */
export interface FinalGainWanted {
  /** Files of the camera by what they hold. */
  readonly reference: string | null;
  readonly defects: string | null;
  /** As they act. */
  readonly switches: GainSwitches;
  /** Bases of the movies whose estimates hold. */
  readonly estimated: ReadonlySet<string>;
}

/**
 * The final gain that the page has chosen, where the command would choose the same: the same reference, found in
 * a pose by a search or taken as it is as the switches say; without one, estimates that all hold.
 */
export async function finalGainOfPage(
  folder: string,
  { settings }: PageSession,
  key: string,
  wanted: FinalGainWanted,
): Promise<GainLine | null> {
  const provenance = await provenanceIn(folder);
  if (provenance === null || settings === null) return null;
  const { switches } = wanted;
  const { source, pose, movies } = provenance;
  const found = await jsonAt(join(folder, RESULT_FILES.orientation));
  const line = (): GainLine => ({
    step: "final-gain",
    key,
    at: Date.now(),
    provenance,
    summary: {
      switches,
      orientation: found === null || wanted.reference === null ? null : orientationOf(found),
      combined: null,
      finalGain: provenance,
    },
  });
  if (wanted.reference === null) {
    const hold = movies.length > 0 && movies.every((movie) => wanted.estimated.has(movie));
    return source === "estimated" && switches.estimate && hold ? line() : null;
  }
  const { files, gain } = settings;
  if (source === "estimated" || pose === null || !isObject(files) || !isObject(gain)) return null;
  const prints = isObject(files.prints) ? files.prints : {};
  const content = (id: unknown): unknown => (typeof id === "string" ? (prints[id] ?? id) : null);
  if (content(files.reference) !== wanted.reference || content(files.defects) !== wanted.defects)
    return null;
  const set = gain.orientation;
  if (!isObject(set) || !samePose(set as unknown as GainOrientation, pose)) return null;
  if (set.inverted !== pose.inverted || provenance.normalised !== switches.normalise) return null;
  // A pose that somebody chose by hand is none that a search has found, nor that of the file.
  if (source === "oriented") return switches.orientation && found !== null ? line() : null;
  const asStored = samePose(pose, AS_STORED) && !pose.inverted;
  const searched = found?.confident === false;
  return asStored && searched === switches.orientation ? line() : null;
}

/** As the command's own summary tells of a search. */
function orientationOf({ pose, confident, margin, findings }: Json): Json {
  const own = isObject(pose) ? (pose as unknown as GainOrientation) : null;
  return {
    pose: own === null ? null : poseName(own),
    inverted: own?.inverted ?? null,
    ...{ confident, margin, findings },
  };
}
