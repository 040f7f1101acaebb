import type { ComponentType } from "react";
import type { StatusKind, SessionFile } from "#src/domain/session.ts";
import type { AppState } from "#src/state/appTypes.ts";
import type { WorkspaceId } from "#src/state/viewSlice.ts";

/** What the session table shows of a file while a workspace is open. */
export interface RowFacts {
  readonly status: StatusKind;
  /** Second line: dose, "frame 12 of 40", or why it failed. */
  readonly note: string;
  /** The workspace's number, rounded and without unit, or "". */
  readonly value: string;
  /** Track in px for the sketch, x and y by frame, or null. */
  readonly track: { readonly x: readonly number[]; readonly y: readonly number[] } | null;
}

/**
 * A workspace: one folder of views, one slice of state, one service in the worker (docs/adr/0015).
 * The shell gives it the places of ui §1; it fills them.
 */
export interface Workspace {
  readonly id: WorkspaceId;
  /** Word in the top bar. */
  readonly title: string;
  /** Canvas, tool row above, caption and controls below. */
  readonly Viewer: ComponentType;
  /** Actions, sub-tabs, verdict, plots, numbers, parameters. */
  readonly Panel: ComponentType;
  /** Width of the panel at 1440 px; 476 when absent. */
  readonly panelWidth?: number | ((state: AppState) => number);
  /** The session table takes the rail, or goes away. */
  readonly table?: "list" | "rail" | "none";
  /** Glyph beside the word in the top bar; null = none. */
  readonly mark: (state: AppState) => StatusKind | null;
  /** Head of the number column: name and unit ("sd of G", "drift, Å"). */
  readonly valueTitle: string;
  readonly row: (state: AppState, file: SessionFile) => RowFacts;
}
