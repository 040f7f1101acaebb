import { useEffect, useState } from "react";
import { moviesAreMissing } from "#src/state/openResults.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { StatusGlyph } from "../shared/StatusGlyph.tsx";
import { integer } from "../shared/format.ts";
import { useReopenMovies } from "../shared/useReopenMovies.ts";

/** "14 min", "2 h", "just now". */
function ago(from: number, now: number): string {
  const minutes = Math.floor(Math.max(0, now - from) / 60_000);
  if (minutes < 1) return "";
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}

/** The time, twice a minute. */
function useMinutes(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Something stands still, and the button that mends it. */
function Mend({ word, label, onMend }: { word: string; label: string; onMend: () => void }) {
  return (
    <>
      <span className="rule" />
      <StatusGlyph kind="warn" size={12} word={word} />
      <button type="button" className="text-button" onClick={onMend}>
        {label}
      </button>
    </>
  );
}

/** Files of an earlier visit that the browser asks about. */
function WaitingFiles() {
  const waiting = useAppState((s) => s.project.waitingFiles);
  const { reopenFiles } = useActions();
  if (waiting === 0) return null;
  return (
    <Mend
      word={waiting === 1 ? "1 file is not open" : `${integer(waiting)} files are not open`}
      label="Reopen files"
      onMend={() => void reopenFiles()}
    />
  );
}

/** A session that was opened from its results, or whose files the browser does not keep: its movies are elsewhere until somebody shows where. */
function MissingMovies() {
  const missing = useAppState(moviesAreMissing);
  const { label, open } = useReopenMovies();
  if (!missing) return null;
  return <Mend word="Movies are not open" label={label} onMend={open} />;
}

function Stream() {
  const watching = useAppState((s) => s.project.watching);
  const { closeStream, reopenFolder } = useActions();
  const now = useMinutes();
  if (watching.state === "off") return null;
  if (watching.state === "permission")
    return (
      <Mend
        word={`${watching.folder ?? "The folder"} cannot be read`}
        label="Reopen folder"
        onMend={() => void reopenFolder()}
      />
    );
  if (watching.state === "gone")
    return (
      <Mend
        word={`Waiting for ${watching.folder ?? "the folder"} to be back`}
        label="Look now"
        onMend={() => void reopenFolder()}
      />
    );
  if (watching.state === "closed")
    return (
      <>
        <span className="rule" />
        <span className="hide-narrow">Stream closed</span>
        <button type="button" className="text-button" onClick={() => void reopenFolder()}>
          Watch again
        </button>
      </>
    );
  const quiet = ago(watching.lastNew ?? watching.since ?? now, now);
  const text =
    watching.settling > 0
      ? `Folder watched: ${integer(watching.settling)} still being written`
      : quiet === ""
        ? "Folder watched"
        : `Folder watched: no new movie for ${quiet}`;
  return (
    <>
      <span className="rule" />
      <span className="hide-narrow">{text}</span>
      <button
        type="button"
        className="text-button"
        title="No more movies are taken from the folder"
        onClick={closeStream}
      >
        Close the stream
      </button>
    </>
  );
}

function Plan() {
  const run = useAppState((s) => s.project.run);
  const { pause, resume } = useActions();
  if (run === "off") return null;
  return (
    <button type="button" className="text-button" onClick={run === "running" ? pause : resume}>
      {run === "running" ? "Pause" : "Go on"}
    </button>
  );
}

/** What the status bar says of the session: who works on it, its folder, where it is kept. */
export function SessionStatus() {
  const open = useAppState((s) => s.project.id !== null);
  const access = useAppState((s) => s.project.access);
  const memoryOnly = useAppState((s) => s.project.memoryOnly);
  const failure = useAppState((s) => s.project.results.failure);
  const lockedBy = useAppState((s) => s.project.results.lockedBy ?? null);
  const { takeOver } = useActions();
  if (!open) return null;
  if (access === "elsewhere")
    return (
      <Mend
        word="Another tab works on this session"
        label="Take over"
        onMend={() => void takeOver()}
      />
    );
  return (
    <>
      <Plan />
      <Stream />
      <WaitingFiles />
      <MissingMovies />
      {memoryOnly !== null && (
        <span title={memoryOnly}>
          <StatusGlyph kind="warn" size={12} word="Kept in memory only" />
        </span>
      )}
      {lockedBy !== null && (
        <span title={`Nothing is written there until it has ended: ${lockedBy}`}>
          <StatusGlyph kind="warn" size={12} word="A command works in the results folder" />
        </span>
      )}
      {failure !== null && (
        <span title={failure.message}>
          <StatusGlyph kind="failed" size={12} word="Results are not written" />
        </span>
      )}
    </>
  );
}
