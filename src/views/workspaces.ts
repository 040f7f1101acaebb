import { gainWorkspace } from "./gain/gainWorkspace.ts";
import { micrographWorkspace } from "./micrograph/micrographWorkspace.ts";
import { motionWorkspace } from "./motion/motionWorkspace.ts";
import { samplingWorkspace } from "./sampling/samplingWorkspace.ts";
import type { Workspace } from "./workspace.ts";

/** The workspaces in the order of the work. A new one is added here and nowhere else in the shell. */
export const workspaces: readonly Workspace[] = [
  gainWorkspace,
  motionWorkspace,
  micrographWorkspace,
  samplingWorkspace,
];
