import { useEffect, useRef } from "react";
import type { KeyboardEvent } from "react";
import type { OrientationReport, PoseTile } from "#src/domain/orientation.ts";
import { bestCandidate } from "#src/state/orientationSlice.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { fixed } from "../shared/format.ts";
import { shortPose } from "./orientationText.ts";

const TURNS = [0, 1, 2, 3];
/** Rows of the board: polarity and flip. Candidates come in pairs (multiply, divide) of eight poses. */
const ROWS = [
  { title: "Multiply", note: "no flip", first: 0, inverted: 0 },
  { title: "Multiply", note: "flip upside-down", first: 8, inverted: 0 },
  { title: "Divide", note: "no flip", first: 0, inverted: 1 },
  { title: "Divide", note: "flip upside-down", first: 8, inverted: 1 },
] as const;

const candidateAt = (row: number, turn: number): number =>
  ROWS[row].first + 2 * turn + ROWS[row].inverted;

function Tile({ tile }: { tile: PoseTile }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context == null) return;
    const image = context.createImageData(tile.columns, tile.rows);
    for (let i = 0; i < tile.grey.length; i++) {
      image.data.fill(tile.grey[i], 4 * i, 4 * i + 3);
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }, [tile]);
  return <canvas ref={canvas} width={tile.columns} height={tile.rows} aria-hidden />;
}

/** An F drawn in the pose, as the reference's content would stand. */
function PoseGlyph({ rotation90, flip }: { rotation90: number; flip: string }) {
  const mirror =
    flip === "upside-down" ? "scale(1 -1)" : flip === "left-right" ? "scale(-1 1)" : "";
  return (
    <svg className="pose-glyph" viewBox="-10 -10 20 20" aria-hidden>
      <path d="M-3 5V-5H4M-3 0H2" transform={`${mirror} rotate(${90 * rotation90})`} />
    </svg>
  );
}

/** The correlation with the sign of the score; no sign where it rounds to nothing. */
function signed(score: number, correlation: number): string {
  const text = fixed(Math.abs(correlation), 3);
  return Number(text) === 0 ? text : `${score >= 0 ? "+" : "−"}${text}`;
}

/** A score as a bar about zero, all on the scale of the best. */
function ScoreBar({ score, largest, best }: { score: number; largest: number; best: boolean }) {
  const half = 16;
  const length = Math.max(0.5, (half * Math.abs(score)) / Math.max(largest, 6));
  return (
    <svg width={2 * half + 1} height="10" aria-hidden>
      <path d={`M${half + 0.5} 0V10`} stroke="var(--line-strong)" />
      <rect
        x={score < 0 ? half + 0.5 - length : half + 0.5}
        y="2"
        width={length}
        height="6"
        fill={best ? "var(--pass)" : "var(--before)"}
      />
    </svg>
  );
}

/** Sixteen poses, each as the average looks when corrected so; arrow keys choose the left picture. */
export function PoseBoard({ report }: { report: OrientationReport }) {
  const left = useAppState((s) => s.orientation.left);
  const { lookAtPose, takePose } = useActions();
  const board = useRef<HTMLDivElement>(null);
  const best = bestCandidate(report);
  const largest = Math.max(...report.candidates.map((c) => Math.abs(c.score ?? 0)));

  const move = (event: KeyboardEvent, row: number, turn: number): void => {
    const steps: Readonly<Record<string, readonly [number, number]>> = {
      ArrowRight: [0, 1],
      ArrowLeft: [0, -1],
      ArrowDown: [1, 0],
      ArrowUp: [-1, 0],
    };
    const step = steps[event.key];
    if (event.key === "Enter") takePose(candidateAt(row, turn));
    else if (step !== undefined) {
      // Tiles of the wrong shape are passed over; a whole round ends where it began.
      let next = candidateAt(row, turn);
      for (let k = 1; k <= 4; k++) {
        next = candidateAt((row + k * step[0] + 4 * k) % 4, (turn + k * step[1] + 4 * k) % 4);
        if (report.candidates[next].score !== null) break;
      }
      void lookAtPose(next);
      board.current?.querySelector<HTMLElement>(`[data-candidate="${next}"]`)?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="pose-board" role="group" aria-label="Sixteen poses" ref={board}>
      <span />
      {TURNS.map((turn) => (
        <span key={turn} className="pose-turn">
          {turn * 90}°{turn === 0 ? "" : " cw"}
        </span>
      ))}
      {ROWS.map(({ title, note }, row) => [
        <div key={`${title} ${note}`} className="pose-row">
          <b>{title}</b>
          <span>{note}</span>
        </div>,
        ...TURNS.map((turn) => {
          const at = candidateAt(row, turn);
          const candidate = report.candidates[at];
          const tile = report.tiles[at];
          const winner = at === best && report.confident;
          const score = candidate.score;
          const words = `${title}, ${shortPose(candidate)}`;
          return (
            <button
              key={at}
              type="button"
              className="pose-tile"
              data-candidate={at}
              data-best={winner}
              aria-pressed={at === left}
              tabIndex={at === left ? 0 : -1}
              disabled={score === null}
              aria-label={`${words}: ${score === null ? (candidate.reason ?? "") : `${fixed(score, 1)} standard errors`}${winner ? ", best" : ""}`}
              onClick={() => void lookAtPose(at)}
              onKeyDown={(event) => move(event, row, turn)}
            >
              <span className="pose-picture">
                {tile !== null && <Tile tile={tile} />}
                <PoseGlyph {...candidate} />
                {winner ? (
                  <span className="pose-tag pass">best</span>
                ) : (
                  at === left && <span className="pose-tag">left</span>
                )}
              </span>
              <span className="pose-score">
                {score === null || candidate.correlation === null ? (
                  <span className="caption">{candidate.reason?.split(":")[0]}</span>
                ) : (
                  <>
                    {signed(score, candidate.correlation)}
                    <ScoreBar score={score} largest={largest} best={winner} />
                  </>
                )}
              </span>
            </button>
          );
        }),
      ])}
    </div>
  );
}
