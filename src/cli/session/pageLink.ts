import { stat } from "node:fs/promises";
import { appliedGain } from "#src/domain/records/appliedGain.ts";
import type { AppliedGain } from "#src/domain/records/appliedGain.ts";
import { DEFAULT_THRESHOLDS } from "#src/domain/records/movieRecord.ts";
import type { MovieRecord, SessionThresholds } from "#src/domain/records/movieRecord.ts";
import { poseName } from "#src/math/poseDecision.ts";
import type { AlignRequest } from "../alignOptions.ts";
import type { CommandContext } from "../command.ts";
import { gainParameters } from "../gainOptions.ts";
import { optionLookup } from "../optionContext.ts";
import type { SessionGain } from "./gainStage.ts";
import type { MovieTurn } from "./movieStage.ts";
import { motionOfPage } from "./pageResults.ts";
import { cameraFileId, orientationInUse, pageTerms } from "./pageTerms.ts";
import type { PageTerms } from "./pageTerms.ts";
import type { SessionRun } from "./runSession.ts";
import type { SessionJournal } from "./sessionJournal.ts";

/** What a running session and the page have in common: settings, keys, results that either made. */
export interface PageLink {
  /** The session in the words of the page. */
  readonly terms: (thresholds: SessionThresholds, turns: readonly MovieTurn[]) => PageTerms;
  readonly gainApplied: AppliedGain;
  /** Movies that the page has aligned with the same settings are done: their lines join the journal. */
  readonly takeOver: (
    turns: readonly MovieTurn[],
    from: {
      readonly journal: SessionJournal;
      readonly earlier: ReadonlyMap<string, MovieRecord>;
      /** Of the motion, in the journal. */
      readonly key: string;
      readonly say: (line: string) => void;
    },
  ) => Promise<void>;
}

export async function openPageLink(of: {
  readonly run: SessionRun;
  /** null = movies are not aligned. */
  readonly request: AlignRequest | null;
  readonly context: CommandContext;
  readonly gain: SessionGain;
  readonly folder: string;
}): Promise<PageLink> {
  const { run, request, context, gain, folder } = of;
  const { parameters, directory, hashes } = run;
  const idOf = async (path: string | null): Promise<string | null> => {
    const facts = path === null ? null : await stat(path).catch(() => null);
    return path === null || facts === null ? null : cameraFileId(path, directory, facts);
  };
  const camera = {
    reference: await idOf(parameters.gain),
    dark: await idOf(parameters.dark),
    defects: await idOf(parameters.defects),
  };
  const method = gainParameters({ ...context, ...optionLookup(parameters.gainValues) });
  const orientation = orientationInUse(gain.provenance);
  const terms: PageLink["terms"] = (thresholds, turns) =>
    pageTerms({
      ...{ parameters, thresholds, request, orientation, camera, hashes },
      gainParameters: method,
      headers: turns.map(({ movie }) => movie.header),
    });
  const { source, reference = null, pose = null, movies = [] } = gain.provenance ?? {};
  return {
    terms,
    gainApplied: appliedGain({
      reference,
      pose: pose === null ? "" : `${poseName(pose)}${pose.inverted ? ", inverted" : ""}`,
      useReference: true,
      estimatedFrom: source === "estimated" ? movies.length : 0,
      applyEstimate: parameters.applyEstimate,
    }),
    takeOver: async (turns, { journal, earlier, key, say }) => {
      if (earlier.size === 0 || request === null) return;
      const { motionKeysOf } = terms(DEFAULT_THRESHOLDS, turns);
      let taken = 0;
      for (const turn of turns) {
        if (journal.find("motion", turn.movie.id, key) !== null) continue;
        const keys = { own: key, page: motionKeysOf(turn.movie.header) };
        const line = motionOfPage(turn, { directory, folder }, earlier, keys);
        if (line === null) continue;
        await journal.add(line);
        taken++;
      }
      say(
        `The page has worked in this folder: ${taken} of ${turns.length} movies were aligned by it with these settings and stay.`,
      );
    },
  };
}
