import { useEffect, useState } from "react";
import type { RunInfo } from "#src/state/runQueue.ts";
import { secondsLeft } from "#src/state/runQueue.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { SessionStatus } from "./SessionStatus.tsx";
import { Icon } from "../shared/Icon.tsx";
import { StatusGlyph } from "../shared/StatusGlyph.tsx";
import { counted, duration, integer } from "../shared/format.ts";

/** Seconds that tick while something runs, so that the time left moves. */
function useNow(active: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [active]);
  return now;
}

function progressText(run: RunInfo, now: number): string {
  const { progress, startedAt } = run;
  if (progress === null) return run.title;
  const parts = [run.title, progress.step];
  if (progress.total > 0) parts.push(`${integer(progress.done)} of ${integer(progress.total)}`);
  const elapsed = startedAt === null ? 0 : (now - startedAt) / 1000;
  if (progress.bytes !== undefined && elapsed > 0.5)
    parts.push(`${integer(progress.bytes / 1e6 / elapsed)} MB/s`);
  return parts.join(" · ");
}

/** What assistive technology hears: the step, at most every five seconds. */
function SpokenProgress({ text }: { text: string }) {
  const [spoken, setSpoken] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSpoken(text), spoken === "" ? 0 : 5000);
    return () => clearTimeout(timer);
  }, [text, spoken]);
  return (
    <span className="visually-hidden" role="status">
      {spoken}
    </span>
  );
}

function Running({ run, waiting }: { run: RunInfo; waiting: number }) {
  const now = useNow(true);
  const { cancelRun } = useActions();
  const { progress } = run;
  const fraction = progress === null || progress.total === 0 ? 0 : progress.done / progress.total;
  const left = secondsLeft(run, now);
  const text = progressText(run, now);
  return (
    <>
      <StatusGlyph kind="running" size={12} hidden />
      <span className="ellipsis">{run.cancelling ? "Cancelling" : text}</span>
      <span
        className="bar"
        role="progressbar"
        aria-label={run.title}
        aria-valuenow={Math.round(100 * fraction)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <i style={{ width: `${100 * fraction}%` }} />
      </span>
      {left !== null && <span>{duration(left)} left</span>}
      {waiting > 0 && <span>{integer(waiting)} more waiting</span>}
      <button type="button" className="text-button" onClick={() => cancelRun(run.id)}>
        Cancel
      </button>
      <SpokenProgress text={run.title} />
    </>
  );
}

function Resting() {
  const last = useAppState((s) => s.runs.last);
  const opening = useAppState((s) => s.session.opening);
  const backend = useAppState((s) => s.backend);
  if (opening > 0)
    return (
      <>
        <StatusGlyph kind="running" size={12} hidden />
        <span role="status">Reading the headers of {counted(opening, "file")}</span>
      </>
    );
  if (last !== null)
    return (
      <>
        <StatusGlyph
          kind={
            last.result === "done" ? "pass" : last.result === "failed" ? "failed" : "unprocessed"
          }
          size={12}
          hidden
        />
        <span className="ellipsis" role="status">
          {last.title} ·{" "}
          {last.result === "done"
            ? `${last.seconds.toFixed(1)} s`
            : last.result === "failed"
              ? "failed"
              : "cancelled"}
        </span>
      </>
    );
  if (backend.failure !== null)
    return (
      <>
        <StatusGlyph kind="failed" size={12} hidden />
        <span className="ellipsis">{backend.failure.message}</span>
      </>
    );
  if (backend.info === null)
    return (
      <>
        <StatusGlyph kind="running" size={12} hidden />
        <span>Looking for a graphics processor</span>
      </>
    );
  return (
    <>
      <StatusGlyph kind="pass" size={12} hidden />
      <span className="ellipsis">
        {backend.info.kind === "webgpu" ? "WebGPU" : "CPU"} ready: {backend.info.name}
      </span>
    </>
  );
}

export function StatusBar() {
  const active = useAppState((s) => s.runs.active);
  const waiting = useAppState((s) => s.runs.waiting.length);
  const failed = useAppState((s) => s.session.files.filter((file) => file.failure !== null).length);
  const { setView } = useActions();
  return (
    <footer className="status-bar" aria-label="Status">
      {active !== null ? <Running run={active} waiting={waiting} /> : <Resting />}
      {failed > 0 && (
        <>
          <span className="rule" />
          <StatusGlyph kind="failed" size={12} word={`${integer(failed)} failed`} />
        </>
      )}
      <SessionStatus />
      <span className="spacer" />
      <span className="row hide-narrow">
        <Icon name="lock" size={13} />
        Nothing leaves this computer
      </span>
      <span className="rule hide-narrow" />
      <button type="button" className="text-button" onClick={() => setView({ logOpen: true })}>
        <Icon name="log" size={13} />
        Log
      </button>
    </footer>
  );
}
