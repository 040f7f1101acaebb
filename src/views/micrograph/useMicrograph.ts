import { useMemo } from "react";
import { micrographsOf, selectedMicrograph } from "#src/state/micrographSlice.ts";
import type { SessionMicrograph } from "#src/state/micrographSlice.ts";
import { useAppState } from "../AppContext.tsx";

/** The micrograph of the selected row, or null. */
export function useMicrograph(): SessionMicrograph | null {
  const session = useAppState((s) => s.session);
  const motion = useAppState((s) => s.motion);
  return useMemo(() => selectedMicrograph({ session, motion }), [session, motion]);
}

/** All micrographs of the session. */
export function useMicrographs(): readonly SessionMicrograph[] {
  const session = useAppState((s) => s.session);
  const motion = useAppState((s) => s.motion);
  return useMemo(() => micrographsOf({ session, motion }), [session, motion]);
}
