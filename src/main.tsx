import "@fontsource-variable/inter/wght.css";
import "@mantine/core/styles.css";
import "./views/styles/base.css";
import "./views/styles/shell.css";
import "./views/styles/viewer.css";
import "./views/styles/panel.css";
import "./views/styles/headerCard.css";
import "./views/styles/mantine.css";
import "./views/styles/narrow.css";
import { MantineProvider } from "@mantine/core";
import { createRoot } from "react-dom/client";
import { detectCapabilities } from "#src/platform/capabilities.ts";
import { installDropTarget } from "#src/platform/dropTarget.ts";
import { armFault } from "#src/platform/folderAccess.ts";
import { watchInput } from "#src/platform/inputClock.ts";
import { createMovieClient } from "#src/platform/movieClient.ts";
import { keepOffline } from "#src/platform/offline.ts";
import { showSimulatedSession } from "#src/showSimulatedSession.ts";
import { relionTable, sessionDefoci } from "#src/simulation/ctfTable.ts";
import { createApp } from "#src/state/store.ts";
import { AppProvider } from "#src/views/AppContext.tsx";
import { warmPlots } from "#src/views/shared/plotQueue.ts";
import { Shell } from "#src/views/shell/Shell.tsx";
import { resolveTokens, theme } from "#src/views/theme.ts";

/** Composition root: what the browser can do, the worker's client, the store, the page. */
const query = new URLSearchParams(location.search);
const wanted = query.get("backend");
const backend = wanted === "cpu" || wanted === "webgpu" ? wanted : "auto";
const storedBudget = Number(localStorage.getItem("cryoloupe.budgetBytes"));
const client = createMovieClient();
const app = createApp({
  client,
  capabilities: detectCapabilities(),
  backend,
  budgetBytes: storedBudget > 0 ? storedBudget : 2 ** 31,
  demoTable: () => relionTable(sessionDefoci(300, 12)),
});

installDropTarget({
  onHover: (dragging) => app.actions.setView({ dragging }),
  onDrop: (dropped) => void app.actions.openDropped(dropped),
  onError: (error) => app.actions.report(error),
});
watchInput();
void app.actions.startBackend();
keepOffline();

// `?diagnose` puts levers into the console: what drivers, disks and browsers do to the page.
if (query.has("diagnose"))
  Object.assign(globalThis, {
    cryoloupeDiagnose: {
      state: () => app.store.getState(),
      actions: app.actions,
      fault: armFault,
      /** Opens a folder of the page's own storage as the dialog would. */
      openFolder: async (name: string) => {
        const root = await navigator.storage.getDirectory();
        await app.openFolder(await root.getDirectoryHandle(name, { create: true }));
      },
      chooseResults: async (path: string) => {
        let folder = await navigator.storage.getDirectory();
        for (const name of path.split("/"))
          folder = await folder.getDirectoryHandle(name, { create: true });
        await app.useResultsFolder(folder);
      },
      loseDevice: () =>
        client.call(async (api) => {
          await api.host.loseDevice();
          return { ok: true, value: null };
        }),
    },
  });

const simulated = Number(query.get("simulate"));
if (Number.isInteger(simulated) && simulated > 0 && simulated <= 100_000)
  showSimulatedSession(app, simulated);
else void app.begin();

const root = document.getElementById("root");
if (root !== null)
  createRoot(root).render(
    <MantineProvider theme={theme} cssVariablesResolver={resolveTokens} defaultColorScheme="auto">
      <AppProvider value={app}>
        <Shell />
      </AppProvider>
    </MantineProvider>,
  );
warmPlots();
