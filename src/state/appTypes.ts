/** The types that views need, in one place. */
export type { App, AppActions } from "./store.ts";
export type { AppState, BackendState } from "./appState.ts";
export type { PictureService } from "./pictureService.ts";
export type { BackendChoice, BackendInfo } from "#workers/contracts.ts";
