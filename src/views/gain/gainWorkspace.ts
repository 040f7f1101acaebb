import type { Workspace } from "../workspace.ts";
import "./gain.css";
import { GainPanel } from "./GainPanel.tsx";
import { GainViewer } from "./GainViewer.tsx";
import { gainTabs } from "./gainTabs.ts";
import { gainMark, gainRow } from "./gainSelect.ts";

export const gainWorkspace: Workspace = {
  id: "gain",
  title: "Gain",
  Viewer: GainViewer,
  Panel: GainPanel,
  panelWidth: ({ gain }) => gainTabs.find(({ id }) => id === gain.tab)?.panelWidth ?? 476,
  mark: gainMark,
  valueTitle: "sd as read",
  row: gainRow,
};
