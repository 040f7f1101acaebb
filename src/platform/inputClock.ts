/** Events that can change a parameter, as the browser stamps them before any handler runs. */
const KINDS = ["pointerdown", "pointermove", "keydown", "input", "click"] as const;
/** A change this long after the last event has another cause than that event, ms. */
const ANSWER_WITHIN_MS = 250;

let last = -Infinity;

/** Begins to note when the user acts; once, at start. */
export function watchInput(): void {
  for (const kind of KINDS)
    window.addEventListener(
      kind,
      (event) => {
        last = event.timeStamp;
      },
      { capture: true, passive: true },
    );
}

/**
 * When the user did what is being answered now, on the clock of `performance.now()`: the time stamp of the last
 * event, so that waiting in the page's own queue counts as well. Without a recent event: now.
 */
export function actedAt(): number {
  const now = performance.now();
  return now - last < ANSWER_WITHIN_MS ? last : now;
}
