import type { KeyboardEvent } from "react";
import type { Size } from "../shared/viewport.ts";
import type { CellMap } from "./cellMaps.ts";
import { viridis, VIRIDIS_GRADIENT } from "./viridis.ts";

/** Room that a map may take in the panel, screen px. */
const ROOM = { width: 416, height: 300 } as const;
/** Smaller cells carry no number; an arrow and a number need this height. */
const CELL_FOR_TEXT = { width: 28, height: 17 } as const;
const CELL_FOR_BOTH = 36;

/** Every map fills the same rectangle, which has the shape of the micrograph. */
function rectangleOf({ width, height }: Size): Size {
  const scale = Math.min(ROOM.width / width, ROOM.height / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A map over the micrograph with its colours: cells are pointed at, chosen by a click or with the arrow keys. */
export function CellMapPicture({
  map,
  movie,
  chosen,
  onPoint,
  onChoose,
}: {
  map: CellMap;
  movie: Size;
  chosen: number | null;
  readonly onPoint: (cell: number | null) => void;
  readonly onChoose: (cell: number) => void;
}) {
  const { columns, values, low, high } = map;
  const { width, height } = rectangleOf(movie);
  const rows = Math.ceil(values.length / columns);
  const cell = { width: width / columns, height: height / rows };
  const place = (k: number): { x: number; y: number } => ({
    x: (k % columns) * cell.width,
    y: Math.floor(k / columns) * cell.height,
  });
  const move = (event: KeyboardEvent): void => {
    if (!(event.key in MOVES)) return;
    const [dx, dy] = MOVES[event.key];
    const from = chosen ?? 0;
    const x = Math.min(columns - 1, Math.max(0, (from % columns) + dx));
    const y = Math.min(rows - 1, Math.max(0, Math.floor(from / columns) + dy));
    onChoose(chosen === null ? 0 : Math.min(values.length - 1, y * columns + x));
    event.preventDefault();
    event.stopPropagation();
  };
  const known = values.filter((v) => Number.isFinite(v));
  return (
    <>
      <div
        className="cell-map"
        role="group"
        tabIndex={0}
        aria-label={`${map.label}: ${map.caption}. Between ${map.text(Math.min(...known))} and ${map.text(Math.max(...known))} over the micrograph; arrow keys choose a place.`}
        onKeyDown={move}
        onPointerLeave={() => onPoint(null)}
      >
        <svg
          data-testid={`map-${map.id}`}
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          aria-hidden
        >
          {values.map((value, k) => (
            <Cell
              key={k}
              map={map}
              k={k}
              share={Number.isFinite(value) ? (value - low) / (high - low) : null}
              size={cell}
              at={place(k)}
              onPoint={onPoint}
              onChoose={onChoose}
            />
          ))}
          {chosen !== null && chosen < values.length && (
            <Outline at={place(chosen)} size={cell} inset={1} width={2} />
          )}
        </svg>
      </div>
      <div className="row map-key">
        <span className="colour-key">
          0
          <i style={{ background: VIRIDIS_GRADIENT }} />
          {map.end}
        </span>
        {map.doubted.includes(true) && <DoubtedKey />}
        <span className="spacer" />
        <span className="caption">row 0 at the top</span>
      </div>
    </>
  );
}

/** What a dashed outline means. */
export function DoubtedKey() {
  return (
    <span className="colour-key">
      <svg width={14} height={14} aria-hidden>
        <rect x={0} y={0} width={14} height={14} fill={viridis(0.45)} />
        <Outline
          at={{ x: 0, y: 0 }}
          size={{ width: 14, height: 14 }}
          inset={2}
          width={1.4}
          dashed
        />
      </svg>
      counted below 90 %
    </span>
  );
}

/** White with a dark halo, so that it stands on every colour. */
export function Outline({
  at,
  size,
  inset,
  width,
  dashed = false,
}: {
  at: { readonly x: number; readonly y: number };
  size: Size;
  inset: number;
  width: number;
  dashed?: boolean;
}) {
  const box = {
    x: at.x + inset,
    y: at.y + inset,
    width: Math.max(1, size.width - 2 * inset),
    height: Math.max(1, size.height - 2 * inset),
    fill: "none",
  };
  return (
    <>
      <rect {...box} stroke="#000" strokeOpacity={0.7} strokeWidth={width + 1.4} />
      <rect
        {...box}
        stroke="#fff"
        strokeWidth={width}
        {...(dashed ? { strokeDasharray: "3 2" } : {})}
      />
    </>
  );
}

function Cell({
  map,
  k,
  share,
  size,
  at,
  onPoint,
  onChoose,
}: {
  map: CellMap;
  k: number;
  /** Place in the scale of colours; null where nothing is known. */
  share: number | null;
  size: Size;
  at: { readonly x: number; readonly y: number };
  readonly onPoint: (cell: number) => void;
  readonly onChoose: (cell: number) => void;
}) {
  const ink = (share ?? 0) > 0.6 ? "#161b22" : "#ffffff";
  const arrow = map.arrows.at(k);
  const both = arrow === undefined || size.height >= CELL_FOR_BOTH;
  const written = size.width >= CELL_FOR_TEXT.width && size.height >= CELL_FOR_TEXT.height && both;
  const textY = arrow === undefined ? size.height / 2 + 3.5 : size.height - 4;
  return (
    <g
      transform={`translate(${at.x.toFixed(2)} ${at.y.toFixed(2)})`}
      style={{ cursor: "pointer" }}
      onPointerEnter={() => onPoint(k)}
      onClick={() => onChoose(k)}
      {...(map.doubted[k] ? { "data-doubted": true } : {})}
    >
      <rect
        // Neighbours touch without a seam.
        width={size.width + 0.5}
        height={size.height + 0.5}
        fill={share === null ? "#808080" : viridis(share)}
        shapeRendering="crispEdges"
      />
      {map.doubted[k] && <Outline at={{ x: 0, y: 0 }} size={size} inset={2} width={1.2} dashed />}
      {arrow !== undefined && (
        <Arrow
          dx={arrow.dx}
          dy={arrow.dy}
          longest={Math.max(1e-9, ...map.arrows.map((a) => Math.hypot(a.dx, a.dy)))}
          size={{ width: size.width, height: size.height - (written ? 14 : 0) }}
          ink={ink}
        />
      )}
      {written && (
        <text x={size.width / 2} y={textY} textAnchor="middle" fill={ink}>
          {map.short(map.values[k])}
        </text>
      )}
    </g>
  );
}

/** An arrow about the middle of a cell; the longest of the map fills it. */
function Arrow({
  dx,
  dy,
  longest,
  size,
  ink,
}: {
  dx: number;
  dy: number;
  longest: number;
  size: Size;
  ink: string;
}) {
  const length = Math.hypot(dx, dy);
  const scale = (0.8 * Math.min(size.width, size.height)) / longest;
  const [x, y] = [(dx * scale) / 2, (dy * scale) / 2];
  const [cx, cy] = [size.width / 2, size.height / 2];
  const head = Math.min(5, 0.5 * length * scale);
  const wing = (turn: number): string => {
    const angle = Math.atan2(dy, dx) + turn;
    return `${(cx + x - head * Math.cos(angle)).toFixed(1)} ${(cy + y - head * Math.sin(angle)).toFixed(1)}`;
  };
  const tip = `${(cx + x).toFixed(1)} ${(cy + y).toFixed(1)}`;
  return (
    <path
      d={`M${(cx - x).toFixed(1)} ${(cy - y).toFixed(1)}L${tip}M${wing(0.45)}L${tip}L${wing(-0.45)}`}
      fill="none"
      stroke={ink}
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  );
}
