import type { AppState } from "#src/state/appTypes.ts";
import type { StatusKind } from "#src/domain/session.ts";
import type { Workspace } from "../workspace.ts";
import { SamplingPanel } from "./SamplingPanel.tsx";
import { SamplingViewer } from "./SamplingViewer.tsx";

function mark({ sampling }: AppState): StatusKind | null {
  if (sampling.failure !== null || sampling.sampleFailure !== null) return "failed";
  if (sampling.loading || sampling.waiting !== null) return "running";
  if (sampling.sample === null) return null;
  if (sampling.table !== null && sampling.table.estimates.length > sampling.sampledOf)
    return "outdated";
  return sampling.sample.balance > 0.9 ? "pass" : "warn";
}

export const samplingWorkspace: Workspace = {
  id: "sampling",
  title: "Sampling",
  Viewer: SamplingViewer,
  Panel: SamplingPanel,
  panelWidth: 360,
  table: "rail",
  mark,
  valueTitle: "",
  row: (_state, file) => ({
    status: file.failure !== null ? "failed" : "unprocessed",
    note: file.failure?.message ?? file.kind ?? "",
    value: "",
    track: null,
  }),
};
