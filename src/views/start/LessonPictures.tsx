import type { LessonId } from "#src/state/viewSlice.ts";

/** Signs for the lessons, drawn in the page's own colours: no picture of data, and none is claimed. */
export function LessonPicture({ id }: { id: LessonId }) {
  return (
    <svg viewBox="0 0 320 128" preserveAspectRatio="xMidYMid slice" aria-hidden>
      <rect width="320" height="128" fill="var(--canvas)" />
      {id === "pose" && <Pose />}
      {id === "drift" && <Rings />}
      {id === "defocus" && <Bars />}
    </svg>
  );
}

/** A lattice of lines at the left that is gone at the right, and the F in two poses. */
function Pose() {
  const lines = [14, 37, 52, 81, 96, 133];
  return (
    <>
      {lines.map((x, i) => (
        <rect
          key={x}
          x={x}
          width={i % 2 === 0 ? 2 : 9}
          height="128"
          fill="var(--before)"
          opacity={0.25 + 0.08 * i}
        />
      ))}
      {[9, 41, 58, 92, 117].map((y, i) => (
        <rect
          key={y}
          y={y}
          width="160"
          height={i % 2 === 0 ? 7 : 2}
          fill="var(--before)"
          opacity={0.45 - 0.06 * i}
        />
      ))}
      <path d="M160 0v128" stroke="var(--surface)" strokeWidth="2" />
      <g fill="none" stroke="var(--text)" strokeWidth="7" opacity="0.75">
        <path d="M66 40v48M66 88h30M66 66h22" />
        <path d="M226 88V40h30M226 62h22" />
      </g>
    </>
  );
}

/** Thon rings: blurred along one direction before, round after. */
function Rings() {
  const radii = [16, 28, 37, 45, 52, 58.5, 64.5, 70];
  return (
    <>
      <clipPath id="lesson-left">
        <rect width="160" height="128" />
      </clipPath>
      <clipPath id="lesson-right">
        <rect x="160" width="160" height="128" />
      </clipPath>
      <g fill="none" stroke="var(--text-2)" strokeWidth="2.600">
        <g clipPath="url(#lesson-left)">
          {radii.slice(0, 5).map((r, i) => (
            <ellipse key={r} cx="160" cy="64" rx={r} ry={r * 0.97} opacity={0.75 - 0.16 * i} />
          ))}
        </g>
        <g clipPath="url(#lesson-right)">
          {radii.map((r, i) => (
            <circle key={r} cx="160" cy="64" r={r} opacity={0.9 - 0.07 * i} />
          ))}
        </g>
      </g>
      <path d="M160 0v128" stroke="var(--surface)" strokeWidth="2" />
    </>
  );
}

/** A crowded population, and an even sample of it. */
function Bars() {
  const heights = [30, 62, 88, 96, 74, 55, 40, 28, 18, 12, 8, 5];
  return (
    <>
      {heights.map((height, i) => (
        <g key={height}>
          <rect
            x={22 + 23.5 * i}
            y={112 - height}
            width="20"
            height={height}
            fill="var(--population)"
          />
          <rect
            x={28 + 23.5 * i}
            y={112 - Math.min(height, 20)}
            width="8"
            height={Math.min(height, 20)}
            fill="var(--accent)"
          />
        </g>
      ))}
      <path d="M16 112h290" stroke="var(--line-strong)" />
    </>
  );
}
