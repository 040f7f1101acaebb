import { useMemo } from "react";
import { micrographsToProcess, selectedMicrograph } from "#src/state/micrographSlice.ts";
import type { SessionMicrograph } from "#src/state/micrographSlice.ts";
import { useAppState } from "../AppContext.tsx";

/** The micrograph of the selected row, or null. */
export function useMicrograph(): SessionMicrograph | null {
  const session = useAppState((s) => s.session);
  const motion = useAppState((s) => s.motion);
  const table = useAppState((s) => s.micrograph.table);
  return useMemo(
    () => selectedMicrograph({ session, motion, micrograph: { table } }),
    [session, motion, table],
  );
}

/** The micrographs that are processed: all of the session, or those that a table names. */
export function useMicrographs(): readonly SessionMicrograph[] {
  const session = useAppState((s) => s.session);
  const motion = useAppState((s) => s.motion);
  const table = useAppState((s) => s.micrograph.table);
  return useMemo(
    () => micrographsToProcess({ session, motion, micrograph: { table } }),
    [session, motion, table],
  );
}
