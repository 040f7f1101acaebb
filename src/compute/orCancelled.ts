import { CryoloupeError } from "#src/domain/errors.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";

/** Rejects as soon as the signal fires, though the work may go on for a moment. */
export async function orCancelled<T>(
  work: Promise<T>,
  signal: CancelSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await work;
  let listener = (): void => undefined;
  const cancelled = new Promise<never>((_, reject) => {
    listener = () => reject(new CryoloupeError("cancelled", "Cancelled."));
    signal.addEventListener("abort", listener, { once: true });
  });
  // The loser of the race must not be an unhandled rejection.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, cancelled]);
  } finally {
    signal.removeEventListener("abort", listener);
  }
}
