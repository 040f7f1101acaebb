import { CryoloupeError } from "#src/domain/errors.ts";
import type { MotionOptions } from "#src/domain/motion.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import type { MotionCorrections } from "../estimateMotion.ts";

/** Indices of the frames that are asked for. */
export function alignedFrames(movie: MovieReader, options: MotionOptions): number[] {
  const { frames } = movie.header;
  const { firstFrame, lastFrame } = options;
  if (!(firstFrame >= 0 && lastFrame < frames && firstFrame <= lastFrame))
    throw new CryoloupeError(
      "bad-arguments",
      `Aligning ${movie.name}: frames ${firstFrame + 1} to ${lastFrame + 1} were asked for, the movie has ${frames}. Choose a range inside 1 to ${frames}.`,
      { file: movie.name, step: "align" },
    );
  return Array.from({ length: lastFrame - firstFrame + 1 }, (_, i) => firstFrame + i);
}

/** Corrections must have the size of the frames. */
export function checkSizes(movie: MovieReader, { gain, dark }: MotionCorrections): void {
  const { width, height } = movie.header;
  if (gain !== null && (gain.width !== width || gain.height !== height))
    throw new CryoloupeError(
      "size-mismatch",
      `Aligning ${movie.name}: the gain has ${gain.width} × ${gain.height} pixels, the frames have ${width} × ${height}. Turn the gain into the movie's pose, or choose another one.`,
      { file: movie.name, step: "align" },
    );
  if (dark !== null && dark.length !== width * height)
    throw new CryoloupeError(
      "size-mismatch",
      `Aligning ${movie.name}: the dark reference has ${dark.length} pixels, the frames have ${width} × ${height}. Choose a dark reference of the same size.`,
      { file: movie.name, step: "align" },
    );
}
