import type { Workspace } from "../workspace.ts";
import "./motion.css";
import { MotionPanel } from "./MotionPanel.tsx";
import { MotionViewer } from "./MotionViewer.tsx";
import { motionMark, motionRow } from "./motionSelect.ts";

export const motionWorkspace: Workspace = {
  id: "motion",
  title: "Motion",
  Viewer: MotionViewer,
  Panel: MotionPanel,
  mark: motionMark,
  valueTitle: "drift, Å",
  row: motionRow,
};
