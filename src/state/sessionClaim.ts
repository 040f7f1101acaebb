import { holdSession } from "#src/platform/sessionLock.ts";
import type { HeldLock } from "#src/platform/sessionLock.ts";
import type { ActionContext } from "./context.ts";

/** Which of several tabs works on a session. */
export interface SessionClaim {
  /** Whether this tab works on the session; `steal` takes it from another. */
  readonly claim: (id: string, steal?: boolean) => Promise<boolean>;
  readonly release: () => void;
}

/** `onLosing`: another tab has taken the session over. */
export function createSessionClaim(
  { update, log }: Pick<ActionContext, "update" | "log">,
  onLosing: () => void,
): SessionClaim {
  let lock: HeldLock | null = null;

  /** The one tab that works on a session; others show it. */
  const claim = async (id: string, steal = false): Promise<boolean> => {
    lock?.release();
    const onLost = (): void => {
      onLosing();
      update("project", () => ({ access: "elsewhere" as const }));
      log("Another tab has taken this session over; this one only shows it.", {
        level: "warning",
      });
    };
    lock = await holdSession(id, { steal, onLost });
    // The page before a reload may be about to go.
    for (let i = 0; lock === null && i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      lock = await holdSession(id, { steal, onLost });
    }
    const own = lock !== null;
    update("project", () => ({ access: own ? ("own" as const) : ("elsewhere" as const) }));
    if (!own)
      log("This session is open in another tab, which works on it; this one only shows it.", {
        level: "warning",
      });
    return own;
  };

  return {
    claim,
    release: () => {
      lock?.release();
      lock = null;
    },
  };
}
