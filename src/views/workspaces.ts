import { gainWorkspace } from "./gain/gainWorkspace.ts";
import { overviewWorkspace } from "./overview/overviewWorkspace.ts";
import { micrographWorkspace } from "./micrograph/micrographWorkspace.ts";
import { motionWorkspace } from "./motion/motionWorkspace.ts";
import { reportWorkspace } from "./report/reportWorkspace.ts";
import { samplingWorkspace } from "./sampling/samplingWorkspace.ts";
import type { Workspace } from "./workspace.ts";

/** The workspaces in the order of the work. A new one is added here and nowhere else in the shell. */
export const workspaces: readonly Workspace[] = [
  gainWorkspace,
  motionWorkspace,
  micrographWorkspace,
  samplingWorkspace,
  reportWorkspace,
];

/** Everything that the shell can show: the tabs, and the overview behind the session's name. */
export const places: readonly Workspace[] = [...workspaces, overviewWorkspace];
