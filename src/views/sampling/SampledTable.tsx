import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { astigmatismA, samplingDefocus } from "#src/domain/ctf.ts";
import type { CtfTable, DefocusSample } from "#src/domain/ctf.ts";
import { fileStem, picturesByName, picturesOf, sortedRows } from "#src/state/samplingRows.ts";
import type { SortKey } from "#src/state/samplingRows.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice, IconButton } from "../shared/Choice.tsx";
import { distinctNames, fixed, integer } from "../shared/format.ts";
import { StatusGlyph } from "../shared/StatusGlyph.tsx";
import { Thumbnail } from "../shell/Thumbnail.tsx";

const ROW = 34;

/** The chosen micrographs, or all estimates with the reason where they are left out. */
export function SampledTable({ table, sample }: { table: CtfTable; sample: DefocusSample }) {
  const scroller = useRef<HTMLDivElement>(null);
  const list = useAppState((s) => s.sampling.list);
  const current = useAppState((s) => s.sampling.current);
  const reasons = useAppState((s) => s.sampling.reasons);
  const locked = useAppState((s) => s.sampling.options.locked);
  const files = useAppState((s) => s.session.files);
  const { setSampling, toggleLock, leaveOut } = useActions();
  const byName = useMemo(() => picturesByName(files), [files]);
  const withPictures = byName.size > 0;
  const withSpectra = useMemo(
    () => withPictures && table.estimates.some((e) => picturesOf(e, byName).spectrum !== null),
    [withPictures, table, byName],
  );
  const chosen = useMemo(() => new Set(sample.rows), [sample]);
  const names = useMemo(
    () => distinctNames(table.estimates.map((e) => fileStem(e.micrograph))),
    [table],
  );
  const [sort, setSort] = useState<{ key: SortKey; down: boolean } | null>(null);
  const rows = useMemo(
    () =>
      sortedRows(
        table,
        list === "all" ? null : sample.rows,
        sort?.key ?? null,
        sort?.down === true,
      ),
    [list, table, sample, sort],
  );
  const head = (key: SortKey, text: string) => (
    <span
      role="columnheader"
      aria-sort={sort?.key !== key ? "none" : sort.down ? "descending" : "ascending"}
    >
      <button
        type="button"
        tabIndex={-1}
        onClick={() =>
          setSort(
            sort?.key === key ? (sort.down ? null : { key, down: true }) : { key, down: false },
          )
        }
      >
        {text}
        {sort?.key === key ? (sort.down ? " ↓" : " ↑") : ""}
      </button>
    </span>
  );
  // The virtualizer hands out functions that change with scrolling; nothing here is memoized over them.
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  const at = current === null ? -1 : rows.indexOf(current);
  const scrollTo = virtual.scrollToIndex;
  useEffect(() => {
    if (at >= 0) scrollTo(at);
  }, [at, scrollTo]);

  const select = (index: number): void => {
    if (rows.length === 0) return;
    setSampling({ current: rows[Math.max(0, Math.min(rows.length - 1, index))] });
  };
  const keyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW) - 1);
    const next: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: rows.length - 1,
    };
    if (event.key === "Enter" && at >= 0) setSampling({ shown: "viewer" });
    else if (event.key in next) select(next[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section className="sampling-part" aria-label="Micrographs">
      <div className="sampling-part-head">
        <h2>{list === "all" ? "All estimates" : "Sampled micrographs"}</h2>
        <span className="caption hide-narrow">Enter opens the viewer</span>
        <span className="spacer" />
        <Choice
          label="Rows"
          value={list}
          options={[
            { value: "sampled", label: "Sampled" },
            { value: "all", label: "All" },
          ]}
          onChange={(value) => setSampling({ list: value })}
        />
      </div>
      <div
        className={`sampling-rows${withSpectra ? " pictures" : withPictures ? " pictures one" : ""}`}
        role="grid"
        aria-label={list === "all" ? "All estimates" : "Sampled micrographs"}
        aria-rowcount={rows.length + 1}
        tabIndex={0}
        onKeyDown={keyDown}
      >
        <div className="sampling-row head" role="row" aria-rowindex={1}>
          {withPictures && <span role="columnheader" aria-label="picture" />}
          {withSpectra && <span role="columnheader">PSD</span>}
          {head("name", "name")}
          {head("defocus", "defocus, µm")}
          {head("astigmatism", "astig., nm")}
          {head("resolution", "rings, Å")}
          {head("score", "score")}
          <span role="columnheader" aria-label="actions" />
        </div>
        <div className="sampling-scroll" ref={scroller} role="presentation">
          <div style={{ height: virtual.getTotalSize(), position: "relative" }} role="presentation">
            {virtual.getVirtualItems().map((item) => {
              const estimate = table.estimates[rows[item.index]];
              const reason = reasons[estimate.row] ?? null;
              const pictures = withPictures ? picturesOf(estimate, byName) : null;
              const isLocked = locked.includes(estimate.micrograph);
              const astigmatism = astigmatismA(estimate);
              return (
                <div
                  key={item.key}
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-selected={estimate.row === current}
                  className={`sampling-row ${reason !== null ? "out" : ""}`}
                  style={{ transform: `translateY(${item.start}px)` }}
                  title={
                    reason === null ? estimate.micrograph : `${estimate.micrograph}: ${reason}`
                  }
                  onClick={() => setSampling({ current: estimate.row })}
                  onDoubleClick={() => setSampling({ current: estimate.row, shown: "viewer" })}
                >
                  {pictures !== null && (
                    <span role="gridcell">
                      {pictures.micrograph !== null && <Thumbnail fileId={pictures.micrograph} />}
                    </span>
                  )}
                  {pictures !== null && withSpectra && (
                    <span role="gridcell">
                      {pictures.spectrum !== null && <Thumbnail fileId={pictures.spectrum} />}
                    </span>
                  )}
                  <span role="gridcell" className="row ellipsis">
                    {list === "all" && chosen.has(estimate.row) && (
                      <StatusGlyph kind="pass" size={11} />
                    )}
                    {reason !== null && <StatusGlyph kind="filtered" size={11} />}
                    <span className="ellipsis">{names[estimate.row]}</span>
                  </span>
                  <span role="gridcell">
                    {estimate.failure === null ? fixed(samplingDefocus(estimate) / 1e4, 3) : "–"}
                  </span>
                  <span role="gridcell">
                    {estimate.failure === null && astigmatism !== null
                      ? integer(astigmatism / 10)
                      : "–"}
                  </span>
                  <span role="gridcell">{fixed(estimate.resolutionA, 2)}</span>
                  <span role="gridcell">{fixed(estimate.figureOfMerit, 3)}</span>
                  <span role="gridcell" className="sampling-actions">
                    {reason === null && (
                      <>
                        <IconButton
                          icon="lock"
                          label={isLocked ? "Unlock" : "Lock: stays in the sample"}
                          pressed={isLocked}
                          onClick={() => toggleLock(estimate.micrograph)}
                        />
                        <IconButton
                          icon="close"
                          label="Leave out"
                          onClick={() => leaveOut([estimate.micrograph])}
                        />
                      </>
                    )}
                  </span>
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </section>
  );
}
