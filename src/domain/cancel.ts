import { CryoloupeError } from "./errors.ts";

/** The part of `AbortSignal` that the engine needs; every `AbortSignal` is one. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Throws `cancelled` when the signal has fired. */
export function throwIfCancelled(signal: CancelSignal | undefined): void {
  if (signal?.aborted === true) throw new CryoloupeError("cancelled", "Cancelled.");
}
