import { Button, Menu } from "@mantine/core";
import { useActions, useAppState } from "../AppContext.tsx";
import { counted, integer } from "../shared/format.ts";
import { Icon } from "../shared/Icon.tsx";
import { Empty, FailureNote } from "../shared/PanelParts.tsx";
import { ColumnDialog } from "./ColumnDialog.tsx";
import { DefocusHistogram } from "./DefocusHistogram.tsx";
import { MicrographPair } from "./MicrographPair.tsx";
import { QualityScatter } from "./QualityScatter.tsx";
import { SampledTable } from "./SampledTable.tsx";
import "./sampling.css";
import "./samplingPanel.css";

/** Name of the table, what it holds, what is left out from the start. */
function TableHead() {
  const table = useAppState((s) => s.sampling.table);
  const watching = useAppState((s) => s.sampling.watching);
  const canWatch = useAppState((s) => s.backend.capabilities.filePicker);
  const { openFiles, stopWatching } = useActions();
  if (table === null) return null;
  const failed = table.estimates.filter((e) => e.failure !== null);
  const kinds = new Set(failed.map((e) => e.failure));
  const first = failed[0]?.failure?.replace(/^failed fit \(/, "").replace(/\)$/, "");
  const text = `${counted(table.estimates.length, "CTF estimate")}, ${table.formatName}${
    failed.length > 0
      ? `; ${counted(failed.length, "failed fit")} left out${kinds.size === 1 && first !== undefined ? ` (${first})` : ""}`
      : ""
  }`;
  return (
    <div className="sampling-head">
      <strong className="ellipsis">
        {table.files.length === 1 ? table.files[0] : `${integer(table.files.length)} files`}
      </strong>
      <span className="second ellipsis" title={text}>
        {text}
      </span>
      <span className="spacer" />
      {watching !== null ? (
        <Button variant="default" onClick={stopWatching}>
          Stop watching {watching}
        </Button>
      ) : (
        canWatch && <WatchMenu />
      )}
      <Button variant="default" onClick={() => void openFiles()}>
        Add a table
      </Button>
    </div>
  );
}

/** A table that grows, or a folder into which tables come. */
function WatchMenu() {
  const { watchTable, watchFolder } = useActions();
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="default">Watch</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void watchTable()}>A table that grows</Menu.Item>
        <Menu.Item onClick={() => void watchFolder()}>A folder that tables come into</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

export function SamplingViewer() {
  const state = useAppState((s) => s.sampling);
  const canWatch = useAppState((s) => s.backend.capabilities.filePicker);
  const { openFiles, sampleNow, stopWatching } = useActions();
  const { table, sample, population, watching } = state;
  return (
    <main className="column sampling" aria-label="Sampling">
      <TableHead />
      {state.failure !== null && <FailureNote failure={state.failure} />}
      {table === null ? (
        <Empty
          action={
            <div className="row">
              <Button leftSection={<Icon name="file" />} onClick={() => void openFiles()}>
                Open a CTF table
              </Button>
              {watching !== null ? (
                <Button variant="default" onClick={stopWatching}>
                  Stop watching {watching}
                </Button>
              ) : (
                canWatch && <WatchMenu />
              )}
            </div>
          }
        >
          {state.loading
            ? "Reading the CTF estimates."
            : watching !== null
              ? `No CTF estimate has come into ${watching} yet.`
              : "Drop the table of a CTF job here: RELION, Xmipp, CTFFIND, Gctf, cryoSPARC, Warp, cisTEM or CSV."}
        </Empty>
      ) : sample === null ? (
        state.sampleFailure !== null ? (
          <FailureNote failure={state.sampleFailure} />
        ) : (
          <div className="sampling-waiting">
            <Empty
              action={
                <Button variant="default" onClick={sampleNow}>
                  Sample now
                </Button>
              }
            >
              {state.waiting === null
                ? "No sample is drawn yet."
                : `${state.waiting}. The sample is drawn when they are there, or at once from what has come.`}
            </Empty>
            {population !== null && <DefocusHistogram table={table} sample={population} />}
          </div>
        )
      ) : state.shown === "viewer" ? (
        <MicrographPair table={table} />
      ) : (
        <div className="sampling-plots">
          <DefocusHistogram table={table} sample={sample} />
          <div className="sampling-lower">
            <QualityScatter table={table} sample={sample} />
            <SampledTable table={table} sample={sample} />
          </div>
        </div>
      )}
      <ColumnDialog />
    </main>
  );
}
