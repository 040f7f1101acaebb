/** Global displacement of each aligned frame against the reference frame, px of the unbinned movie. */
export interface ShiftTrack {
  /** Frames of the movie, from 0. */
  readonly frameIndices: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly pixelSizeA: number | null;
  /** e⁻/Å² for one frame. */
  readonly dosePerFrame: number | null;
  readonly preExposure: number;
}

/** `<movie>_shifts.csv`: frames from 1, displacement in px and Å, step from the frame before, dose behind each frame. */
export function shiftTable(track: ShiftTrack): string {
  const { pixelSizeA, dosePerFrame } = track;
  const head = [
    "frame",
    "x_px",
    "y_px",
    "step_px",
    ...(pixelSizeA === null ? [] : ["x_A", "y_A", "step_A"]),
    ...(dosePerFrame === null ? [] : ["dose_e_per_A2"]),
  ];
  const lines = track.frameIndices.map((frame, t) => {
    const before = Math.max(0, t - 1);
    const step = Math.hypot(track.x[t] - track.x[before], track.y[t] - track.y[before]);
    const px = [track.x[t], track.y[t], step];
    return [
      String(frame + 1),
      ...px.map((v) => v.toFixed(4)),
      ...(pixelSizeA === null ? [] : px.map((v) => (v * pixelSizeA).toFixed(4))),
      ...(dosePerFrame === null
        ? []
        : [(track.preExposure + dosePerFrame * (frame + 1)).toFixed(4)]),
    ].join(",");
  });
  return `${[head.join(","), ...lines].join("\n")}\n`;
}
