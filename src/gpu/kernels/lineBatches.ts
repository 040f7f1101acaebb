/** Lines that one dispatch works on, so that each is over in milliseconds on a real device. */
const LINES_PER_DISPATCH = 1024;

/** Cuts lines into batches for one dispatch each. */
export function lineBatches(lines: number): { readonly first: number; readonly count: number }[] {
  const batches = [];
  for (let first = 0; first < lines; first += LINES_PER_DISPATCH)
    batches.push({ first, count: Math.min(LINES_PER_DISPATCH, lines - first) });
  return batches;
}

/** Lines of an image: how many, and values in each. */
export interface LineShape {
  readonly lines: number;
  readonly length: number;
}
