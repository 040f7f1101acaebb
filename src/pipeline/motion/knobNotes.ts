import type { MotionOptions } from "#src/domain/motion.ts";
import type { LocalGeometry } from "./localGeometry.ts";

/** FlexAlign's knobs that the default estimator could not take at their word, each in a sentence. */
export function knobNotes(
  options: MotionOptions,
  geometry: LocalGeometry | null,
  binning: number,
): string[] {
  const notes: string[] = [];
  const { controlPoints, patches, minPatchA } = options;
  if (geometry === null) return notes;
  if (typeof controlPoints === "object") {
    const { x, y, t } = controlPoints;
    if (Math.min(x, y, t) < 4)
      notes.push(
        `${x} × ${y} × ${t} control points were asked for: where there are three, four were taken, since three cubic B-splines cannot hold a constant.`,
      );
  }
  if (typeof patches === "object" && Math.min(patches.x, patches.y) < 2)
    notes.push(
      `${patches.x} × ${patches.y} patches were asked for: ${geometry.columns} × ${geometry.rows} were taken, the fewest that can show local motion.`,
    );
  if (minPatchA !== null) {
    const side = geometry.side * binning * (options.pixelSizeA ?? 1);
    if (Math.abs(side - minPatchA) > 0.25 * minPatchA)
      notes.push(
        `Patches of ${minPatchA} Å were asked for: ${side.toFixed(0)} Å were taken, since the estimator measures in patches of 48 to 160 px of the reduced movie and at most half of a side.`,
      );
  }
  return notes;
}
