import type { Capabilities } from "#src/platform/capabilities.ts";
import type { BackendInfo } from "#workers/contracts.ts";
import type { Failure } from "#src/domain/errors.ts";
import { initialGallery } from "./gallerySlice.ts";
import type { GalleryState } from "./gallerySlice.ts";
import { initialGain } from "./gainSlice.ts";
import type { GainState } from "./gainSlice.ts";
import { initialLog } from "./logSlice.ts";
import type { LogState } from "./logSlice.ts";
import { initialMotion } from "./motionSlice.ts";
import type { MotionState } from "./motionSlice.ts";
import { initialOrientation } from "./orientationSlice.ts";
import type { OrientationState } from "./orientationSlice.ts";
import { initialProject } from "./projectSlice.ts";
import type { ProjectState } from "./projectSlice.ts";
import { initialProtocol } from "./protocolSlice.ts";
import type { ProtocolState } from "./protocolSlice.ts";
import { initialMicrograph } from "./micrographSlice.ts";
import type { MicrographState } from "./micrographSlice.ts";
import { initialOverview } from "./overviewSlice.ts";
import type { OverviewState } from "./overviewSlice.ts";
import { initialReport } from "./reportActions.ts";
import type { ReportState } from "./reportActions.ts";
import { initialRuns } from "./runQueue.ts";
import type { RunsState } from "./runQueue.ts";
import { initialSampling } from "./samplingSlice.ts";
import type { SamplingState } from "./samplingSlice.ts";
import { initialSession } from "./sessionState.ts";
import type { SessionState } from "./sessionState.ts";
import { initialView } from "./viewSlice.ts";
import type { ViewState } from "./viewSlice.ts";

export interface BackendState {
  readonly info: BackendInfo | null;
  readonly failure: Failure | null;
  readonly capabilities: Capabilities;
  /** Setting: most bytes that a run may hold. */
  readonly budgetBytes: number;
}

/**
 * The state of the page: plain data, one slice per part and one per workspace; it could be written as
 * JSON at any moment. Pixels live in the compute worker, thumbnails and files in services, by id.
 */
export interface AppState {
  readonly session: SessionState;
  readonly view: ViewState;
  readonly runs: RunsState;
  readonly log: LogState;
  readonly backend: BackendState;
  readonly gain: GainState;
  readonly gallery: GalleryState;
  readonly orientation: OrientationState;
  readonly protocol: ProtocolState;
  readonly sampling: SamplingState;
  readonly micrograph: MicrographState;
  readonly motion: MotionState;
  readonly overview: OverviewState;
  readonly report: ReportState;
  readonly project: ProjectState;
}

export function initialState(capabilities: Capabilities, budgetBytes: number): AppState {
  return {
    session: initialSession,
    view: initialView,
    runs: initialRuns,
    log: initialLog,
    backend: { info: null, failure: null, capabilities, budgetBytes },
    gain: initialGain,
    gallery: initialGallery,
    orientation: initialOrientation,
    protocol: initialProtocol,
    sampling: initialSampling,
    micrograph: initialMicrograph,
    motion: initialMotion,
    overview: initialOverview,
    report: initialReport,
    project: initialProject,
  };
}
