import { useMemo } from "react";
import { micrographsToProcess, selectedMicrograph } from "#src/state/micrographSlice.ts";
import type { SessionMicrograph } from "#src/state/micrographSlice.ts";
import { preprocessed } from "#src/state/micrographDone.ts";
import { keySource } from "#src/state/stepKeys.ts";
import { useAppState } from "../AppContext.tsx";

/** The micrograph of the selected row, or null. */
export function useMicrograph(): SessionMicrograph | null {
  const session = useAppState((s) => s.session);
  const motion = useAppState((s) => s.motion);
  const table = useAppState((s) => s.micrograph.table);
  const records = useAppState((s) => s.project.records);
  return useMemo(
    () => selectedMicrograph({ session, motion, micrograph: { table }, project: { records } }),
    [session, motion, table, records],
  );
}

/** The micrographs that are processed: all of the session, or those that a table names. */
export function useMicrographs(): readonly SessionMicrograph[] {
  const session = useAppState((s) => s.session);
  const motion = useAppState((s) => s.motion);
  const table = useAppState((s) => s.micrograph.table);
  const records = useAppState((s) => s.project.records);
  return useMemo(
    () => micrographsToProcess({ session, motion, micrograph: { table }, project: { records } }),
    [session, motion, table, records],
  );
}

/** How many of these have no result, and how many one of other operations: counted when that may have changed. */
export function useUndone(micrographs: readonly SessionMicrograph[]): {
  readonly fresh: number;
  readonly outdated: number;
} {
  const madeWith = useAppState((s) => s.micrograph.madeWith);
  const form = useAppState((s) => s.micrograph.form);
  const records = useAppState((s) => s.project.records);
  const keys = useAppState(keySource);
  return useMemo(() => {
    const count = { no: 0, current: 0, outdated: 0 };
    for (const { fileId } of micrographs)
      count[preprocessed({ madeWith, form }, records, keys, fileId)]++;
    return { fresh: count.no, outdated: count.outdated };
  }, [micrographs, madeWith, form, records, keys]);
}
