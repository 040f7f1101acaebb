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
 * Local part: `Σ_ijk c[k][j][i] · Bi(x) Bj(y) Bk(t)`, uniform cubic B-splines as FlexAlign has them
 * (l ≥ 4 control points over a dimension, spacing dim/(l − 3), first basis centred one spacing before 0).
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

export interface MotionEstimate {
  readonly field: MotionField;
  readonly quality: MotionQuality;
  /** Every parameter with the value that was chosen, for provenance and the panel. */
  readonly chosen: Readonly<Record<string, number | string | boolean>>;
}
