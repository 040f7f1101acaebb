import { Button } from "@mantine/core";
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

/** Name of the table, what it holds, what is left out from the start. */
function TableHead() {
  const table = useAppState((s) => s.sampling.table);
  const watching = useAppState((s) => s.sampling.watching);
  const canWatch = useAppState((s) => s.backend.capabilities.filePicker);
  const { openFiles, watchTable, stopWatching } = useActions();
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
        canWatch && (
          <Button variant="default" onClick={() => void watchTable()}>
            Watch a table
          </Button>
        )
      )}
      <Button variant="default" onClick={() => void openFiles()}>
        Add a table
      </Button>
    </div>
  );
}

export function SamplingViewer() {
  const state = useAppState((s) => s.sampling);
  const canWatch = useAppState((s) => s.backend.capabilities.filePicker);
  const { openFiles, watchTable, sampleNow } = useActions();
  const { table, sample } = state;
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
              {canWatch && (
                <Button variant="default" onClick={() => void watchTable()}>
                  Watch a table
                </Button>
              )}
            </div>
          }
        >
          {state.loading
            ? "Reading the CTF estimates."
            : "Drop the table of a CTF job here: RELION, Xmipp, CTFFIND, Gctf, cryoSPARC, Warp, cisTEM or CSV."}
        </Empty>
      ) : sample === null ? (
        state.sampleFailure !== null ? (
          <FailureNote failure={state.sampleFailure} />
        ) : (
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
