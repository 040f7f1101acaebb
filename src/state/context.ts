import type { StoreApi } from "zustand/vanilla";
import type { MovieClient } from "#src/platform/movieClient.ts";
import type { AppState } from "./appState.ts";
import type { LogLevel } from "./logSlice.ts";
import type { PictureService } from "./pictureService.ts";
import type { RunQueue } from "./runQueue.ts";
import type { StepResults } from "./stepResults.ts";

/** What the actions of every slice are made from. */
export interface ActionContext {
  readonly store: StoreApi<AppState>;
  readonly client: MovieClient;
  readonly queue: RunQueue;
  readonly pictures: PictureService;
  readonly steps: StepResults;
  /** Changes one slice: `update("view", (view) => ({ workspace: "gain" }))`. */
  readonly update: <K extends keyof AppState>(
    slice: K,
    change: (state: AppState[K]) => Partial<AppState[K]>,
  ) => void;
  readonly log: (text: string, options?: { level?: LogLevel; file?: string }) => void;
}
