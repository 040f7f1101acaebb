import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { moviesAreMissing } from "#src/state/openResults.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { IconButton } from "../shared/Choice.tsx";
import { Logo, Icon } from "../shared/Icon.tsx";
import { StatusGlyph } from "../shared/StatusGlyph.tsx";
import { bytes } from "../shared/format.ts";
import { workspaces } from "../workspaces.ts";
import type { Workspace } from "../workspace.ts";

function WorkspaceTab({ workspace }: { workspace: Workspace }) {
  const current = useAppState((s) => s.view.workspace === workspace.id);
  const mark = useAppState(workspace.mark);
  const { openWorkspace } = useActions();
  return (
    <button
      type="button"
      {...(current ? { "aria-current": "page" as const } : {})}
      onClick={() => openWorkspace(workspace.id)}
    >
      {workspace.title}
      {mark !== null && <StatusGlyph kind={mark} size={11} />}
    </button>
  );
}

function BackendChip() {
  const backend = useAppState((s) => s.backend);
  const { setView } = useActions();
  const name =
    backend.info === null
      ? backend.failure === null
        ? "Starting"
        : "No backend"
      : backend.info.kind === "cpu"
        ? "CPU"
        : backend.info.software
          ? "WebGPU in software"
          : "WebGPU";
  return (
    <button
      type="button"
      className="tag"
      aria-label={`Compute: ${name}, budget ${bytes(backend.budgetBytes)}`}
      title={backend.info?.reason ?? backend.failure?.message ?? ""}
      onClick={() => setView({ settingsOpen: true })}
    >
      <Icon name="chip" size={13} />
      <span className="hide-narrow">
        {name} · {bytes(backend.budgetBytes)}
      </span>
    </button>
  );
}

/** The table of movies where it is a drawer; null = it stands in the page, or there is none. */
export interface DrawerDoor {
  readonly open: boolean;
  readonly toggle: () => void;
}

export function TopBar({ drawer }: { readonly drawer: DrawerDoor | null }) {
  const started = useAppState((s) => s.session.files.length > 0 || moviesAreMissing(s));
  const sessionName = useAppState((s) => s.session.name);
  const simulated = useAppState((s) => s.session.files.some((file) => file.simulated));
  const overview = useAppState((s) => s.view.workspace === "overview");
  const before = useAppState((s) => s.view.before);
  const { setView, openWorkspace, leaveSession } = useActions();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  return (
    <header className="top">
      {started ? (
        <button
          type="button"
          className="brand"
          title="Start page; this session is kept there"
          aria-label="Cryoloupe: start page"
          onClick={() => void leaveSession()}
        >
          <Logo />
          Cryoloupe
        </button>
      ) : (
        <div className="brand">
          <Logo />
          Cryoloupe
        </div>
      )}
      {drawer !== null && (
        <span className="drawer-door">
          <IconButton
            icon="list"
            label={drawer.open ? "Close the table of movies" : "Table of movies"}
            shortcut="T"
            pressed={drawer.open}
            onClick={drawer.toggle}
          />
        </span>
      )}
      {started && (
        <>
          <button
            type="button"
            className="session-name"
            title="Overview of the session"
            aria-label={`${sessionName}: overview`}
            {...(overview ? { "aria-current": "page" as const } : {})}
            onClick={() => openWorkspace(overview ? before : "overview")}
          >
            <Icon name="grid" size={14} />
            <span className="ellipsis">{sessionName}</span>
          </button>
          <nav className="workspaces" aria-label="Workspaces">
            {workspaces.map((workspace) => (
              <WorkspaceTab key={workspace.id} workspace={workspace} />
            ))}
          </nav>
        </>
      )}
      <div className="top-end">
        {simulated && <span className="tag">Simulated data</span>}
        <BackendChip />
        <IconButton
          icon={scheme === "dark" ? "sun" : "moon"}
          label={scheme === "dark" ? "Light theme" : "Dark theme"}
          onClick={() => setColorScheme(scheme === "dark" ? "light" : "dark")}
        />
        <IconButton
          icon="help"
          label="Keyboard and help"
          shortcut="?"
          onClick={() => setView({ helpOpen: true })}
        />
      </div>
    </header>
  );
}
