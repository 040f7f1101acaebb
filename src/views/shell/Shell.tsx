import { moviesAreMissing } from "#src/state/openResults.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Notice } from "../shared/PanelParts.tsx";
import { useShortcuts } from "../shared/useShortcuts.ts";
import { LessonCard } from "../lessons/LessonCard.tsx";
import { StartScreen } from "../start/StartScreen.tsx";
import { places, workspaces } from "../workspaces.ts";
import { Help } from "./Help.tsx";
import { HeaderCard } from "./HeaderCard.tsx";
import { LogDrawer } from "./LogDrawer.tsx";
import { SessionTable } from "./SessionTable.tsx";
import { Settings } from "./Settings.tsx";
import { StatusBar } from "./StatusBar.tsx";
import { TopBar } from "./TopBar.tsx";
import { useState } from "react";
import type { CSSProperties } from "react";
import { useMediaQuery } from "@mantine/hooks";

/** The one page: the six places of ui §1, filled by the workspace that is open. */
export function Shell() {
  const started = useAppState((s) => s.session.files.length > 0 || moviesAreMissing(s));
  const dragging = useAppState((s) => s.view.dragging);
  const current = useAppState((s) => s.view.workspace);
  const table = useAppState((s) => s.view.table);
  const helpOpen = useAppState((s) => s.view.helpOpen);
  const logOpen = useAppState((s) => s.view.logOpen);
  const headerOpen = useAppState((s) => s.view.headerOpen);
  // Frames that became others under the same name are drawn anew.
  const version = useAppState((s) => s.session.versions[s.session.selected ?? ""] ?? 0);
  const notice = useAppState((s) => s.session.notice);
  const { setView, selectNext, openFiles, openWorkspace, cycleTable, dismissNotice } = useActions();
  const narrow = useMediaQuery("(max-width: 1439px)", false, { getInitialValueInEffect: false });
  const wide = useMediaQuery("(min-width: 1761px)", false, { getInitialValueInEffect: false });
  const compact = useMediaQuery("(max-width: 1023px)", false, { getInitialValueInEffect: false });
  const [drawer, setDrawer] = useState(false);
  const workspace = places.find(({ id }) => id === current) ?? workspaces[0];
  const panelWidth = useAppState((s) =>
    typeof workspace.panelWidth === "function" ? workspace.panelWidth(s) : workspace.panelWidth,
  );
  const cycle = (): void => {
    if (!started) return;
    // Below 1024 px the table is a drawer between picture and overview.
    if (compact && current !== "overview" && !drawer) {
      setDrawer(true);
      return;
    }
    setDrawer(false);
    cycleTable(narrow);
  };
  useShortcuts({
    "?": () => setView({ helpOpen: !helpOpen }),
    h: () => setView({ headerOpen: !headerOpen }),
    l: () => setView({ logOpen: !logOpen }),
    t: cycle,
    ArrowDown: () => selectNext(1),
    ArrowUp: () => selectNext(-1),
    "Ctrl+o": () => void openFiles(),
    Escape: () => {
      setDrawer(false);
      setView({ playing: false, helpOpen: false, logOpen: false, headerOpen: false });
    },
    ...Object.fromEntries(
      workspaces
        .slice(0, 5)
        .map((w, i) => [`Alt+${i + 1}`, () => (started ? openWorkspace(w.id) : undefined)]),
    ),
  });
  const lesson = useAppState((s) => s.view.lesson !== null);
  const place = workspace.table ?? "list";
  const rail = !compact && (narrow || table === "rail" || place === "rail");
  const withTable = place !== "none" && (!compact || drawer);
  return (
    <div className="shell">
      <TopBar
        drawer={
          started && compact && place !== "none"
            ? { open: drawer, toggle: () => setDrawer(!drawer) }
            : null
        }
      />
      {started ? (
        <div className={lesson ? "with-lesson" : "without-lesson"}>
          <LessonCard />
          <div
            className={`main ${place === "none" ? "without-table" : ""} place-${workspace.id}`}
            style={
              {
                ...(rail ? { "--table-width": "56px" } : {}),
                ...(narrow || wide ? {} : { "--panel-width": `${panelWidth ?? 476}px` }),
              } as CSSProperties
            }
          >
            {withTable && <SessionTable workspace={workspace} rail={rail} />}
            <workspace.Viewer key={version} />
            <workspace.Panel />
          </div>
        </div>
      ) : (
        <StartScreen />
      )}
      <StatusBar />
      {started && notice !== null && (
        <div className="floating-notice" role="status" onClick={dismissNotice}>
          <Notice>{notice}</Notice>
        </div>
      )}
      {dragging && <div className="drop-veil">Drop to open</div>}
      <Help />
      <LogDrawer />
      <HeaderCard />
      <Settings />
    </div>
  );
}
