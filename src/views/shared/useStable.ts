import { useState } from "react";

/** The same object for as long as `id` stays the same: for effects that depend on what `id` names. */
export function useStable<T>(value: T, id: string): T {
  const [held, setHeld] = useState({ id, value });
  if (held.id === id) return held.value;
  setHeld({ id, value });
  return value;
}
