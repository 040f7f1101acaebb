import type { GainOrientation } from "#src/domain/gain.ts";
import type { PoseWords } from "#src/domain/orientation.ts";
import { canonicalPose } from "./pose.ts";

const FLIP_NUMBER = { none: 0, "upside-down": 1, "left-right": 2 } as const;

/**
 * The pose of a reference file in the words of other programs, from its canonical name. RELION's were run for all twelve
 * combinations; MotionCor's follow its kernel, `out(x, y) = in(y, H − 1 − x)` for one turn; Xmipp's its
 * matrices: flip first, then counter-clockwise.
 * @param file name of the reference that the options are for
 * @param tiff movie or reference is a TIFF, whose rows Xmipp alone does not reverse on reading
 */
export function poseInWords(orientation: GainOrientation, file: string, tiff = false): PoseWords[] {
  const { inverted } = orientation;
  const { rotation90: turns, flip } = canonicalPose(orientation);
  const number = FLIP_NUMBER[flip];
  // A reflection turns the sense of a rotation round: with a flip, k clockwise after is k counter-clockwise before.
  const counterClockwise = flip === "none" ? (4 - turns) % 4 : turns;
  return [
    {
      program: "RELION",
      command: inverted ? null : `--gainref ${file} --gain_rot ${turns} --gain_flip ${number}`,
      note: inverted
        ? `RELION cannot invert a gain: give it the saved oriented gain instead of ${file}.`
        : "Rotation first, then flip; RELION turns clockwise as displayed.",
    },
    {
      program: "MotionCor2/3",
      command: `-Gain ${file} -RotGain ${turns} -FlipGain ${number}${inverted ? " -InvGain 1" : ""}`,
      note: "Rotation first, then flip. The manual calls the turn counter-clockwise: it sees row 0 at the bottom.",
    },
    {
      program: "Xmipp FlexAlign",
      command:
        inverted || tiff
          ? null
          : `gain rotation ${counterClockwise * 90}°, gain flip ${flip === "none" ? "none" : flip.replace("-", " ")}`,
      note: tiff
        ? "Xmipp does not reverse the rows of TIFF files: give it the final gain in the rows of the TIFF files, with the table that names it."
        : inverted
          ? `FlexAlign multiplies by the gain: give it the saved oriented gain instead of ${file}.`
          : "Xmipp flips first, then turns counter-clockwise, and displaces even sizes by one pixel: the saved oriented gain is exact.",
    },
    {
      program: "cryoSPARC",
      command: null,
      note: "The order and sense of its flips and turns are not established here: import the saved oriented gain without any.",
    },
  ];
}
