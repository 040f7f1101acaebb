import { gainWorkspace } from "./gain/gainWorkspace.ts";
<<<<<<< HEAD
import { samplingWorkspace } from "./sampling/samplingWorkspace.ts";
import type { Workspace } from "./workspace.ts";

/** The workspaces in the order of the work. A new one is added here and nowhere else in the shell. */
export const workspaces: readonly Workspace[] = [gainWorkspace, samplingWorkspace];
=======
import { micrographWorkspace } from "./micrograph/micrographWorkspace.ts";
import type { Workspace } from "./workspace.ts";

/** The workspaces in the order of the work. A new one is added here and nowhere else in the shell. */
export const workspaces: readonly Workspace[] = [gainWorkspace, micrographWorkspace];
>>>>>>> ece9747 (Show the ten operations before they are applied)
