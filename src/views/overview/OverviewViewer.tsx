import { Button, TextInput } from "@mantine/core";
import {
  SHOWN_STATES,
  allRows,
  pickedByHand,
  shownRows,
  stateCounts,
} from "#src/state/overviewModel.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Icon } from "../shared/Icon.tsx";
import { Empty } from "../shared/PanelParts.tsx";
import { StatusGlyph } from "../shared/StatusGlyph.tsx";
import { counted, integer } from "../shared/format.ts";
import { ChangeBars } from "./ChangeBars.tsx";
import { OverviewTable } from "./OverviewTable.tsx";
import { Trends } from "./Trends.tsx";
import { STATE_WORDS } from "./stateWords.ts";

/** Counts by state, each a filter of the table. */
function Counts() {
  const rows = useAppState(allRows);
  const states = useAppState((s) => s.overview.states);
  const { setOverview } = useActions();
  const counts = stateCounts(rows);
  return (
    <div className="overview-counts" role="group" aria-label="Show only">
      {SHOWN_STATES.filter((state) => counts[state] > 0 || states.includes(state)).map((state) => {
        const { kind, count } = STATE_WORDS[state];
        const on = states.includes(state);
        return (
          <button
            key={state}
            type="button"
            className="text-button"
            aria-pressed={on}
            title={on ? "Show all" : `Show only these`}
            onClick={() =>
              setOverview({ states: on ? states.filter((s) => s !== state) : [...states, state] })
            }
          >
            <StatusGlyph kind={kind} word={`${integer(counts[state])} ${count}`} />
          </button>
        );
      })}
    </div>
  );
}

function Head() {
  const total = useAppState((s) => allRows(s).length);
  const shown = useAppState((s) => shownRows(s).length);
  const text = useAppState((s) => s.overview.text);
  // A demo keeps nothing, so nothing can be chosen in it.
  const kept = useAppState((s) => s.project.order.length > 0);
  const picked = useAppState((s) => s.overview.picked);
  const chosen = useAppState(pickedByHand);
  const { setOverview, chooseMovies } = useActions();
  const many = picked.length > 1 ? ` ${integer(picked.length)}` : "";
  return (
    <div className="overview-head">
      <b className="strong">{counted(total, "movie")}</b>
      <Counts />
      <span className="spacer" />
      {shown < total && (
        <span className="caption" role="status">
          {integer(shown)} shown
        </span>
      )}
      <TextInput
        className="overview-search"
        aria-label="Find by name, flag or reason"
        placeholder="name or flag"
        leftSection={<Icon name="search" size={14} />}
        value={text}
        onChange={(event) => setOverview({ text: event.currentTarget.value })}
      />
      {chosen && (
        <Button variant="default" onClick={() => chooseMovies(null)}>
          By thresholds
        </Button>
      )}
      <Button
        variant="default"
        disabled={!kept || picked.length === 0}
        onClick={() => chooseMovies("accepted")}
      >
        Accept{many}
      </Button>
      <Button
        variant="default"
        disabled={!kept || picked.length === 0}
        onClick={() => chooseMovies("rejected")}
      >
        Reject{many}
      </Button>
    </div>
  );
}

/** The table at full width, trend plots over the acquisition above it (ui §1). */
export function OverviewViewer() {
  const empty = useAppState((s) => allRows(s).length === 0);
  const opening = useAppState((s) => s.session.opening);
  const { openFiles } = useActions();
  return (
    <main className="column viewer overview" aria-label="Overview">
      <Head />
      {empty ? (
        <Empty
          action={
            opening > 0 ? undefined : (
              <Button variant="default" onClick={() => void openFiles()}>
                Open files
              </Button>
            )
          }
        >
          {opening > 0
            ? `Reading the headers of ${counted(opening, "file")}.`
            : "This session has no movies yet."}
        </Empty>
      ) : (
        <>
          <Trends />
          <ChangeBars />
          <OverviewTable />
        </>
      )}
    </main>
  );
}
