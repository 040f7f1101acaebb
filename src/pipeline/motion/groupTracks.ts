/** Blank groups say nothing: they are put on the line between their neighbours. */
export function bridge(g: Float64Array, blank: readonly number[]): Float64Array {
  if (blank.length === 0) return g;
  const out = g.slice();
  const seen = Array.from(g, (_, t) => t).filter((t) => !blank.includes(t));
  for (const t of blank) {
    const before = seen.findLast((s) => s < t) ?? seen[0];
    const after = seen.find((s) => s > t) ?? before;
    const f = after === before ? 0 : (t - before) / (after - before);
    out[t] = (1 - f) * g[before] + f * g[after];
  }
  return out;
}

/** Values at the middles of groups → values of every frame, linear between and beyond. */
export function overFrames(
  g: Float64Array,
  middles: readonly number[],
  frames: number,
): Float64Array {
  if (g.length === frames) return g.slice();
  return Float64Array.from({ length: frames }, (_, t) => {
    let i = 0;
    while (i < middles.length - 2 && middles[i + 1] < t) i++;
    const f = (t - middles[i]) / (middles[i + 1] - middles[i]);
    return g[i] + f * (g[i + 1] - g[i]);
  });
}
