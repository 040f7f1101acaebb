import type { GainOrientation, GainStatistics } from "./gain.ts";
import type { GainThumbnail } from "./gainReport.ts";

/** How well a reference in one pose and polarity explains the fixed pattern of the movies. */
export interface PoseCandidate extends GainOrientation {
  /**
   * Evidence in standard errors: positive = this polarity fits, negative = the other one does, about 0 =
   * neither. Null when the posed reference has the wrong shape.
   */
  readonly score: number | null;
  /** Correlation over good pixels at displacement 0; null with `score`. */
  readonly correlation: number | null;
  /** Why there is no score. */
  readonly reason: string | null;
}

/** A better fit of the reference when displaced: a diagnosis, never applied. */
export interface PoseDisplacement {
  /** px, x right, y down: the reference's content has to be moved by this to fit. */
  readonly x: number;
  readonly y: number;
  /** Evidence there, standard errors. */
  readonly score: number;
}

/** Which way round a reference belongs to the movies (gain recipe §6). */
export interface OrientationResult {
  /** The best pose, or null when nothing could be compared (flat reference, wrong size). */
  readonly best: PoseCandidate | null;
  /** Sixteen: eight poses, each multiplied and inverted, board order (rotation 0–3, no flip / upside-down). */
  readonly candidates: readonly PoseCandidate[];
  /** One standard error of the correlation. */
  readonly standardError: number | null;
  /** Best minus second-best pose, standard errors. */
  readonly margin: number | null;
  readonly confident: boolean;
  /** Regression of the movies' pattern on the reference's: 1 where the reference is this camera's. */
  readonly slope: number | null;
  readonly displacement: PoseDisplacement | null;
  /** Findings in sentences, the first is the verdict. */
  readonly findings: readonly string[];
  /** Movies whose evidence was combined, and their electrons per pixel in all. */
  readonly movies: readonly string[];
  readonly countsPerPixel: number;
  /** About how many more movies like these would make it confident; null when it is, or cannot be. */
  readonly moviesNeeded: number | null;
}

/** A pose in another program's words: what to type, and what to know about it. */
export interface PoseWords {
  readonly program: "RELION" | "MotionCor2/3" | "Xmipp FlexAlign" | "cryoSPARC";
  /** Options to copy; null where none can be given. */
  readonly command: string | null;
  readonly note: string;
}

/** A small picture of the corrected average in one pose, `[rows, columns]`, 0–255. */
export interface PoseTile {
  readonly columns: number;
  readonly rows: number;
  readonly grey: Uint8Array<ArrayBuffer>;
}

/** The orientation with a tile for each candidate; null where the pose has the wrong shape. */
export interface OrientationReport extends OrientationResult {
  readonly reference: string;
  readonly referenceName: string;
  /** The movie whose average the pictures show. */
  readonly movie: string;
  readonly tiles: readonly (PoseTile | null)[];
  /** For each candidate: its name, and what other programs call it. */
  readonly names: readonly string[];
  readonly words: readonly (readonly PoseWords[])[];
  /** Whose rows were reversed on reading. */
  readonly tiff: { readonly movies: boolean; readonly reference: boolean };
}

/** The reference in a pose, as the gain that it is then: the protocol's oriented gain. */
export interface OrientedGainReport {
  readonly reference: string;
  readonly referenceName: string;
  readonly orientation: GainOrientation;
  /** The pose in words. */
  readonly poseName: string;
  /** Begin of the names of its stored pictures, `<pictures>/G` and `/C`. */
  readonly pictures: string;
  readonly width: number;
  readonly height: number;
  /** Of the pixel gain G = 1/C over good pixels. */
  readonly statistics: GainStatistics;
  readonly badPixels: number;
  readonly thumbnail: GainThumbnail;
}
