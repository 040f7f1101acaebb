/**
 * The motion of the specimen, in px of the unbinned movie, x right, y down the rows.
 *
 * Two forms of the same field exist (app conventions; alignment recipe §8):
 * - *gather form* `d_t(X)`, indexed by the place X in the corrected micrograph:
 *   `out(X) = frame_t(X + d_t(X))`. Estimation and correction work in this form.
 * - *displacement* `u_t(x) = d_t(X) − d_ref(X)`, `x = X + d_t(X)`, indexed by the place x in frame t:
 *   where the specimen is in frame t minus where it is in the reference frame. Files and plots.
 */
export interface MotionField {
  readonly width: number;
  readonly height: number;
  /** Indices (from 0) of the movie's frames that were aligned, ascending; T of them. */
  readonly frameIndices: readonly number[];
  /** Position in `frameIndices` of the frame that displacements are counted from. */
  readonly referenceFrame: number;
  /** Global part g_t of `d_t` for each aligned frame, px. */
  readonly globalX: Float64Array;
  readonly globalY: Float64Array;
  /** Local part, or null when the movie moves as one. */
  readonly local: LocalMotion | null;
}

/**
 * Local part: `Σ_ijk c[k][j][i] · Bi(X/width) Bj(Y/height) Bk(t/T)`, uniform cubic B-splines as FlexAlign
 * has them (spacing dim/(l − 3) for l ≥ 4 control points, first basis centred one spacing before 0);
 * t is the position in `frameIndices`, T their number. Its mean over time need not be zero.
 */
export interface LocalMotion {
  readonly controlPoints: { readonly x: number; readonly y: number; readonly t: number };
  /** `[t][y][x]` flattened, px. */
  readonly coefficientsX: Float64Array;
  readonly coefficientsY: Float64Array;
}

/** What the estimate says of itself. */
export interface MotionQuality {
  /** Expected rms error of the field over places and frames, px (both axes together). */
  readonly expectedErrorPx: number;
  /** Log-likelihood gained over "nothing moves", nats. */
  readonly gainNats: number;
  /** Why the result has no local part, or null. */
  readonly fallbackReason: string | null;
  /** Sentences for the user: jumps, drift at the limit, no signal. */
  readonly flags: readonly string[];
}

/** Maps to look at: where the field is how uncertain, and how well each patch follows it. */
export interface MotionDiagnostics {
  /** Expected error of the field (both axes, rms over frames), px, at `errorX × errorY`, `[y][x]` flattened. */
  readonly errorX: readonly number[];
  readonly errorY: readonly number[];
  readonly errorPx: readonly number[];
  /** Centres of the patches, px of the unbinned movie, and their side. */
  readonly patchX: readonly number[];
  readonly patchY: readonly number[];
  readonly patchSidePx: number;
  /** How far each patch's own peak lies from the field (to first order, smoothed over nine frames), rms over frames, px. */
  readonly patchResidualPx: readonly number[];
  /** Share of each patch that counted, 0 … 1: below 1 where it does not follow the field of all. Absent in parity mode. */
  readonly patchTrust?: readonly number[];
  /** The same frame by frame along x and y, `[patch][t]`, px, and the aligned frames (positions) they belong to. */
  readonly residualTracks: {
    readonly frames: readonly number[];
    readonly x: readonly (readonly number[])[];
    readonly y: readonly (readonly number[])[];
  };
}

export interface MotionEstimate {
  readonly field: MotionField;
  readonly quality: MotionQuality;
  /** Null when nothing could be measured. */
  readonly diagnostics: MotionDiagnostics | null;
  /** Pixels (indices in `[height, width]`) that no list names and that stand out in the mean over time. */
  readonly hotPixels: ArrayLike<number>;
  /** Frames (indices in the movie) that cannot be decoded: left out here, and to be left out of sums. */
  readonly damagedFrames?: readonly number[];
  /**
   * FlexAlign's global displacements (parity mode with local motion), px against the reference frame, which
   * its `.xmd` holds beside splines that are smooth in time. Absent otherwise.
   */
  readonly frameDisplacements?: { readonly x: Float64Array; readonly y: Float64Array };
  /** Every parameter with the value that was chosen, for provenance and the panel. */
  readonly chosen: Readonly<Record<string, number | string | boolean>>;
}

/** What the user may set of the estimation; FlexAlign's words and meanings. */
export interface MotionOptions {
  /** First and last frame that are aligned, counted from 0, inclusive. */
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** Å/px of the movie's frames; null = not known: lengths in Å are then taken as px. */
  readonly pixelSizeA: number | null;
  /** No detail beyond this is used, Å. Null: as far as the movie's own signal reaches (parity mode: 30 Å, half amplitude). */
  readonly maxResolutionA: number | null;
  /** Largest displacement that is searched, Å. */
  readonly maxShiftA: number;
  /** Grid of patches; none = global motion only. */
  readonly patches: "auto" | "none" | { readonly x: number; readonly y: number };
  /** Smallest side of a patch, Å. Null: automatic (parity mode: 500 Å). */
  readonly minPatchA: number | null;
  /** Part of a patch that its neighbour shares, 0 ≤ overlap < 1; sets the number of automatic patches. Null: automatic. */
  readonly overlap: number | null;
  readonly controlPoints: "auto" | { readonly x: number; readonly y: number; readonly t: number };
  /** Frames added together before they are correlated (parity mode: sliding, automatic = 3). */
  readonly group: "auto" | number;
  /** Frame that displacements are counted from, position among the aligned frames (parity mode: FlexAlign's choice). */
  readonly referenceFrame: number;
  /** Xmipp FlexAlign's own arithmetic instead of ours. */
  readonly parity: boolean;
}

/** Options as the application and the command have them when nothing is set. */
export function defaultMotionOptions(frames: number, pixelSizeA: number | null): MotionOptions {
  return {
    firstFrame: 0,
    lastFrame: frames - 1,
    pixelSizeA,
    maxResolutionA: null,
    maxShiftA: 50,
    patches: "auto",
    minPatchA: null,
    overlap: null,
    controlPoints: "auto",
    group: "auto",
    referenceFrame: 0,
    parity: false,
  };
}
