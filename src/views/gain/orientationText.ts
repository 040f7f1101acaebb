import type { GainOrientation } from "#src/domain/gain.ts";
import type { StatusKind } from "#src/domain/session.ts";
import type { AppState } from "#src/state/appTypes.ts";

const FLIPS = {
  none: "no flip",
  "upside-down": "flip upside-down",
  "left-right": "flip left-right",
};

type Pose = Pick<GainOrientation, "rotation90" | "flip">;

/** Words on a picture: "90° cw, flip upside-down". */
export function shortPose({ rotation90, flip }: Pose): string {
  return `${rotation90 * 90}°${rotation90 === 0 ? "" : " cw"}, ${FLIPS[flip]}`;
}

/** The verdict's title: what to do with the reference. */
export function whatToDo({ rotation90, flip }: Pose): string {
  if (rotation90 === 0 && flip === "none") return "Leave the reference as it is";
  const turn = rotation90 === 0 ? "" : `Rotate ${rotation90 * 90}° clockwise`;
  const turned = flip === "none" ? "" : `flip ${flip}`;
  if (turn === "") return turned.replace("flip", "Flip");
  return turned === "" ? turn : `${turn}, then ${turned}`;
}

/** Glyph of the orientation tab. */
export function orientationMark({ orientation, session, runs }: AppState): StatusKind | null {
  if (session.reference === null) return null;
  if (runs.active?.title.startsWith("Orientation") === true) return "running";
  if (orientation.failure !== null) return "failed";
  if (orientation.report?.reference !== session.reference) return null;
  if (orientation.report.best === null) return "failed";
  return orientation.report.confident ? "pass" : "undecided";
}
