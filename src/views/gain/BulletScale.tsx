const WIDTH = 136;

/**
 * One figure against its limit: hatched where a flat detector would stand with these counts, a bar at
 * the limit, a ring for this movie, a diamond for all. An arrow at the end where a value lies beyond.
 */
export function BulletScale({
  from,
  limit,
  floor,
  movie,
  all,
}: {
  from: number;
  limit: number;
  floor: number | null;
  movie: number | null;
  all: number | null;
}) {
  const to = from + (limit - from) * 1.55;
  const place = (value: number): number =>
    Math.max(0, Math.min(1, (value - from) / (to - from))) * WIDTH;
  const beyond = (value: number | null): boolean => value !== null && value > to;
  return (
    <svg width={WIDTH} height="30" aria-hidden className="bullet">
      <defs>
        <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse">
          <path d="M0 5L5 0" stroke="var(--text-3)" strokeWidth="1" />
        </pattern>
      </defs>
      <rect x="0" y="11" width={WIDTH} height="8" rx="2" fill="var(--sunken)" />
      {floor !== null && <rect x="0" y="11" width={place(floor)} height="8" fill="url(#hatch)" />}
      <path d={`M${place(limit)} 5V25`} stroke="var(--text)" strokeWidth="2" />
      {movie !== null && !beyond(movie) && (
        <circle
          cx={Math.max(4, place(movie))}
          cy="15"
          r="4"
          fill="var(--surface)"
          stroke="var(--text-2)"
          strokeWidth="1.500"
        />
      )}
      {all !== null && !beyond(all) && (
        <path
          d={`M${Math.max(5, place(all))} 9.500l5.500 5.500-5.500 5.500-5.500-5.500z`}
          fill="var(--accent)"
          stroke="var(--surface)"
        />
      )}
      {(beyond(movie) || beyond(all)) && (
        <path
          d={`M${WIDTH - 9} 10l5 5-5 5`}
          fill="none"
          stroke="var(--text-2)"
          strokeWidth="1.500"
        />
      )}
    </svg>
  );
}
