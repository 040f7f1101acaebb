import type { Workspace } from "../workspace.ts";
import "./report.css";
import { ReportPanel } from "./ReportPanel.tsx";
import { ReportViewer } from "./ReportViewer.tsx";

export const reportWorkspace: Workspace = {
  id: "report",
  title: "Report",
  Viewer: ReportViewer,
  Panel: ReportPanel,
  panelWidth: 340,
  table: "none",
  mark: () => null,
  valueTitle: "",
  row: () => ({ status: "unprocessed", note: "", value: "", track: null }),
};
