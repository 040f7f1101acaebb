import type { MicrographResult } from "#src/domain/preprocessPreview.ts";
import type { SessionFile } from "#src/domain/session.ts";
import type { AppState } from "#src/state/appTypes.ts";
import { preprocessed } from "#src/state/micrographDone.ts";
import { formKey, micrographOf } from "#src/state/micrographSlice.ts";
import { keySource } from "#src/state/stepKeys.ts";
import { fixed } from "../shared/format.ts";
import type { RowFacts, Workspace } from "../workspace.ts";
import { MicrographPanel } from "./MicrographPanel.tsx";
import { MicrographViewer } from "./MicrographViewer.tsx";
import "./micrograph.css";

function row(state: AppState, file: SessionFile): RowFacts {
  const { micrograph, runs } = state;
  const results: Readonly<Partial<Record<string, MicrographResult>>> = micrograph.results;
  const result = results[file.id];
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
  const done = preprocessed(micrograph, state.project.records, keySource(state), file.id);
  if (done === "no") return of("unprocessed", "not processed");
  if (done === "outdated") return of("outdated", "outdated");
  return of("pass", result === undefined ? "processed" : `${result.width} × ${result.height} px`);
}

export const micrographWorkspace: Workspace = {
  id: "micrograph",
  title: "Micrograph",
  Viewer: MicrographViewer,
  Panel: MicrographPanel,
  mark: (state) => {
    // Asked for at every change: of what this visit has made, whatever the length of the session.
    const { results, failures, madeWith, form } = state.micrograph;
    if (Object.keys(failures).length > 0) return "failed";
    const done = Object.keys(results);
    if (done.length === 0) return null;
    const key = formKey(form);
    return done.some((id) => madeWith[id] !== key) ? "outdated" : "pass";
  },
  valueTitle: "Å/px",
  row,
};
