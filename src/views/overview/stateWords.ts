import type { StatusKind } from "#src/domain/session.ts";
import type { ShownState } from "#src/state/overviewModel.ts";

/** States of movies in the overview: glyph, word in a row, and word behind a count. */
export const STATE_WORDS: Readonly<
  Record<ShownState, { readonly kind: StatusKind; readonly word: string; readonly count: string }>
> = {
  processed: { kind: "pass", word: "processed", count: "accepted" },
  filtered: { kind: "filtered", word: "filtered out", count: "filtered out" },
  deselected: { kind: "deselected", word: "deselected", count: "by hand" },
  failed: { kind: "failed", word: "failed", count: "failed" },
  outdated: { kind: "outdated", word: "outdated", count: "outdated" },
  running: { kind: "running", word: "running", count: "running" },
  unprocessed: { kind: "unprocessed", word: "unprocessed", count: "unprocessed" },
};
