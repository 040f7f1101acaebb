/** The track of a movie in 50 × 34 px, the dot at its first frame; one scale for both axes. */
export function TrackSketch({
  track,
}: {
  track: { readonly x: readonly number[]; readonly y: readonly number[] };
}) {
  const span = Math.max(
    1e-6,
    Math.max(...track.x) - Math.min(...track.x),
    Math.max(...track.y) - Math.min(...track.y),
  );
  const scale = 24 / span;
  const midX = (Math.max(...track.x) + Math.min(...track.x)) / 2;
  const midY = (Math.max(...track.y) + Math.min(...track.y)) / 2;
  const points = track.x.map(
    (x, i) =>
      `${(25 + (x - midX) * scale).toFixed(1)} ${(17 + (track.y[i] - midY) * scale).toFixed(1)}`,
  );
  const [x0, y0] = points[0].split(" ");
  return (
    <svg width="50" height="34" aria-hidden>
      <path d={`M${points.join("L")}`} fill="none" stroke="var(--text-2)" strokeWidth="1.300" />
      <circle cx={x0} cy={y0} r="2" fill="var(--text-2)" />
    </svg>
  );
}
