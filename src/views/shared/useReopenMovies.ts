import { useActions, useAppState } from "../AppContext.tsx";

/** How movies of a session that are not open are opened again: what the button says, and what it does. */
export function useReopenMovies(): {
  readonly label: string;
  readonly advice: string;
  readonly open: () => void;
} {
  const canPick = useAppState((s) => s.backend.capabilities.folderPicker);
  const { openFolder, openFiles } = useActions();
  return canPick
    ? {
        label: "Open their folder",
        advice: "open the folder that they lie in",
        open: () => void openFolder(),
      }
    : {
        // A browser that keeps no folders knows files by the names under which they were opened.
        label: "Open them again",
        advice: "open or drop the same files or folder again",
        open: () => void openFiles(),
      };
}
