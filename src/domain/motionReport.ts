import type { MotionDiagnostics, MotionOptions } from "./motion.ts";
import type { StageSeconds } from "./processedMovie.ts";
import type { CorrectedRow } from "./records/correctedRow.ts";
import type { RadialCurve } from "./powerSpectrum.ts";

/** What the user may set in the motion workspace. `null` and "auto": automatic. */
export interface MotionParameters {
  /** Frames aligned, from 0 inclusive; `lastFrame` null = the last. */
  readonly firstFrame: number;
  readonly lastFrame: number | null;
  /** Frames summed; null = as aligned. */
  readonly sumFirst: number | null;
  readonly sumLast: number | null;
  readonly maxResolutionA: number | null;
  readonly maxShiftA: number;
  readonly minPatchA: number | null;
  /** Part of a patch that its neighbour shares; null = automatic. */
  readonly overlap: number | null;
  readonly patches: MotionOptions["patches"];
  readonly controlPoints: MotionOptions["controlPoints"];
  readonly group: number | null;
  readonly binning: number;
  /** e⁻/Å² for a frame; null = as the header says. */
  readonly dosePerFrame: number | null;
  readonly preExposure: number;
  readonly voltageKv: number;
  readonly doseWeighting: boolean;
  readonly evenOdd: boolean;
  readonly result: "sum" | "mean";
  /** Multiply frames by the session's gain reference. */
  readonly useReference: boolean;
  readonly parity: boolean;
}

/** Defaults of the application; FlexAlign's where they are not automatic. */
export const DEFAULT_MOTION_PARAMETERS: MotionParameters = {
  firstFrame: 0,
  lastFrame: null,
  sumFirst: null,
  sumLast: null,
  maxResolutionA: null,
  maxShiftA: 50,
  minPatchA: null,
  overlap: null,
  patches: "auto",
  controlPoints: "auto",
  group: null,
  binning: 1,
  dosePerFrame: null,
  preExposure: 0,
  voltageKv: 300,
  doseWeighting: true,
  evenOdd: false,
  result: "sum",
  useReference: true,
  parity: false,
};

/** Displacement at one place of the micrograph, frame by frame, px against the reference frame. */
export interface LocalTrack {
  /** px of the unbinned movie, in the reference frame. */
  readonly x: number;
  readonly y: number;
  readonly dx: readonly number[];
  readonly dy: readonly number[];
  /** rms over frames of what it moves besides the global motion, its mean taken off, px. */
  readonly localRmsPx: number;
}

/** Radial curves of one kind of spectrum. */
export interface SpectrumCurves {
  /** Side of a piece, px. */
  readonly size: number;
  readonly before: RadialCurve;
  readonly after: RadialCurve;
}

/** What the page shows of a corrected movie. Pictures stay in the worker under `motion/<id>/…`. */
export interface MotionReport {
  readonly id: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly pixelSizeA: number | null;
  readonly framesInMovie: number;
  readonly frameIndices: readonly number[];
  readonly referenceFrame: number;
  readonly dosePerFrame: number | null;
  readonly preExposure: number;
  /** Mean displacement of each frame against the reference frame, px. */
  readonly globalX: readonly number[];
  readonly globalY: readonly number[];
  /** Length of each frame's step from the one before, px; the first has 0. */
  readonly step: readonly number[];
  /** Sum of the steps, px, in all and up to 4 e⁻/Å² (null without a dose). */
  readonly totalPx: number;
  readonly earlyPx: number | null;
  readonly localRmsPx: number;
  readonly expectedErrorPx: number | null;
  readonly fallbackReason: string | null;
  readonly flags: readonly string[];
  readonly chosen: Readonly<Record<string, number | string | boolean>>;
  readonly diagnostics: MotionDiagnostics | null;
  readonly tracks: readonly LocalTrack[];
  /** Magnification at which trajectories do not reach their neighbours. */
  readonly magnify: number;
  /** The same for their local part alone. Absent in results of earlier versions. */
  readonly magnifyLocal?: number;
  /** Fit of RELION's polynomial to the field: rms and largest distance, px. */
  readonly relionFitRmsPx: number;
  /** Absent in results of earlier versions. */
  readonly relionFitMaxPx?: number;
  readonly micrograph: {
    readonly width: number;
    readonly height: number;
    readonly pixelSizeA: number | null;
    readonly frames: number;
    readonly result: "sum" | "mean";
    readonly doseWeighted: boolean;
    readonly halves: boolean;
    readonly badPixels: number;
    readonly tile: number;
    readonly doseRank: number | null;
  };
  readonly spectra: { readonly reading: SpectrumCurves; readonly protocol: SpectrumCurves } | null;
  readonly files: readonly { readonly name: string; readonly title: string }[];
  /**
   * Prints of the pictures under `motion/<id>/…` (`math/pixelPrint`), by which pixels that are read back are
   * known for these; reports of earlier versions have none.
   */
  readonly prints?: Readonly<Partial<Record<string, string>>>;
  /** For the table of corrected micrographs; its paths start at the folder of the results. */
  readonly corrected: CorrectedRow;
  readonly seconds: StageSeconds;
}
