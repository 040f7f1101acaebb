import type { Workspace } from "../workspace.ts";
import "./overview.css";
import "./overviewPanel.css";
import { OverviewPanel } from "./OverviewPanel.tsx";
import { OverviewViewer } from "./OverviewViewer.tsx";

/** The whole session: opened by its name in the top bar and by `T`, never a tab of its own. */
export const overviewWorkspace: Workspace = {
  id: "overview",
  title: "Overview",
  Viewer: OverviewViewer,
  Panel: OverviewPanel,
  panelWidth: 340,
  table: "none",
  mark: () => null,
  valueTitle: "",
  row: () => ({ status: "unprocessed", note: "", value: "", track: null }),
};
