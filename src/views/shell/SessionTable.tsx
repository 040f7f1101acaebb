import { useEffect, useMemo, useRef } from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { movieLabels } from "#src/domain/records/movieLabels.ts";
import type { SessionFile } from "#src/domain/session.ts";
import { frameSetOf } from "#src/state/sessionState.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { IconButton } from "../shared/Choice.tsx";
import { Icon } from "../shared/Icon.tsx";
import { StatusGlyph, statusWord } from "../shared/StatusGlyph.tsx";
import { counted, distinctNames, integer } from "../shared/format.ts";
import type { RowFacts, Workspace } from "../workspace.ts";
import { createRowFacts, selectRows } from "./rowFacts.ts";
import { Thumbnail } from "./Thumbnail.tsx";
import { TrackSketch } from "./TrackSketch.tsx";

const ROW = 46;

function Row({
  file,
  name,
  facts,
  selected,
  top,
  index,
  rail,
  tracks,
}: {
  file: SessionFile;
  name: string;
  facts: RowFacts;
  selected: boolean;
  top: number;
  index: number;
  rail: boolean;
  tracks: boolean;
}) {
  const version = useAppState((s) => s.session.versions[file.id] ?? 0);
  const { select, setView } = useActions();
  const bare = facts.value === "" && facts.track === null;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      tabIndex={selected ? 0 : -1}
      className="table-row"
      style={{ transform: `translateY(${top}px)` }}
      title={rail ? `${file.name}: ${facts.note}` : file.path}
      onClick={() => select(file.id)}
      onDoubleClick={() => setView({ headerOpen: true })}
    >
      <span role="gridcell">
        <StatusGlyph kind={facts.status} />
      </span>
      <span role="gridcell">
        {file.header === null ? (
          <span className="thumbnail" />
        ) : (
          <Thumbnail key={version} fileId={file.id} />
        )}
        {rail && <span className="visually-hidden">{file.name}</span>}
      </span>
      {!rail && (
        <>
          <span role="gridcell" className={`ellipsis ${bare ? "whole-row" : ""}`}>
            <div className="name ellipsis">{name}</div>
            <div className={`note ellipsis ${facts.status === "failed" ? "failed" : ""}`}>
              {facts.note}
            </div>
          </span>
          {!bare && (
            <span role="gridcell" className="value">
              {facts.value}
            </span>
          )}
          {!bare && tracks && (
            <span role="gridcell">
              {facts.track !== null && <TrackSketch track={facts.track} />}
            </span>
          )}
        </>
      )}
    </div>
  );
}

/** "3 warnings", but "3 processed". */
function plural(status: RowFacts["status"]): string {
  return status === "warn" ? "warnings" : statusWord(status);
}

/** What all movies share, once in the head: "40 × 4096², 0.94 Å/px". */
function commonFacts(files: readonly SessionFile[]): string {
  const headers = files.flatMap((file) => (file.header === null ? [] : [file.header]));
  const [first] = headers;
  if (first === undefined) return "";
  const same = headers.every(
    (h) => h.width === first.width && h.height === first.height && h.frames === first.frames,
  );
  if (!same) return "of several sizes";
  const size =
    first.width === first.height ? `${first.width}²` : `${first.width} × ${first.height}`;
  const pixel = first.pixelSizeA === null ? "" : `, ${Number(first.pixelSizeA.toFixed(3))} Å/px`;
  return `${first.frames > 1 ? `${integer(first.frames)} × ` : ""}${size}${pixel}`;
}

/** The rows of the session: what is selected here decides what viewer and panel show. */
export function SessionTable({ workspace, rail }: { workspace: Workspace; rail: boolean }) {
  const session = useAppState((s) => s.session);
  const { setView, openFiles, selectNext, joinAsMovie } = useActions();
  const scroller = useRef<HTMLDivElement>(null);
  const files = useAppState(selectRows);
  const names = useMemo(() => distinctNames(files.map(movieLabels(files))), [files]);
  const selectFacts = useMemo(() => createRowFacts(workspace), [workspace]);
  const facts = useAppState(selectFacts);
  const tracks = facts.some(({ track }) => track !== null);
  const selectedIndex = files.findIndex((file) => file.id === session.selected);
  const virtual = useVirtualizer({
    count: files.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  useEffect(() => {
    if (selectedIndex >= 0) virtual.scrollToIndex(selectedIndex);
    const grid = scroller.current;
    if (grid?.contains(document.activeElement) === true)
      requestAnimationFrame(() =>
        grid.querySelector<HTMLElement>('[aria-selected="true"]')?.focus({ preventScroll: true }),
      );
  }, [selectedIndex, virtual]);

  const counts = new Map<RowFacts["status"], number>();
  // References and other single images are no movies to be worked through.
  facts.forEach(({ status }, i) => {
    if (files[i].kind !== "image" && files[i].kind !== "defects")
      counts.set(status, (counts.get(status) ?? 0) + 1);
  });
  // Micrographs are single frames by right; elsewhere a set of them may be a movie.
  const frames =
    workspace.id === "micrograph" || session.selected === null
      ? []
      : frameSetOf(session, session.selected);
  const movies = files.filter((file) => file.kind === "movie");
  return (
    <aside
      className={`column table ${rail ? "rail" : ""} ${tracks ? "" : "trackless"}`}
      aria-label="Session"
    >
      <div className="table-head">
        {!rail && (
          <>
            <b className="strong">
              {movies.length > 0 ? counted(movies.length, "movie") : counted(files.length, "file")}
            </b>
            <span className="caption ellipsis facts">
              {commonFacts(movies.length > 0 ? movies : files)}
            </span>
            <IconButton icon="plus" label="Open more files" onClick={() => void openFiles()} />
          </>
        )}
        <IconButton
          icon={rail ? "list" : "left"}
          label={rail ? "Show names" : "Show thumbnails only"}
          shortcut="T"
          onClick={() => setView({ table: rail ? "list" : "rail" })}
        />
      </div>
      {!rail && frames.length > 1 && (
        <button
          type="button"
          className="text-button join-frames"
          onClick={() => void joinAsMovie(frames)}
        >
          <Icon name="plus" size={13} />
          Read {integer(frames.length)} files as one movie
        </button>
      )}
      {!rail && (
        <>
          <div className="table-counts">
            {[...counts].map(([status, count], i) => (
              <StatusGlyph
                key={status}
                kind={status}
                word={i === 0 ? counted(count, statusWord(status), plural(status)) : integer(count)}
              />
            ))}
          </div>
          <div className="table-columns" aria-hidden>
            <span />
            <span />
            <span>{files.some(({ kind }) => kind === "movie") ? "Movie" : "File"}</span>
            <span>{workspace.valueTitle}</span>
            {tracks && <span>track</span>}
          </div>
        </>
      )}
      <div
        className="table-rows"
        ref={scroller}
        role="grid"
        aria-label="Files"
        aria-rowcount={files.length}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") selectNext(1);
          else if (event.key === "ArrowUp") selectNext(-1);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => (
            <Row
              key={files[item.index].id}
              file={files[item.index]}
              name={names[item.index]}
              facts={facts[item.index]}
              selected={item.index === selectedIndex}
              top={item.start}
              index={item.index}
              rail={rail}
              tracks={tracks}
            />
          ))}
        </div>
      </div>
    </aside>
  );
}
