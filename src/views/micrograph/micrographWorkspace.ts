import type { SessionFile } from "#src/domain/session.ts";
import type { AppState } from "#src/state/appTypes.ts";
import { formKey, micrographOf, micrographsOf } from "#src/state/micrographSlice.ts";
import { fixed } from "../shared/format.ts";
import type { RowFacts, Workspace } from "../workspace.ts";
import { MicrographPanel } from "./MicrographPanel.tsx";
import { MicrographViewer } from "./MicrographViewer.tsx";
import "./micrograph.css";

/** Whether the file's result was made with the form as it is now. */
function isOutdated({ micrograph }: AppState, fileId: string): boolean {
  return micrograph.madeWith[fileId] !== formKey(micrograph.form);
}

function row(state: AppState, file: SessionFile): RowFacts {
  const { micrograph, runs } = state;
  const result = micrograph.results[file.id];
  const failure = file.failure ?? micrograph.failures[file.id] ?? null;
  const value = result?.pixelSizeA == null ? "" : fixed(result.pixelSizeA, 2);
  const of = (status: RowFacts["status"], note: string): RowFacts => ({
    status,
    note,
    value,
    track: null,
  });
  if (failure !== null) return of("failed", failure.message);
  if (file.header === null) return of("running", "reading the header");
  if (runs.active?.fileId === file.id) return of("running", "running");
  if (micrographOf(state, file) === null)
    return of("undecided", file.kind === "movie" ? "a movie: align it first" : "not a micrograph");
  if (result === undefined) return of("unprocessed", "not processed");
  return isOutdated(state, file.id)
    ? of("outdated", "outdated")
    : of("pass", `${result.width} × ${result.height} px`);
}

export const micrographWorkspace: Workspace = {
  id: "micrograph",
  title: "Micrograph",
  Viewer: MicrographViewer,
  Panel: MicrographPanel,
  mark: (state) => {
    const { results, failures } = state.micrograph;
    const files = micrographsOf(state);
    if (files.some(({ fileId }) => failures[fileId] !== undefined)) return "failed";
    const done = files.filter(({ fileId }) => results[fileId] !== undefined);
    if (done.length === 0) return null;
    return done.some(({ fileId }) => isOutdated(state, fileId)) ? "outdated" : "pass";
  },
  valueTitle: "Å/px",
  row,
};
