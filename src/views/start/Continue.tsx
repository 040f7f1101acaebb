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

/** Sessions that the browser keeps: go on with one, or have it forgotten. */
export function Continue() {
  const stored = useAppState((s) => s.project.stored);
  const { openStoredSession, deleteStoredSession } = useActions();
  if (stored.length === 0) return null;
  return (
    <section aria-labelledby="continue-title">
      <div className="start-head">
        <h2 id="continue-title">Continue</h2>
        <span className="caption">asks once for the folder, then goes on where it stopped</span>
      </div>
      <ul className="continue-list">
        {stored.map(({ id, name, movies, processed, opened, folder }) => (
          <li key={id}>
            <button type="button" className="continue" onClick={() => void openStoredSession(id)}>
              <Icon name={folder === null ? "file" : "folder"} size={18} />
              <span className="ellipsis">
                <b className="strong">{name}</b>
                <span className="caption">
                  {counted(movies, "movie")} ·{" "}
                  {processed >= movies ? "all done" : `${integer(processed)} done`} · {when(opened)}
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
              onClick={() => void deleteStoredSession(id)}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
