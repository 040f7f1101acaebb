import { useVirtualizer } from "@tanstack/react-virtual";
import type { CSSProperties } from "react";
import { memo, useEffect, useMemo, useRef } from "react";
import { movieLabels } from "#src/domain/records/movieLabels.ts";
import { metricOf, metricText } from "#src/domain/records/metrics.ts";
import type { MetricId } from "#src/domain/records/metrics.ts";
import type { OverviewRow } from "#src/domain/records/movieRecord.ts";
import { numberedRows, presentMetrics, shownRows, shownState } from "#src/state/overviewModel.ts";
import type { RowColumn } from "#src/state/overviewModel.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Icon } from "../shared/Icon.tsx";
import { StatusGlyph } from "../shared/StatusGlyph.tsx";
import { distinctNames, integer } from "../shared/format.ts";
import { useElementSize } from "../shared/useElementSize.ts";
import { Thumbnail } from "../shell/Thumbnail.tsx";
import { TrackSketch } from "../shell/TrackSketch.tsx";
import { STATE_WORDS } from "./stateWords.ts";

const ROW = 34;
/** Below these widths, px: no track and reason; no thumbnail and number; states as glyphs. */
const [WIDE, ROOMY, WORDS] = [620, 520, 400];

/** Columns of numbers in the order in which they give way on narrow pages. */
const FIRST: readonly MetricId[] = [
  "gainSd",
  "driftA",
  "earlyA",
  "meanCounts",
  "gainSpread",
  "defocusA",
  "resolutionA",
  "lateA",
  "localRmsA",
  "gainPeak",
];
const NUMBER = 84;

/** The numbers that fit into the width, in the order of the metrics. */
function columnsFor(width: number, present: readonly MetricId[]): readonly MetricId[] {
  const room = width < WIDE ? 2 : Math.floor((width - 560) / (NUMBER + 10));
  const wanted = FIRST.filter((id) => present.includes(id)).slice(0, Math.max(2, room));
  return present.filter((id) => wanted.includes(id));
}

const Row = memo(function Row({
  row,
  name,
  columns,
  top,
  index,
  current,
  picked,
  wide,
  roomy,
}: {
  row: OverviewRow;
  /** What differs of its name. */
  name: string;
  columns: readonly MetricId[];
  top: number;
  index: number;
  current: boolean;
  picked: boolean;
  /** Whether tracks and reasons have room, and thumbnails and numbers. */
  wide: boolean;
  roomy: boolean;
}) {
  const { pickRow, openWorkspace, retry } = useActions();
  const shown = shownState(row);
  const { kind, word } = STATE_WORDS[shown];
  const faint = shown === "filtered" || shown === "deselected";
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={picked}
      tabIndex={current ? 0 : -1}
      data-current={current}
      className={`overview-row ${faint ? "faint" : ""}`}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) =>
        pickRow(
          row.id,
          event.shiftKey ? "range" : event.ctrlKey || event.metaKey ? "toggle" : "only",
        )
      }
      onDoubleClick={() => openWorkspace("motion")}
    >
      <span role="gridcell" className="pick-cell">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Pick ${row.name}`}
          checked={picked}
          onClick={(event) => event.stopPropagation()}
          onChange={() => pickRow(row.id, "toggle")}
        />
      </span>
      <span role="gridcell">
        <StatusGlyph kind={kind} word={row.running === null ? word : row.running} />
      </span>
      {roomy && (
        <>
          <span role="gridcell">
            <Thumbnail fileId={row.id} />
          </span>
          <span role="gridcell" className="number order">
            {integer(row.order)}
          </span>
        </>
      )}
      <span role="gridcell" className="ellipsis" title={row.path}>
        {name}
      </span>
      {row.failure !== null ? (
        <span
          role="gridcell"
          className="failure-cell"
          style={{ gridColumn: roomy ? "6 / -1" : "4 / -1" }}
        >
          <span className="ellipsis" title={row.failure.text}>
            {/* The name stands in its own column. */}
            {row.failure.text.replace(row.name, "…")}
          </span>
          <button
            type="button"
            className="text-button"
            tabIndex={-1}
            onClick={(event) => {
              event.stopPropagation();
              retry([row.id]);
            }}
          >
            Retry
          </button>
        </span>
      ) : (
        <>
          {wide && (
            <span role="gridcell">{row.track !== null && <TrackSketch track={row.track} />}</span>
          )}
          {columns.map((id) => (
            <span
              key={id}
              role="gridcell"
              className={`number ${row.beyond.includes(id) ? "beyond" : ""}`}
            >
              {row.metrics[id] === null ? "" : metricText(id, row.metrics[id])}
            </span>
          ))}
          {wide && (
            <span role="gridcell" className="ellipsis reason" title={row.reason}>
              {row.hand === "accepted"
                ? "accepted by hand"
                : row.hand === "rejected"
                  ? "by hand"
                  : row.reason}
            </span>
          )}
        </>
      )}
    </div>
  );
});

function Head({
  column,
  title,
  className = "",
}: {
  column: RowColumn;
  title: string;
  className?: string;
}) {
  const sort = useAppState((s) => s.overview.sort);
  const { sortBy } = useActions();
  const on = sort.column === column;
  const direction = sort.descending ? "descending" : "ascending";
  return (
    <span role="columnheader" aria-sort={on ? direction : "none"} className={className}>
      <button type="button" className="column-head" onClick={() => sortBy(column)}>
        {title}
        {on && (
          <span aria-hidden className={`sort ${sort.descending ? "down" : "up"}`}>
            <Icon name="down" size={10} />
          </span>
        )}
      </button>
    </span>
  );
}

/** All movies in rows of 34 px, drawn as they come into view; keys as in every table of the program. */
export function OverviewTable() {
  const rows = useAppState(shownRows);
  const every = useAppState(numberedRows);
  const selected = useAppState((s) => s.session.selected);
  const pickedIds = useAppState((s) => s.overview.picked);
  const { pickNext, pickAll, chooseMovies, openWorkspace } = useActions();
  const scroller = useRef<HTMLDivElement>(null);
  const { width } = useElementSize(scroller);
  const present = useMemo(() => presentMetrics(every), [every]);
  const columns = useMemo(() => columnsFor(width, present), [width, present]);
  const names = useMemo(() => {
    const short = distinctNames(every.map(movieLabels(every)));
    return new Map(every.map(({ id }, i) => [id, short[i]]));
  }, [every]);
  const picked = useMemo(() => new Set(pickedIds), [pickedIds]);
  const wide = width >= WIDE;
  const roomy = width >= ROOMY;
  const current = rows.findIndex((row) => row.id === selected);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  useEffect(() => {
    if (current < 0) return;
    virtual.scrollToIndex(current);
    const grid = scroller.current;
    if (grid?.contains(document.activeElement) === true)
      requestAnimationFrame(() =>
        grid.querySelector<HTMLElement>('[data-current="true"]')?.focus({ preventScroll: true }),
      );
  }, [current, virtual]);

  const template = [
    `20px ${width < WORDS ? "20px" : "minmax(98px, auto)"}`,
    ...(roomy ? ["30px minmax(34px, 44px)"] : []),
    `minmax(${roomy ? 104 : width < WORDS ? 60 : 84}px, 2fr)`,
    ...(wide ? ["50px"] : []),
    ...columns.map(() => `minmax(${roomy ? 62 : 50}px, ${NUMBER}px)`),
    ...(wide ? ["minmax(84px, 1.6fr)"] : []),
    // Where nothing but failures is known, they have a column still.
    ...(!wide && columns.length === 0 ? ["minmax(0, 3fr)"] : []),
  ].join(" ");
  const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / ROW) - 1);
  return (
    <div
      className={`overview-grid ${width < WORDS ? "wordless" : ""}`}
      role="grid"
      aria-label="Movies"
      aria-rowcount={rows.length + 1}
      aria-multiselectable
      style={{ "--columns": template, "--rows": rows.length } as CSSProperties}
    >
      <div role="row" aria-rowindex={1} className="overview-columns">
        <span role="columnheader">
          <span className="visually-hidden">picked</span>
        </span>
        <Head column="state" title="state" className="state-head" />
        {roomy && (
          <>
            <span role="columnheader">
              <span className="visually-hidden">first frame</span>
            </span>
            <Head column="order" title="no." className="number" />
          </>
        )}
        <Head column="name" title="movie" />
        {wide && (
          <span role="columnheader" className="centre">
            track
          </span>
        )}
        {columns.map((id) => {
          const { short, unit } = metricOf(id);
          return (
            <Head
              key={id}
              column={id}
              title={unit === "" || short.includes("Å") ? short : `${short}, ${unit}`}
              className="number"
            />
          );
        })}
        {wide && <Head column="reason" title="reason" />}
      </div>
      <div
        role="rowgroup"
        className="overview-rows"
        ref={scroller}
        onKeyDown={(event) => {
          const steps: Record<string, number> = {
            ArrowDown: 1,
            ArrowUp: -1,
            PageDown: page,
            PageUp: -page,
            Home: -rows.length,
            End: rows.length,
          };
          if (event.key in steps) pickNext(steps[event.key], event.shiftKey);
          else if (event.key === "Enter") openWorkspace("motion");
          else if (event.key === " ") {
            const row = rows.find(({ id }) => id === selected);
            const rejected = row?.state === "deselected";
            chooseMovies(rejected || row?.state === "filtered" ? "accepted" : "rejected");
          } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) pickAll();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return (
              <Row
                key={row.id}
                row={row}
                name={names.get(row.id) ?? row.name}
                columns={columns}
                top={item.start}
                index={item.index}
                current={item.index === current || (current < 0 && item.index === 0)}
                picked={picked.has(row.id)}
                wide={wide}
                roomy={roomy}
              />
            );
          })}
        </div>
        {rows.length === 0 && (
          <p className="caption overview-none">
            No movie matches. {integer(every.length)} are in the session.
          </p>
        )}
      </div>
    </div>
  );
}
