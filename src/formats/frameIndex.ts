import { CryoloupeError } from "#src/domain/errors.ts";

/** Refuses a frame index outside the movie. */
export function checkFrameIndex(file: string, index: number, frames: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= frames)
    throw new CryoloupeError(
      "bad-arguments",
      `Frame ${index + 1} of ${file} was asked for, but the movie has ${frames} frames.`,
      { file },
    );
}
