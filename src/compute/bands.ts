/** A range of lines `[start, end)`. */
export interface Band {
  readonly start: number;
  readonly end: number;
}

/** Cuts `lines` lines into at most `parts` bands of nearly equal height, none of them empty. */
export function bandsOf(lines: number, parts: number): Band[] {
  const n = Math.max(1, Math.min(parts, lines));
  return Array.from({ length: n }, (_, i) => ({
    start: Math.floor((i * lines) / n),
    end: Math.floor(((i + 1) * lines) / n),
  }));
}
