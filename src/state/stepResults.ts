import type { MovieStepName } from "#src/domain/records/movieRecord.ts";
import type { Outcome } from "#src/domain/session.ts";

/** A step of one movie that has ended, whoever asked for it. */
export interface StepDone {
  readonly step: MovieStepName;
  /** Id of the movie. */
  readonly id: string;
  /** Key of the settings it was made with. */
  readonly key: string;
  readonly seconds: number;
  /** The step's report. */
  readonly outcome: Outcome<unknown>;
}

/** Tells whoever keeps the session of every step that ends. */
export interface StepResults {
  /** Settles when the result is kept and written; never rejects. */
  done(result: StepDone): Promise<void>;
  listen(listener: (result: StepDone) => Promise<void>): void;
}

export function createStepResults(): StepResults {
  const listeners: ((result: StepDone) => Promise<void>)[] = [];
  return {
    done: async (result) => {
      for (const listener of listeners) await listener(result);
    },
    listen: (wanted) => {
      listeners.push(wanted);
    },
  };
}
