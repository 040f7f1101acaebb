import type { Failure } from "../errors.ts";

/** A session that the browser keeps, as the start screen lists it. */
export interface StoredSession {
  readonly id: string;
  readonly name: string;
  readonly movies: number;
  /** Movies with a result of every step that was asked for. */
  readonly processed: number;
  /** Milliseconds since 1970: for showing only. */
  readonly opened: number;
  /** Name of the watched folder; null = files were opened one by one. */
  readonly folder: string | null;
}

/** How the folder of a session is looked after. */
export interface Watching {
  /**
   * `permission`: the browser has to be asked before the folder can be read again; `gone`: its disk is away.
   * The session goes on by itself when either has ended.
   */
  readonly state: "off" | "watching" | "closed" | "permission" | "gone";
  readonly folder: string | null;
  /** Milliseconds since 1970, for showing: since when, and when the last movie came. */
  readonly since: number | null;
  readonly lastNew: number | null;
  /** Files that were seen and whose size has not held still yet. */
  readonly settling: number;
}

/** Where the results of a session go as they come. */
export interface ResultsPlace {
  /** `zip`: gathered, and given to the browser's downloads when asked for; `locked`: a command works there. */
  readonly kind: "none" | "folder" | "zip" | "permission" | "locked";
  readonly name: string | null;
  readonly files: number;
  /** "aligned/a.mrc → aligned/a_2.mrc": a file of that name was there and is not ours. */
  readonly renamed: readonly string[];
  readonly failure: Failure | null;
  /** The command that works there, "process 812 on scope3"; absent or null = none. */
  readonly lockedBy?: string | null;
}
