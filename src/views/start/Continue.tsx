import { Button } from "@mantine/core";
import { useRef, useState } from "react";
import type { StoredSession } from "#src/domain/records/project.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { IconButton } from "../shared/Choice.tsx";
import { Icon } from "../shared/Icon.tsx";
import { StatusGlyph } from "../shared/StatusGlyph.tsx";
import { counted, integer } from "../shared/format.ts";

const DAY = 86_400_000;
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** "today 09:12", "2 days ago", "17 May 2024". */
function when(at: number): string {
  const date = new Date(at);
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  const time = `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
  if (at >= midnight.getTime()) return `today ${time}`;
  const days = Math.ceil((midnight.getTime() - at) / DAY);
  if (days === 1) return `yesterday ${time}`;
  return days < 7 ? `${days} days ago` : DATE.format(date);
}

/** Whether a session is to be forgotten: asked in its place, since its results in the browser are gone then. */
function ForgetQuestion({
  session: { id, name, processed },
  onKeep,
  onForgotten,
}: {
  session: StoredSession;
  onKeep: () => void;
  onForgotten: () => void;
}) {
  const { deleteStoredSession } = useActions();
  return (
    <div
      className="forget"
      role="alertdialog"
      aria-label={`Forget ${name}?`}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onKeep();
      }}
    >
      <span>
        <b className="strong ellipsis">Forget {name}?</b>
        <span className="caption">
          {processed === 0
            ? "Its files stay where they are."
            : `${counted(processed, "result")} in the browser would be gone; files stay.`}
        </span>
      </span>
      <Button variant="default" ref={focusAtOnce} onClick={onKeep}>
        Keep
      </Button>
      <Button
        variant="default"
        onClick={() => {
          void deleteStoredSession(id);
          onForgotten();
        }}
      >
        Forget
      </Button>
    </div>
  );
}

/** The safe answer has the focus. */
function focusAtOnce(button: HTMLButtonElement | null): void {
  button?.focus();
}

/** Sessions that the browser keeps: go on with one, or have it forgotten. */
export function Continue() {
  const stored = useAppState((s) => s.project.stored);
  const { openStoredSession } = useActions();
  const [asked, setAsked] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  if (stored.length === 0) return null;
  /** Focus goes where the question came from, or to a neighbour of what is gone. */
  const focusNear = (id: string, gone: boolean): void => {
    setAsked(null);
    const at = stored.findIndex((session) => session.id === id);
    const near = gone ? (stored.at(at + 1) ?? stored.at(at - 1)) : stored[at];
    const page = list.current?.parentElement?.parentElement;
    requestAnimationFrame(() =>
      page
        ?.querySelector<HTMLElement>(
          near === undefined || near.id === (gone ? id : "")
            ? "button"
            : `[data-session="${CSS.escape(near.id)}"] ${gone ? ".continue" : "button:last-of-type"}`,
        )
        ?.focus(),
    );
  };
  return (
    <section aria-labelledby="continue-title">
      <div className="start-head">
        <h2 id="continue-title">Continue</h2>
        <span className="caption">asks once for the folder, then goes on where it stopped</span>
      </div>
      <ul className="continue-list" ref={list}>
        {stored.map((session) => {
          const { id, name, movies, processed, opened, folder } = session;
          return (
            <li key={id} data-session={id}>
              {asked === id ? (
                <ForgetQuestion
                  session={session}
                  onKeep={() => focusNear(id, false)}
                  onForgotten={() => focusNear(id, true)}
                />
              ) : (
                <>
                  <button
                    type="button"
                    className="continue"
                    onClick={() => void openStoredSession(id)}
                  >
                    <Icon name={folder === null ? "file" : "folder"} size={18} />
                    <span className="ellipsis">
                      <b className="strong">{name}</b>
                      <span className="caption">
                        {counted(movies, "movie")} ·{" "}
                        {processed >= movies ? "all done" : `${integer(processed)} done`} ·{" "}
                        {when(opened)}
                      </span>
                    </span>
                    <StatusGlyph
                      kind={processed >= movies && movies > 0 ? "pass" : "unprocessed"}
                      word=""
                    />
                  </button>
                  <IconButton
                    icon="close"
                    label={`Forget ${name}; its files stay where they are`}
                    onClick={() => setAsked(id)}
                  />
                </>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
