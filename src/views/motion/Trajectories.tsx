import type { MotionReport } from "#src/domain/motionReport.ts";
import { toScreen } from "../shared/viewport.ts";
import type { Size, ViewportControl } from "../shared/viewport.ts";
import { viridis } from "./viridis.ts";

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
}: {
  report: MotionReport;
  view: ViewportControl;
  stage: Size;
  turned: boolean;
  magnify: number;
  upTo: number;
}) {
  const sx = report.micrograph.width / report.width;
  const sy = report.micrograph.height / report.height;
  const last = Math.max(1, report.frameIndices.length - 1);
  return (
    <g data-testid="trajectories">
      {report.tracks.map((track) => {
        const points = track.dx.slice(0, upTo + 1).map((dx, t) => {
          const px = (track.x + 0.5 + magnify * dx) * sx;
          const py = (track.y + 0.5 + magnify * track.dy[t]) * sy;
          return toScreen(view, stage, turned, px, py);
        });
        const text = (p: { x: number; y: number }): string => `${p.x.toFixed(1)} ${p.y.toFixed(1)}`;
        const start = toScreen(view, stage, turned, (track.x + 0.5) * sx, (track.y + 0.5) * sy);
        return (
          <g key={`${track.x},${track.y}`} strokeLinecap="round" fill="none">
            <path
              d={`M${points.map(text).join("L")}`}
              stroke="#000"
              strokeOpacity={0.65}
              strokeWidth={5}
            />
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
          </g>
        );
      })}
    </g>
  );
}

/** Side of what takes a click on a patch, screen px. */
const CLICK_SIDE = 18;

/** Residual of each patch as a square on its centre: its side grows with the residual; dashed white where it counted less. */
export function PatchResiduals({
  report,
  view,
  stage,
  turned,
  largest,
  chosen,
  onChoose,
}: {
  report: MotionReport;
  view: ViewportControl;
  stage: Size;
  turned: boolean;
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
        const doubted = (diagnostics.patchTrust?.[i] ?? 1) < 1;
        const at = toScreen(
          view,
          stage,
          turned,
          (x + 0.5) * sx,
          (diagnostics.patchY[i] + 0.5) * sy,
        );
        const side = known ? 3 + 13 * Math.min(1, value / largest) : 4;
        const square = (size: number) => ({
          x: at.x - size / 2,
          y: at.y - size / 2,
          width: size,
          height: size,
        });
        return (
          <g key={`${x},${diagnostics.patchY[i]}`}>
            <rect
              {...square(side)}
              fill={known ? viridis(Math.min(1, value / largest)) : "none"}
              stroke={known && !doubted ? "#000" : "#fff"}
              strokeOpacity={doubted ? 1 : 0.7}
              {...(doubted ? { strokeDasharray: "2 2", "data-doubted": true } : {})}
            />
            {i === chosen && (
              <rect {...square(side + 6)} fill="none" stroke="#fff" strokeWidth={2} />
            )}
            <rect
              {...square(CLICK_SIDE)}
              fill="transparent"
              style={{ pointerEvents: "all", cursor: "pointer" }}
              data-patch={i}
              onClick={() => onChoose(i)}
            />
          </g>
        );
      })}
    </g>
  );
}
