import { useEffect, useState } from "react";
import { pictureId } from "#src/domain/picture.ts";
import type { PictureKey, PictureSummary, Profiles } from "#src/domain/picture.ts";
import { usePictures, usePictureVersion } from "../AppContext.tsx";
import { significant } from "./format.ts";
import { useStable } from "./useStable.ts";
import { toPicture } from "./viewport.ts";
import type { Size, ViewportControl } from "./viewport.ts";

/** Room that the profiles take at the edges of the stage, CSS px. */
export const PROFILE_SPACE = { left: 14, top: 14, right: 92, bottom: 112 } as const;

interface Band {
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

/** The part of a profile that is on screen, at most one point per screen px (means). */
function visibleBand(profile: Float64Array, from: number, to: number, px: number): Band {
  const first = Math.max(0, Math.floor(from));
  const last = Math.min(profile.length, Math.ceil(to));
  const cells = Math.max(1, Math.min(last - first, Math.round(px)));
  const points: { at: number; value: number }[] = [];
  for (let c = 0; c < cells; c++) {
    const a = first + Math.floor(((last - first) * c) / cells);
    const b = Math.max(a + 1, first + Math.floor(((last - first) * (c + 1)) / cells));
    let sum = 0;
    let n = 0;
    for (let i = a; i < b; i++)
      if (!Number.isNaN(profile[i])) {
        sum += profile[i];
        n++;
      }
    if (n > 0) points.push({ at: (a + b) / 2, value: sum / n });
  }
  return { points };
}

/** Three round ticks about the middle of the values. */
function ticks(values: readonly number[]): { from: number; to: number; marks: number[] } {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const mid = (low + high) / 2;
  const reach = Math.max((high - low) / 2, Math.abs(mid) * 1e-3, 1e-9) * 1.08;
  const raw = reach * 0.95;
  const decade = 10 ** Math.floor(Math.log10(raw));
  const step = ([5, 4, 3, 2, 1].find((s) => s * decade <= raw) ?? 1) * decade;
  const centre = Math.round(mid / step) * step;
  return {
    from: mid - reach,
    to: mid + reach,
    marks: [centre - step, centre, centre + step].filter(
      (v) => v >= mid - reach && v <= mid + reach,
    ),
  };
}

/** Means of rows and columns along the edges of the picture, in register with it. */
export function ProfilePlots({
  pictureKey,
  summary,
  view,
  stage,
  turned,
  unit,
}: {
  pictureKey: PictureKey;
  summary: PictureSummary;
  view: ViewportControl;
  stage: Size;
  turned: boolean;
  unit: string;
}) {
  const pictures = usePictures();
  const [profiles, setProfiles] = useState<Profiles | null>(null);
  const version = usePictureVersion();
  const asked = useStable({ ...pictureKey }, `${pictureId(pictureKey)}|${version}`);
  useEffect(() => {
    let live = true;
    pictures.profiles(asked).then(
      (found) => {
        if (live) setProfiles(found);
      },
      () => undefined,
    );
    return () => {
      live = false;
    };
  }, [asked, pictures, summary]);
  if (profiles === null || profiles.columns.length !== summary.width) return null;

  const a = toPicture(view, stage, turned, 0, 0);
  const b = toPicture(view, stage, turned, stage.width, stage.height);
  const columns = visibleBand(profiles.columns, a.x, b.x, stage.width).points;
  const rows = visibleBand(
    profiles.rows,
    Math.min(a.y, b.y),
    Math.max(a.y, b.y),
    stage.height,
  ).points;
  if (columns.length === 0 || rows.length === 0) return null;
  const cx = ticks(columns.map((p) => p.value));
  const ry = ticks(rows.map((p) => p.value));
  const screenX = (x: number): number => stage.width / 2 + (x - view.centreX) * view.scale;
  const screenY = (y: number): number =>
    stage.height / 2 + (turned ? -1 : 1) * (y - view.centreY) * view.scale;
  const x0 = Math.max(0, screenX(0));
  const x1 = Math.min(stage.width, screenX(summary.width));
  const yEdges = [screenY(0), screenY(summary.height)];
  const y0 = Math.max(0, Math.min(...yEdges));
  const y1 = Math.min(stage.height, Math.max(...yEdges));
  const columnY = (v: number): number => 8 + ((cx.to - v) / (cx.to - cx.from)) * 66;
  const rowX = (v: number): number => 10 + ((v - ry.from) / (ry.to - ry.from)) * 52;
  const decimals = (marks: readonly number[]): number =>
    marks.length < 2 ? 4 : Math.max(0, Math.min(6, -Math.floor(Math.log10(marks[1] - marks[0]))));
  const label = (v: number, marks: readonly number[]): string =>
    marks.length < 2 ? significant(v, 4) : v.toFixed(decimals(marks));
  const path = (points: readonly string[]): string => `M${points.join("L")}`;
  const lastColumn = Math.min(summary.width, Math.ceil(b.x)) - 1;

  return (
    <svg
      className="plot"
      width={stage.width + PROFILE_SPACE.left + PROFILE_SPACE.right}
      height={stage.height + PROFILE_SPACE.top + PROFILE_SPACE.bottom}
      style={{ position: "absolute", inset: 0, pointerEvents: "none" }}
      role="img"
      aria-label={`Mean of each column and of each row of ${unit}`}
    >
      <g transform={`translate(${PROFILE_SPACE.left} ${PROFILE_SPACE.top + y1 + 8})`}>
        {cx.marks.map((v) => (
          <g key={v}>
            <path className="grid-line" d={`M${x0} ${columnY(v)}H${x1}`} />
            <text x={x1 + 6} y={columnY(v) + 4}>
              {label(v, cx.marks)}
            </text>
          </g>
        ))}
        <path
          d={path(columns.map((p) => `${screenX(p.at).toFixed(1)} ${columnY(p.value).toFixed(1)}`))}
          fill="none"
          stroke="var(--series-x)"
          strokeLinejoin="round"
        />
        <text className="label" x={x0} y={92}>
          Mean of each column of {unit}
        </text>
        <text x={x1} y={92} textAnchor="end">
          column {Math.max(0, Math.floor(a.x))} – {lastColumn}
        </text>
      </g>
      <g transform={`translate(${PROFILE_SPACE.left + x1 + 4} ${PROFILE_SPACE.top})`}>
        {ry.marks.map((v, i) => (
          <g key={v}>
            <path className="grid-line" d={`M${rowX(v)} ${y0}V${y1}`} />
            {(ry.marks.length < 3 || i !== 1) && (
              <text x={rowX(v)} y={y0 - 4} textAnchor="middle">
                {label(v, ry.marks)}
              </text>
            )}
          </g>
        ))}
        <path
          d={path(rows.map((p) => `${rowX(p.value).toFixed(1)} ${screenY(p.at).toFixed(1)}`))}
          fill="none"
          stroke="var(--series-y)"
          strokeLinejoin="round"
        />
        <text
          className="label"
          transform={`translate(74 ${(y0 + y1) / 2}) rotate(90)`}
          textAnchor="middle"
        >
          Mean of each row of {unit}
        </text>
      </g>
    </svg>
  );
}
