import type { Workspace } from "../workspace.ts";
import { GainPanel } from "./GainPanel.tsx";
import { GainViewer } from "./GainViewer.tsx";

export const gainWorkspace: Workspace = {
  id: "gain",
  title: "Gain",
  Viewer: GainViewer,
  Panel: GainPanel,
  mark: () => null,
  valueTitle: "sd of G",
  row: (_state, file) => ({
    status: file.failure !== null ? "failed" : file.header === null ? "running" : "unprocessed",
    note:
      file.failure?.message ?? (file.header === null ? "reading the header" : (file.kind ?? "")),
    value: "",
    track: null,
  }),
};
