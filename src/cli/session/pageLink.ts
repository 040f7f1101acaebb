import type { GainOrientation } from "#src/domain/gain.ts";
import { effectiveSwitches } from "#src/domain/gainProtocol.ts";
import type { AppliedGain } from "#src/domain/records/appliedGain.ts";
import { DEFAULT_THRESHOLDS } from "#src/domain/records/movieRecord.ts";
import type {
  MovieRecord,
  MovieStepName,
  SessionThresholds,
} from "#src/domain/records/movieRecord.ts";
import type { AlignRequest } from "../alignOptions.ts";
import type { CommandContext } from "../command.ts";
import { gainParameters } from "../gainOptions.ts";
import { optionLookup } from "../optionContext.ts";
import { gainAppliedBy } from "./gainApplied.ts";
import { lineKey } from "./gainStage.ts";
import type { SessionGain } from "./gainStage.ts";
import type { MovieCopies } from "./movieCopies.ts";
import type { MovieTurn } from "./movieStage.ts";
import { finalGainOfPage, gainsOfPage } from "./pageGains.ts";
import { motionOfPage, processedInFolder, processedOfPage } from "./pageResults.ts";
import type { PageSession } from "./pageResults.ts";
import { identityOf, orientationInUse, pageTerms } from "./pageTerms.ts";
import type { Camera, PageTerms } from "./pageTerms.ts";
import type { SessionRun } from "./runSession.ts";
import { cameraFile } from "./sessionInputs.ts";
import type { SessionJournal } from "./sessionJournal.ts";

/** Where results of the page are looked for, and where they are noted. */
export interface TakeOver {
  readonly journal: SessionJournal;
  readonly earlier: PageSession;
  readonly copies: Pick<MovieCopies, "recordOf">;
  readonly say: (line: string) => void;
}

/** What a running session and the page have in common: settings, keys, results that either made. */
export interface PageLink {
  /** The session in the words of the page. */
  readonly terms: (thresholds: SessionThresholds, turns: readonly MovieTurn[]) => PageTerms;
  readonly gainApplied: AppliedGain;
  /**
   * Movies that the page has aligned, and micrographs that it has preprocessed, with the same settings are done:
   * their lines join the journal.
   */
  readonly takeOver: (
    turns: readonly MovieTurn[],
    from: TakeOver & {
      /** Of the steps, in the journal; null = it is not asked for. */
      readonly keys: { readonly motion: string; readonly preprocess: string | null };
    },
  ) => Promise<void>;
}

/** What the page calls the files and the settings of a run. */
export interface PageWords {
  readonly camera: Camera;
  readonly terms: (of: {
    readonly orientation: GainOrientation;
    readonly request: AlignRequest | null;
    readonly thresholds: SessionThresholds;
    readonly turns: readonly MovieTurn[];
  }) => PageTerms;
}

export async function openPageWords(run: SessionRun, context: CommandContext): Promise<PageWords> {
  const { parameters, directory, hashes } = run;
  const camera: Camera = {
    reference: await cameraFile(parameters.gain, directory),
    dark: await cameraFile(parameters.dark, directory),
    defects: await cameraFile(parameters.defects, directory),
  };
  const method = gainParameters({ ...context, ...optionLookup(parameters.gainValues) });
  return {
    camera,
    terms: ({ turns, ...of }) =>
      pageTerms({
        ...{ ...of, parameters, camera, hashes },
        gainParameters: method,
        headers: turns.map(({ movie }) => movie.header),
      }),
  };
}

/** A result of the journal whose files the page has made anew with other settings is no longer there. */
async function undoOverwritten(
  turn: MovieTurn,
  record: MovieRecord | undefined,
  journal: SessionJournal,
  step: MovieStepName,
  keys: { readonly own: string; readonly page: readonly string[] },
): Promise<void> {
  const made = record?.steps[step];
  if (made?.failure !== null || keys.page.includes(made.key)) return;
  const line = journal.find(step, turn.movie.id, keys.own);
  if (line === null || line.at >= made.at) return;
  await journal.add({
    ...{ step: "undone", movie: turn.movie.id, of: step, key: keys.own },
    at: Date.now(),
  });
}

/**
 * Gains that the page has estimated or chosen with the same settings join the journal, before the session
 * chooses one itself.
 */
export async function takeOverGains(
  { parameters }: SessionRun,
  { camera, terms }: PageWords,
  turns: readonly MovieTurn[],
  {
    journal,
    earlier,
    copies,
    key,
    folder,
    say,
  }: TakeOver & { readonly key: string; readonly folder: string },
): Promise<void> {
  if (earlier.records.size === 0) return;
  const switches = effectiveSwitches(parameters.switches, parameters.gain !== null);
  const pose = (earlier.settings?.gain as { orientation?: GainOrientation } | undefined)
    ?.orientation;
  const own = terms({
    ...{ request: null, turns, thresholds: DEFAULT_THRESHOLDS },
    orientation: pose ?? orientationInUse(null),
  }).keys.gain;
  const held = new Set<string>();
  for (const turn of turns) {
    const { id } = turn.movie;
    const record = copies.recordOf(turn.movie);
    for (const residual of [false, true]) {
      const of = { own: lineKey(key, residual), page: [own] };
      // Only the kind that the page has made is written over by it.
      if (record?.steps.gain?.files.some((file) => file.endsWith(fileEnd(residual))) === true)
        await undoOverwritten(turn, record, journal, "gain", of);
    }
    const lines = await gainsOfPage(turn, folder, record, { own: key, page: own });
    for (const line of lines) {
      held.add(turn.base);
      if (journal.find("gain", id, line.key) === null) await journal.add(line);
    }
  }
  const chosen = journal.all().findLast((line) => line.step === "final-gain");
  const line = await finalGainOfPage(folder, earlier, key, {
    ...{ reference: identityOf(camera.reference), defects: identityOf(camera.defects) },
    ...{ switches, estimated: held },
  });
  if (line !== null && !(chosen?.step === "final-gain" && chosen.key === key))
    await journal.add(line);
  if (held.size > 0 || line !== null)
    say(
      `The page has worked in this folder: gains of ${held.size} movies${line === null ? "" : " and the final gain"} were made by it with these settings; they stay.`,
    );
}

const fileEnd = (residual: boolean): string => (residual ? "_residual_gain.mrc" : "_gain.mrc");

export function openPageLink(of: {
  readonly run: SessionRun;
  readonly words: PageWords;
  /** null = movies are not aligned. */
  readonly request: AlignRequest | null;
  readonly gain: SessionGain;
  readonly folder: string;
}): PageLink {
  const { run, words, request, gain, folder } = of;
  const { parameters } = run;
  const orientation = orientationInUse(gain.provenance);
  const terms: PageLink["terms"] = (thresholds, turns) =>
    words.terms({ orientation, request, thresholds, turns });
  return {
    terms,
    gainApplied: gainAppliedBy(gain.provenance, parameters),
    takeOver: async (turns, { journal, earlier, copies, keys, say }) => {
      if (earlier.records.size === 0 || request === null) return;
      const { keysOf } = terms(DEFAULT_THRESHOLDS, turns);
      const processed = keys.preprocess === null ? null : await processedInFolder(folder);
      let taken = 0;
      let made = 0;
      for (const turn of turns) {
        const { id, header } = turn.movie;
        const record = copies.recordOf(turn.movie);
        const accepted = keysOf(header);
        const motion = { own: keys.motion, page: accepted.map((each) => each.motion) };
        await undoOverwritten(turn, record, journal, "motion", motion);
        if (journal.find("motion", id, keys.motion) === null) {
          const line = motionOfPage(turn, folder, record, motion);
          if (line === null) continue;
          await journal.add(line);
          taken++;
        }
        if (keys.preprocess === null || processed === null) continue;
        const step = { own: keys.preprocess, page: accepted.map((each) => each.preprocess) };
        await undoOverwritten(turn, record, journal, "preprocess", step);
        if (journal.find("preprocess", id, keys.preprocess) !== null) continue;
        const line = processedOfPage(turn, folder, record, processed, step);
        if (line === null) continue;
        await journal.add(line);
        made++;
      }
      // Of a movie that came later only what there is to say.
      if (turns.length === 1 && taken + made === 0) return;
      const micrographs = keys.preprocess === null ? "" : ` and ${made} preprocessed`;
      say(
        `The page has worked in this folder: ${taken} of ${turns.length} movies were aligned by it${micrographs} with these settings; they stay.`,
      );
    },
  };
}
