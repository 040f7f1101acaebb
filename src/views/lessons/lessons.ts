import type { AppActions, AppState } from "#src/state/appTypes.ts";
import { bestCandidate, sameOrientation } from "#src/state/orientationSlice.ts";
import { moviesOf } from "#src/state/sessionState.ts";
import type { LessonId } from "#src/state/viewSlice.ts";

export interface LessonStep {
  readonly title: string;
  readonly text: string;
  /** What the button does for those who want to be shown; absent = only looking. */
  readonly show?: {
    readonly label: string;
    readonly act: (actions: AppActions, state: AppState) => void;
  };
  /** Whether the page shows that it has been done; absent = reading is all. */
  readonly done?: (state: AppState) => boolean;
}

export interface Lesson {
  readonly id: LessonId;
  readonly title: string;
  readonly text: string;
  readonly workspace: string;
  readonly start: (actions: AppActions) => void;
  /** Whether its data are open: before that nothing can be done. */
  readonly ready: (state: AppState) => boolean;
  readonly steps: readonly LessonStep[];
}

const firstMovie = (state: AppState): string => moviesOf(state.session).at(0)?.id ?? "";

const demoOpen = ({ session }: AppState): boolean =>
  session.reference !== null && moviesOf(session).some(({ header }) => header !== null);

const aligned = (state: AppState): boolean => state.motion.reports[firstMovie(state)] !== undefined;

/** Poses that the board shows and that are not the best, by position. */
function wrongPoses({ orientation: { report } }: AppState): readonly number[] {
  if (report === null) return [];
  const best = bestCandidate(report);
  return report.candidates.flatMap(({ score }, i) => (score === null || i === best ? [] : [i]));
}

const poseTaken = ({ orientation, gain }: AppState): boolean =>
  orientation.report?.best != null && sameOrientation(orientation.report.best, gain.orientation);

/** Guided walks through the page itself: every step is done with the real controls on simulated data. */
export const LESSONS: readonly Lesson[] = [
  {
    id: "pose",
    title: "Which way round is the gain?",
    text: "Sixteen poses, one of which makes the lattice of lines vanish. Find it by eye, then by number.",
    workspace: "Gain",
    ready: demoOpen,
    start: (actions) => {
      void actions.openDemo();
      actions.openWorkspace("gain");
      actions.setGainView({ tab: "orientation" });
    },
    steps: [
      {
        title: "A movie and its reference",
        text: "The demo movie was recorded without gain correction; its reference lies beside it, turned and mirrored as files often are. The board shows the average of the movie under the reference in every pose. Wait until it is drawn.",
        show: {
          label: "Search the pose",
          act: (actions) => {
            actions.setGainView({ tab: "orientation" });
            void actions.findOrientation();
          },
        },
        done: ({ orientation }) => orientation.report !== null,
      },
      {
        title: "Look first",
        text: "Pick tiles with the arrow keys or the mouse. In a wrong pose the reference adds a second lattice of lines to that of the camera; in the right one both vanish. Poses that cannot fit a movie that is not square are marked. The larger pictures compare your tile with the best one.",
        show: {
          label: "Show a wrong pose",
          act: (actions, state) => {
            const others = wrongPoses(state).filter((i) => i !== state.orientation.left);
            void actions.lookAtPose(others[Math.floor(others.length / 2)] ?? 0);
          },
        },
        // The first wrong pose is shown from the start.
        done: (state) => wrongPoses(state).slice(1).includes(state.orientation.left),
      },
      {
        title: "Now by number",
        text: "Each score counts standard errors of the correlation between the posed reference and the fixed pattern of the movie. A wrong pose scatters about zero; the right one stands far out. The page takes it by itself when it is that sure; Enter on a tile takes another one, if you know better.",
        show: { label: "Take the best pose", act: (actions) => actions.takeBestPose() },
        done: poseTaken,
      },
      {
        title: "What is left",
        text: "Apply the reference and estimate what it leaves. The sd of the residual gain must fall to what the electrons alone explain; the verdict says pass, warn or not decidable.",
        show: {
          label: "Estimate the residual gain",
          act: (actions) => {
            actions.setGainView({ tab: "residual" });
            actions.setResidual(true);
            void actions.estimateGain();
          },
        },
        done: ({ gain }) => Object.values(gain.reports).some(({ residual }) => residual),
      },
    ],
  },
  {
    id: "drift",
    title: "What does drift do?",
    text: "Follow the specimen over 24 frames and watch the Thon rings that its motion takes away.",
    workspace: "Motion",
    ready: demoOpen,
    start: (actions) => {
      void actions.openDemo();
      actions.openWorkspace("motion");
    },
    steps: [
      {
        title: "Look at the frames",
        text: "The demo movie is noise to the eye: 4 electrons a pixel and frame. Its specimen drifts by nine pixels all the same. Align it: the frames are compared with each other, globally and in patches.",
        show: {
          label: "Correct motion",
          act: (actions, state) => void actions.correctMotion([firstMovie(state)]),
        },
        done: aligned,
      },
      {
        title: "The path",
        text: "The white dot is frame 1. The steps are long at first, when the beam hits, and short later: where the dose is known, the first 4 e⁻/Å² have a number of their own. Patches go their own ways; their paths are drawn magnified.",
        show: {
          label: "Show trajectories",
          act: (actions) => actions.setMotionView({ picture: "after", overlay: "trajectories" }),
        },
        done: (state) =>
          aligned(state) &&
          state.motion.picture === "after" &&
          state.motion.overlay === "trajectories",
      },
      {
        title: "Before and after",
        text: "Both pictures are sums of the same frames. Move the handle, or hold B: what was smeared along the path becomes sharp, and nothing else changes.",
        show: { label: "Compare", act: (actions) => actions.setMotionView({ picture: "compare" }) },
        done: (state) => aligned(state) && state.motion.picture === "compare",
      },
      {
        title: "What it cost",
        text: "In the power spectrum, motion takes away Thon rings from the outside inwards, and most along its own direction. The left half is before, the right half after; the ring under the cursor reads Å.",
        show: { label: "Spectra", act: (actions) => actions.setMotionView({ picture: "spectra" }) },
        done: (state) => aligned(state) && state.motion.picture === "spectra",
      },
      {
        title: "Is local motion worth it?",
        text: "Switch the patches off and align again. Compare the rms of the local motion and the outermost rings with what you had; then reset the parameter and redo.",
        show: {
          label: "Align as one",
          act: (actions, state) => {
            actions.setMotionParameters({ patches: "none" });
            void actions.correctMotion([firstMovie(state)]);
          },
        },
        done: ({ motion }) =>
          motion.parameters.patches === "none" &&
          Object.values(motion.reports).some(({ localRmsPx }) => localRmsPx === 0),
      },
    ],
  },
  {
    id: "defocus",
    title: "Choose micrographs by defocus",
    text: "A sample of 25 of 300 that covers the whole range evenly, although the session does not.",
    workspace: "Sampling",
    ready: ({ sampling }) => sampling.table !== null,
    start: (actions) => {
      void actions.openDemoTable();
      actions.openWorkspace("sampling");
    },
    steps: [
      {
        title: "The whole session",
        text: "Grey bars: 300 simulated CTF estimates, most of them at low defocus. A plain random choice would repeat that crowd. Blue bars: 25 of them, as many from each bin as the bins allow.",
        done: ({ sampling }) => sampling.sample !== null,
      },
      {
        title: "Chance has a seed",
        text: "The same seed gives the same micrographs, on every computer; it is saved with the sample. Draw again with another one: the names change, the shape stays.",
        show: { label: "Draw again", act: (actions) => actions.sampleAgain() },
        done: ({ sampling }) => sampling.options.seed !== 1,
      },
      {
        title: "Leave out what is poor",
        text: "Set a limit on the CTF resolution. What lies beyond is left out before drawing, and the sum line says how many and why.",
        show: {
          label: "Limit to 4.5 Å",
          act: (actions) => actions.limitResolution(4.5),
        },
        done: ({ sampling }) => sampling.options.filters.maxResolutionA !== null,
      },
      {
        title: "Take it with you",
        text: "Save writes the table cut to the sample, in its own format, with the list of names. In a running session the sampler waits for its minimum of estimates, 100 by default, and then draws by itself.",
      },
    ],
  },
];
