import { toFailure } from "#src/domain/errors.ts";
import type { ActionContext } from "./context.ts";

/** Does what the user asked for; what fails is told in the log and in a notice, and loses nothing else. */
export function createAttempt({
  update,
  log,
}: Pick<ActionContext, "update" | "log">): (work: () => Promise<void>) => Promise<void> {
  return async (work) => {
    try {
      await work();
    } catch (error) {
      const { message } = toFailure(error);
      log(message, { level: "error" });
      update("session", () => ({ notice: message }));
    }
  };
}
