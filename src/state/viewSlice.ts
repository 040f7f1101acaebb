import type { ActionContext } from "./context.ts";

export type WorkspaceId = "overview" | "gain" | "motion" | "micrograph" | "sampling" | "report";

export type LessonId = "pose" | "drift" | "defocus";

/** Contrast of a group of pictures that are compared with each other; null = automatic. */
export interface ContrastLimits {
  readonly low: number;
  readonly high: number;
}

export interface ViewState {
  readonly workspace: WorkspaceId;
  /** Where the overview was opened from, to go back. */
  readonly before: WorkspaceId;
  /** Session table at the left: names, or thumbnails only. */
  readonly table: "list" | "rail";
  /** Files hang over the window. */
  readonly dragging: boolean;
  readonly helpOpen: boolean;
  readonly logOpen: boolean;
  readonly settingsOpen: boolean;
  /** Card with the header of the selected file. */
  readonly headerOpen: boolean;
  /** Single-letter shortcuts act. */
  readonly shortcuts: boolean;
  readonly inverted: boolean;
  /** Row 0 at the bottom. */
  readonly turned: boolean;
  readonly badMask: boolean;
  /** Frame shown, from 0. */
  readonly frame: number;
  readonly playing: boolean;
  /** The lesson that stands beside the page, and its step from 0; null = none. */
  readonly lesson: { readonly id: LessonId; readonly step: number } | null;
  /** Limits set by hand, by group ("counts", "G", "C"). */
  readonly contrast: Readonly<Record<string, ContrastLimits>>;
}

export const initialView: ViewState = {
  workspace: "gain",
  before: "gain",
  table: "list",
  dragging: false,
  helpOpen: false,
  logOpen: false,
  settingsOpen: false,
  headerOpen: false,
  shortcuts: true,
  inverted: false,
  turned: false,
  badMask: false,
  frame: 0,
  playing: false,
  lesson: null,
  contrast: {},
};

export interface ViewActions {
  readonly openWorkspace: (workspace: WorkspaceId) => void;
  /** Rail, list, overview, and from the beginning. */
  readonly cycleTable: (narrow: boolean) => void;
  readonly setView: (change: Partial<ViewState>) => void;
  readonly setContrast: (group: string, limits: ContrastLimits | null) => void;
}

export function createViewActions({ update }: ActionContext): ViewActions {
  return {
    openWorkspace: (workspace) =>
      update("view", (view) => ({
        workspace,
        before: view.workspace === "overview" ? view.before : view.workspace,
        playing: false,
      })),
    cycleTable: (narrow) =>
      update("view", ({ table, workspace, before }) => {
        if (workspace === "overview") return { workspace: before, table: "rail" as const };
        // On narrow pages the table is a rail anyway.
        if (table === "rail" && !narrow) return { table: "list" as const };
        return { workspace: "overview" as const, before: workspace, playing: false };
      }),
    setView: (change) => update("view", () => change),
    setContrast: (group, limits) =>
      update("view", ({ contrast }) => {
        const rest = Object.fromEntries(
          Object.entries(contrast).filter(([name]) => name !== group),
        );
        return { contrast: limits === null ? rest : { ...rest, [group]: limits } };
      }),
  };
}
