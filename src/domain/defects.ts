/** A rectangle of bad pixels; ends beyond the frame are cut off. */
export interface DefectRegion {
  /** px from the left and from row 0 of the reference. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Extent of a region that runs through the whole frame. */
export const WHOLE_EXTENT = 2 ** 30;

/** Bad pixels of a camera, as a list. Coordinates count from 0 in the rows of the file they belong to. */
export interface DefectList {
  readonly kind: "MotionCor/RELION text" | "SerialEM text" | "EER gain XML";
  readonly regions: readonly DefectRegion[];
  /** Size that the coordinates refer to, where the list says it. */
  readonly cameraWidth: number | null;
  readonly cameraHeight: number | null;
}
