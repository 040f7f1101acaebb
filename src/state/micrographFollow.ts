import type { ActionContext } from "./context.ts";
import { micrographsToProcess } from "./micrographSlice.ts";
import type { AppState } from "./appState.ts";

/**
 * Processes micrographs as they come, while the switch is on and a folder takes the results: files that are opened
 * or come into a watched folder, and what the motion step makes. Each is taken once; what comes while a batch
 * runs makes the next one.
 */
export function followMicrographs(
  { store }: ActionContext,
  apply: (ids: readonly string[]) => Promise<void>,
): void {
  const taken = new Set<string>();
  let running = false;
  let looked: readonly unknown[] = [];

  const fresh = (state: AppState): readonly string[] => {
    const { follow, folder, results, failures } = state.micrograph;
    if (!follow || folder === null) return [];
    // As reports come, not records: of this visit, each when its pixels are there.
    const { session, motion, micrograph } = state;
    return micrographsToProcess({ session, motion, micrograph })
      .filter(({ fileId, version }) => {
        const id = `${fileId}/${version}`;
        if (taken.has(id)) return false;
        taken.add(id);
        // What was there before the switch was set, and is done or has failed, is the user's to redo.
        return version !== "" || (results[fileId] === undefined && failures[fileId] === undefined);
      })
      .map(({ fileId }) => fileId);
  };

  const pump = async (): Promise<void> => {
    if (running) return;
    running = true;
    try {
      for (let ids = fresh(store.getState()); ids.length > 0; ids = fresh(store.getState()))
        await apply(ids);
    } finally {
      running = false;
    }
  };

  store.subscribe((state) => {
    const { session, motion, micrograph } = state;
    const { follow, folder, table } = micrograph;
    const seen = [session.files, session.reference, motion.reports, follow, folder, table];
    if (seen.every((value, i) => value === looked[i])) return;
    looked = seen;
    void pump();
  });
}
