import { gainPattern, moviePattern } from "#src/math/gainPattern.ts";
import type { GainPattern } from "#src/math/gainPattern.ts";
import type { Pose } from "#src/math/pose.ts";
import { correlatePose } from "#src/math/poseScores.ts";
import type { PoseCorrelation } from "#src/math/poseScores.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import type { JobDefinition } from "./pool.ts";

/** What a pattern is made of: a movie's summed frames, or the logarithm of a reference. */
export type PatternTask =
  | {
      readonly of: "movie";
      readonly sum: Float32Pixels;
      readonly width: number;
      readonly height: number;
      readonly unitsPerElectron: number;
    }
  | {
      readonly of: "reference";
      readonly logGain: Float32Pixels;
      readonly good: Uint8Array<ArrayBuffer>;
      readonly width: number;
      readonly height: number;
    };

/** Pixel patterns for the pose search. */
export const gainPatternJob: JobDefinition<null, PatternTask, GainPattern, null> = {
  name: "gainPattern",
  create: () => ({
    run: (task) => {
      const value =
        task.of === "movie"
          ? moviePattern(task.sum, task.width, task.height, task.unitsPerElectron)
          : gainPattern(task.logGain, task.good, task.width, task.height);
      return { value, transfer: [value.pattern.buffer, value.good.buffer] };
    },
    finish: () => ({ value: null }),
  }),
};

/** Correlation of a movie's pattern with a reference's; one task for each pose. */
export const poseJob: JobDefinition<
  { readonly movie: GainPattern; readonly reference: GainPattern },
  Pose,
  PoseCorrelation | null,
  null
> = {
  name: "pose",
  create: ({ movie, reference }) => ({
    run: (pose) => ({ value: correlatePose(movie, reference, pose) }),
    finish: () => ({ value: null }),
  }),
};
