import { createStore } from "zustand/vanilla";
import type { StoreApi } from "zustand/vanilla";
import type { Capabilities } from "#src/platform/capabilities.ts";
import type { MovieClient } from "#src/platform/movieClient.ts";
import { forgetReferences } from "#src/platform/ownReferences.ts";
import type { BackendChoice } from "#workers/contracts.ts";
import { initialState } from "./appState.ts";
import type { AppState } from "./appState.ts";
import { createBackendActions } from "./backendActions.ts";
import type { BackendActions } from "./backendActions.ts";
import type { ActionContext } from "./context.ts";
import { createGainActions, createGainFileListener } from "./gainSlice.ts";
import type { GainActions } from "./gainSlice.ts";
import { createGalleryActions } from "./gallerySlice.ts";
import type { GalleryActions } from "./gallerySlice.ts";
import { appendLog } from "./logSlice.ts";
import { createLessonActions } from "./lessonActions.ts";
import type { LessonActions } from "./lessonActions.ts";
import { createMotionActions } from "./motionSlice.ts";
import type { MotionActions } from "./motionSlice.ts";
import { createOrientationActions, createOrientationFileListener } from "./orientationSlice.ts";
import type { OrientationActions } from "./orientationSlice.ts";
import { createMicrographActions, createMicrographFileListener } from "./micrographActions.ts";
import type { MicrographActions } from "./micrographActions.ts";
import { createOverviewActions } from "./overviewSlice.ts";
import type { OverviewActions } from "./overviewSlice.ts";
import { createKeptPictures } from "./keptPictures.ts";
import { createProjectEngine } from "./projectEngine.ts";
import { createProjectActions } from "./projectActions.ts";
import type { ProjectActions } from "./projectSlice.ts";
import { createReferenceActions } from "./estimatedReferences.ts";
import type { ReferenceActions } from "./estimatedReferences.ts";
import { printOfFile } from "./printOfFile.ts";
import { createReportActions } from "./reportActions.ts";
import type { ReportActions } from "./reportActions.ts";
import { createProtocolActions } from "./protocolSlice.ts";
import type { ProtocolActions } from "./protocolSlice.ts";
import { createPictureService } from "./pictureService.ts";
import type { PictureService } from "./pictureService.ts";
import { followCtf } from "./sessionCtf.ts";
import { createSessionDoor } from "./sessionDoor.ts";
import type { SessionDoorActions } from "./sessionDoor.ts";
import { createSessionKeeper } from "./sessionKeeper.ts";
import { createSessionResults } from "./sessionResults.ts";
import type { SessionResultsActions } from "./sessionResults.ts";
import { createSessionRunner } from "./sessionRunner.ts";
import { createStepResults } from "./stepResults.ts";
import { createReportPictures } from "./reportPictures.ts";
import { createRunQueue } from "./runQueue.ts";
import type { RunQueue } from "./runQueue.ts";
import { createSamplingActions } from "./samplingSlice.ts";
import type { SamplingActions } from "./samplingSlice.ts";
import { createSessionActions } from "./sessionSlice.ts";
import type { FileListener } from "./sessionSlice.ts";
import type { SessionActions } from "./sessionState.ts";
import { followTrends } from "./trendRows.ts";
import { createViewActions } from "./viewSlice.ts";
import type { ViewActions } from "./viewSlice.ts";

/** Everything the views may do, named after what the user means. */
export interface AppActions
  extends
    BackendActions,
    SessionActions,
    ViewActions,
    GainActions,
    GalleryActions,
    OrientationActions,
    ProtocolActions,
    ProjectActions,
    OverviewActions,
    ReferenceActions,
    ReportActions,
    LessonActions,
    SessionDoorActions,
    SessionResultsActions,
    SamplingActions,
    MicrographActions,
    MotionActions {
  readonly cancelRun: (runId: string) => void;
  /** 300 simulated CTF estimates. */
  readonly openDemoTable: () => Promise<void>;
}

/** What the composition root hands to the views. */
export interface App {
  readonly store: StoreApi<AppState>;
  readonly actions: AppActions;
  readonly pictures: PictureService;
  readonly queue: RunQueue;
  /** Takes up the session that this tab had open, and lists those that the browser keeps. */
  readonly begin: () => Promise<void>;
  /** Writes results into a folder as if it had been picked. */
  readonly useResultsFolder: (folder: FileSystemDirectoryHandle) => Promise<void>;
  /** Opens a folder as if it had been picked. */
  readonly openFolder: (folder: FileSystemDirectoryHandle) => Promise<void>;
}

export function createApp(options: {
  client: MovieClient;
  capabilities: Capabilities;
  backend: BackendChoice;
  budgetBytes: number;
  /** A simulated table of CTF estimates, for the lesson on sampling. */
  demoTable: () => string;
}): App {
  const { client, capabilities } = options;
  const store = createStore<AppState>(() => initialState(capabilities, options.budgetBytes));
  const pictures = createPictureService(client);
  const log: ActionContext["log"] = (text, { level = "info", file } = {}) =>
    store.setState((s) => ({
      log: appendLog(s.log, { time: Date.now(), level, file: file ?? null, text }),
    }));
  const queue = createRunQueue(store, client, (text, level, file) =>
    log(text, { level, ...(file === null ? {} : { file }) }),
  );
  const context: ActionContext = {
    store,
    client,
    queue,
    pictures,
    steps: createStepResults(),
    log,
    update: (slice, change) =>
      store.setState((s) => ({ [slice]: { ...s[slice], ...change(s[slice]) } })),
  };
  const backend = createBackendActions(context, options.backend);
  const gain = createGainActions(context);
  const orientation = createOrientationActions(context, gain);
  const micrograph = createMicrographActions(context);
  // Workspaces that act on new files add a listener here.
  const fileListeners: FileListener[] = [
    createGainFileListener(context, gain),
    createOrientationFileListener(context, orientation),
    createMicrographFileListener(context),
  ];
  const project = createProjectActions(context);
  const keeper = createSessionKeeper(context);
  const reportPictures = createReportPictures(pictures, keeper);
  const results = createSessionResults(context, keeper, reportPictures);
  const door = createSessionDoor(context, keeper, () => session, {
    ...results,
    forgetPictures: async (id) => {
      await forgetReferences(id);
      await pixels.forget(id);
    },
  });
  followCtf(context);
  followTrends(context);
  const engine = createProjectEngine(context, keeper, {
    ...results,
    printOf: (id) => printOfFile(session.fileOf(id)),
    keepPictures: (id, gain) => pixels.keep(id, gain),
    anyLost: door.anyLost,
  });
  const pixels = createKeptPictures(context, {
    ...{ db: keeper.db, read: results.read, recall: engine.recall },
  });
  const session = createSessionActions(context, fileListeners, {
    onFolder: door.onFolder,
    onFiles: door.onFiles,
    onSessions: door.onSessions,
    onOpened: (files) => {
      engine.onOpened(files);
      door.onMovies(files);
    },
  });
  const motion = createMotionActions(context, pixels.motionFile);
  const sampling = createSamplingActions(context, session);
  fileListeners.push(sampling.onFile);
  const actions: AppActions = {
    ...backend,
    ...session,
    ...createViewActions(context),
    ...gain,
    ...orientation,
    ...createGalleryActions(context),
    ...createProtocolActions(context, orientation),
    ...sampling.actions,
    ...micrograph,
    ...project,
    ...createOverviewActions(context, project),
    ...createReportActions(context, keeper.db, reportPictures),
    ...createReferenceActions(context, session.openDropped),
    ...createLessonActions(context, orientation, sampling.actions),
    ...motion,
    ...door.actions,
    ...results.actions,
    cancelRun: (runId) => queue.cancel(runId),
    openDemoTable: async () => {
      const name = "simulated_micrographs_ctf.star";
      // The date is that of the seed: the same table is the same file.
      const file = new File([options.demoTable()], name, { lastModified: 0 });
      await session.openDropped({ files: [{ path: name, file }], folders: [] });
    },
  };
  createSessionRunner(context, {
    findOrientation: orientation.findOrientation,
    estimateGain: gain.estimateGain,
    correctMotion: motion.correctMotion,
    applyOperations: (ids) => micrograph.applyInto(results.micrographs, ids),
    bringMicrograph: pixels.bringMicrograph,
    sample: sampling.actions.sampleNow,
    anyLost: door.anyLost,
    resultsAway: results.away,
  });
  const openFolder = (folder: FileSystemDirectoryHandle): Promise<void> =>
    door.onFolder(folder, "picked");
  const begin = async (): Promise<void> => {
    await door.continueTab();
    await keeper.refreshList();
  };
  return {
    store,
    actions,
    pictures,
    queue,
    begin,
    openFolder,
    useResultsFolder: results.useFolder,
  };
}
