import type React from "react";
import type { MotionReport } from "#src/domain/motionReport.ts";
import { toScreen } from "../shared/viewport.ts";
import type { Size, ViewportControl } from "../shared/viewport.ts";
import { isDoubted } from "./cellMaps.ts";
import { Outline } from "./CellMapPicture.tsx";
import { viridis } from "./viridis.ts";

interface Drawn {
  readonly report: MotionReport;
  readonly view: ViewportControl;
  readonly stage: Size;
  readonly turned: boolean;
}

function pictureBelow(element: SVGElement): Element | null {
  return element.closest(".stage")?.querySelector("canvas.picture") ?? null;
}

/** What takes the pointer over the picture hands wheel and movement on: zoom and reading go on below it. */
const handOn = {
  onWheel: ({ currentTarget, nativeEvent }: React.WheelEvent<SVGElement>) => {
    pictureBelow(currentTarget)?.dispatchEvent(new WheelEvent("wheel", nativeEvent));
  },
  onPointerMove: ({ currentTarget, nativeEvent }: React.PointerEvent<SVGElement>) => {
    pictureBelow(currentTarget)?.dispatchEvent(new PointerEvent("pointermove", nativeEvent));
  },
};

/** Side of what takes the pointer at a trajectory's place, screen px. */
const REACH = 22;

/**
 * Motion over the picture, drawn larger than it is: white dot = reference frame, viridis to the last, dark
 * halo. `upTo` is a position among the aligned frames.
 */
export function Trajectories({
  report,
  view,
  stage,
  turned,
  magnify,
  upTo,
  localOnly,
  pointed,
  onPoint,
  onChoose,
}: Drawn & {
  magnify: number;
  upTo: number;
  localOnly: boolean;
  /** Track under the pointer. */
  pointed: number | null;
  readonly onPoint: (track: number | null) => void;
  readonly onChoose: (track: number) => void;
}) {
  const sx = report.micrograph.width / report.width;
  const sy = report.micrograph.height / report.height;
  const last = Math.max(1, report.frameIndices.length - 1);
  const { globalX, globalY } = report;
  return (
    <g data-testid="trajectories">
      {report.tracks.map((track, i) => {
        const points = track.dx.slice(0, upTo + 1).map((dx, t) => {
          const [ox, oy] = localOnly ? [globalX[t], globalY[t]] : [0, 0];
          const px = (track.x + 0.5 + magnify * (dx - ox)) * sx;
          const py = (track.y + 0.5 + magnify * (track.dy[t] - oy)) * sy;
          return toScreen(view, stage, turned, px, py);
        });
        const text = (p: { x: number; y: number }): string => `${p.x.toFixed(1)} ${p.y.toFixed(1)}`;
        const start = toScreen(view, stage, turned, (track.x + 0.5) * sx, (track.y + 0.5) * sy);
        const path = `M${points.map(text).join("L")}`;
        return (
          <g key={`${track.x},${track.y}`} strokeLinecap="round" fill="none">
            <path d={path} stroke="#000" strokeOpacity={0.65} strokeWidth={5} />
            {points.slice(1).map((p, t) => (
              <path
                key={t}
                d={`M${text(points[t])}L${text(p)}`}
                stroke={viridis((t + 1) / last)}
                strokeWidth={2.4}
              />
            ))}
            <circle cx={start.x} cy={start.y} r={3.4} fill="#000" fillOpacity={0.65} />
            <circle cx={start.x} cy={start.y} r={2.4} fill="#fff" />
            {i === pointed && (
              <Outline
                at={{ x: start.x - REACH / 2, y: start.y - REACH / 2 }}
                size={{ width: REACH, height: REACH }}
                inset={3}
                width={1.4}
              />
            )}
            <g
              style={{ pointerEvents: "all", cursor: "pointer" }}
              data-track={i}
              onPointerEnter={() => onPoint(i)}
              onPointerLeave={() => onPoint(null)}
              onClick={() => onChoose(i)}
              {...handOn}
            >
              <rect
                x={start.x - REACH / 2}
                y={start.y - REACH / 2}
                width={REACH}
                height={REACH}
                fill="transparent"
              />
              <path d={path} stroke="transparent" strokeWidth={14} pointerEvents="stroke" />
            </g>
          </g>
        );
      })}
    </g>
  );
}

/** Side of what takes a click on a patch, screen px. */
const CLICK_SIDE = 18;
/** Sides of the squares: least, and what the largest residual adds; of the mark of those that counted less. */
const SQUARE = { least: 3, more: 13, doubted: 16 } as const;

/** Residual of each patch as a square on its centre: its side grows with the residual; dashed white where it counted less. */
export function PatchResiduals({
  report,
  view,
  stage,
  turned,
  largest,
  chosen,
  onChoose,
}: Drawn & {
  largest: number;
  chosen: number | null;
  readonly onChoose: (patch: number) => void;
}) {
  const { diagnostics } = report;
  if (diagnostics === null) return null;
  const sx = report.micrograph.width / report.width;
  const sy = report.micrograph.height / report.height;
  return (
    <g data-testid="residuals">
      {diagnostics.patchX.map((x, i) => {
        const value = diagnostics.patchResidualPx[i];
        const known = Number.isFinite(value);
        const doubted = isDoubted(diagnostics.patchTrust?.[i] ?? 1);
        const at = toScreen(
          view,
          stage,
          turned,
          (x + 0.5) * sx,
          (diagnostics.patchY[i] + 0.5) * sy,
        );
        const side = known ? SQUARE.least + SQUARE.more * Math.min(1, value / largest) : 4;
        const square = (size: number) => ({
          x: at.x - size / 2,
          y: at.y - size / 2,
          width: size,
          height: size,
        });
        const around = (size: number) => ({
          at: { x: at.x - size / 2, y: at.y - size / 2 },
          size: { width: size, height: size },
        });
        return (
          <g key={`${x},${diagnostics.patchY[i]}`} {...(doubted ? { "data-doubted": true } : {})}>
            <rect
              {...square(side)}
              fill={known ? viridis(Math.min(1, value / largest)) : "none"}
              stroke={known ? "#000" : "#fff"}
              strokeOpacity={0.7}
            />
            {doubted && <Outline {...around(SQUARE.doubted)} inset={0} width={1.3} dashed />}
            {i === chosen && <Outline {...around(side + 8)} inset={0} width={2} />}
            <rect
              {...square(CLICK_SIDE)}
              fill="transparent"
              style={{ pointerEvents: "all", cursor: "pointer" }}
              data-patch={i}
              onClick={() => onChoose(i)}
              {...handOn}
            />
          </g>
        );
      })}
    </g>
  );
}
