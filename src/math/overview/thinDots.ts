/**
 * Which dots of a plot to draw: of those that fall into one cell of `cell` px only the first, but every one
 * that `always` names. O(n); the picture stays the same at the dots' size.
 * @param x, y  places on the screen, px
 * @returns     positions, ascending
 */
export function thinDots(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  always: (index: number) => boolean,
  cell: number,
): number[] {
  const taken = new Set<number>();
  const kept: number[] = [];
  for (let i = 0; i < x.length; i++) {
    if (always(i)) {
      kept.push(i);
      continue;
    }
    const key = Math.floor(x[i] / cell) * 65_536 + Math.floor(y[i] / cell);
    if (taken.has(key)) continue;
    taken.add(key);
    kept.push(i);
  }
  return kept;
}
