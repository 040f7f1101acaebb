import { createContext, useContext, useSyncExternalStore } from "react";
import { useStore } from "zustand";
import type { App, AppActions, AppState, PictureService } from "#src/state/appTypes.ts";

const AppContext = createContext<App | null>(null);
export const AppProvider = AppContext.Provider;

function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error("AppProvider is missing");
  return app;
}

/** A part of the state; choose small parts, so that little is drawn again. */
export function useAppState<T>(select: (state: AppState) => T): T {
  return useStore(useApp().store, select);
}

export function useActions(): AppActions {
  return useApp().actions;
}

export function usePictures(): PictureService {
  return useApp().pictures;
}

/** Changes when pictures were made anew under their old names: part of what effects depend on. */
export function usePictureVersion(): number {
  const { pictures } = useApp();
  return useSyncExternalStore(pictures.subscribe, pictures.version);
}

/** The state at this moment, for event handlers. */
export function useReadState(): () => AppState {
  const { store } = useApp();
  return () => store.getState();
}
