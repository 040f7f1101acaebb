import { DEFAULT_THRESHOLDS } from "#src/domain/records/movieRecord.ts";
import type {
  HandChoice,
  MovieRecord,
  SessionThresholds,
  StepName,
} from "#src/domain/records/movieRecord.ts";
import type { ResultsPlace, StoredSession, Watching } from "#src/domain/records/project.ts";
import { DEFAULT_RUN_PLAN } from "#src/domain/records/runPlan.ts";
import type { RunPlan } from "#src/domain/records/runPlan.ts";

/** A session as it is kept: its movies with what was made of them, its plan, where results go. */
export interface ProjectState {
  /** null = nothing is open, or only a demo, which is not kept. */
  readonly id: string | null;
  readonly name: string;
  /** By id of the session's file. */
  readonly records: Readonly<Record<string, MovieRecord>>;
  /** In the order in which movies came. */
  readonly order: readonly string[];
  readonly plan: RunPlan;
  readonly thresholds: SessionThresholds;
  /** The plan is not begun; works; waits for the user. */
  readonly run: "off" | "running" | "paused";
  readonly watching: Watching;
  /** Files of an earlier visit that the browser has not let be read yet. */
  readonly waitingFiles: number;
  /** `elsewhere`: another tab works on this session, and this one only shows it. */
  readonly access: "own" | "elsewhere";
  /** Why results are kept in memory only, in a sentence; null = the browser's database keeps them. */
  readonly memoryOnly: string | null;
  readonly results: ResultsPlace;
  /** Sessions that the browser keeps, the one opened last first. */
  readonly stored: readonly StoredSession[];
}

export const initialProject: ProjectState = {
  id: null,
  name: "",
  records: {},
  order: [],
  plan: DEFAULT_RUN_PLAN,
  thresholds: DEFAULT_THRESHOLDS,
  run: "off",
  watching: { state: "off", folder: null, since: null, lastNew: null, settling: 0 },
  waitingFiles: 0,
  access: "own",
  memoryOnly: null,
  results: { kind: "none", name: null, files: 0, renamed: [], failure: null },
  stored: [],
};

/** What the user may do with a session and its movies. */
export interface ProjectActions {
  readonly setThresholds: (change: Partial<SessionThresholds>) => void;
  readonly chooseByHand: (ids: readonly string[], choice: HandChoice) => void;
  readonly setPlan: (change: {
    readonly steps?: Partial<Record<StepName, boolean>>;
    readonly movieStep?: number;
    readonly spectra?: boolean;
    readonly minimumForSampling?: number;
    readonly hashes?: boolean;
  }) => void;
  /** Begins with the plan, or goes on after a pause. */
  readonly resume: () => void;
  /** The step that runs is finished, nothing else is begun. */
  readonly pause: () => void;
  /** Stops the step that runs and pauses. */
  readonly cancelAll: () => void;
  /** Failed steps of these movies are run again. */
  readonly retry: (ids: readonly string[]) => void;
}
