import type { ActionContext } from "./context.ts";
import { bestCandidate } from "./orientationSlice.ts";
import type { OrientationActions } from "./orientationSlice.ts";
import type { SamplingActions } from "./samplingSlice.ts";
import type { LessonId } from "./viewSlice.ts";

export interface LessonActions {
  readonly openLesson: (id: LessonId) => void;
  readonly stepLesson: (step: number) => void;
  readonly closeLesson: () => void;
  /** What a lesson's button does where the workspace has it behind a choice of its own. */
  readonly takeBestPose: () => void;
  readonly limitResolution: (maxResolutionA: number) => void;
}

export function createLessonActions(
  { store, update }: ActionContext,
  orientation: Pick<OrientationActions, "takePose">,
  sampling: Pick<SamplingActions, "setSampleOptions">,
): LessonActions {
  return {
    openLesson: (id) => update("view", () => ({ lesson: { id, step: 0 }, table: "rail" as const })),
    stepLesson: (step) =>
      update("view", ({ lesson }) => (lesson === null ? {} : { lesson: { ...lesson, step } })),
    closeLesson: () => update("view", () => ({ lesson: null, table: "list" as const })),
    takeBestPose: () => {
      const { report } = store.getState().orientation;
      const best = report === null ? -1 : bestCandidate(report);
      if (best >= 0) orientation.takePose(best);
    },
    limitResolution: (maxResolutionA) => {
      const { filters } = store.getState().sampling.options;
      sampling.setSampleOptions({ filters: { ...filters, maxResolutionA } });
    },
  };
}
