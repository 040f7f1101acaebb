import { renamedNote } from "#src/domain/records/resultLayout.ts";
import { numbered } from "#src/platform/resultsOut.ts";
import type { ResultsSink } from "#src/platform/resultsOut.ts";
import type { ActionContext } from "./context.ts";

/** A name for a result where it goes; `own`: names that this session has written there. */
export type FreeName = (
  into: ResultsSink,
  path: string,
  own: ReadonlySet<string>,
) => Promise<string>;

export function createFreeName({
  store,
  update,
  log,
}: Pick<ActionContext, "store" | "update" | "log">): FreeName {
  /** A name that is free or ours; a foreign file of the wanted name is never written over. */
  return async (into, path, own) => {
    for (let n = 1; ; n++) {
      const candidate = n === 1 ? path : numbered(path, n);
      if (own.has(candidate) || !(await into.exists(candidate))) {
        const note = renamedNote(path, candidate);
        const { renamed } = store.getState().project.results;
        if (candidate !== path && !renamed.includes(note)) {
          update("project", ({ results }) => ({
            results: { ...results, renamed: [...results.renamed, note] },
          }));
          log(`${path} is there and was not written by this session; written as ${candidate}.`, {
            level: "warning",
          });
        }
        return candidate;
      }
    }
  };
}
