import type { Float32Pixels } from "#src/domain/movie.ts";
import { applyPose } from "#src/math/pose.ts";
import { createSimulatedMovie } from "#src/simulation/simulatedMovie.ts";

const SIZE = 256;
const FRAMES = 8;

/** A movie and a reference that do not go together, and what has to be said about it. */
export interface PoseCase {
  readonly name: string;
  readonly frames: readonly Uint16Array<ArrayBuffer>[];
  readonly movieSize: { readonly width: number; readonly height: number };
  readonly reference: {
    readonly values: Float32Pixels;
    readonly width: number;
    readonly height: number;
  };
  readonly sentence: RegExp;
}

/** The bad cases of the pose search, about 190 counts a pixel over a specimen that drifts. */
export function makePoseCases(): readonly PoseCase[] {
  const options = {
    width: SIZE,
    height: SIZE,
    frames: FRAMES,
    electronsPerFrame: 24,
    gain: "lines",
    seed: 31,
  } as const;
  const movie = createSimulatedMovie(options);
  const raw = Array.from({ length: FRAMES }, (_, t) => Uint16Array.from(movie.frame(t)));
  const { values } = movie.reference();
  const size = { width: SIZE, height: SIZE };
  const own = { values, ...size };
  const corrected = (by: Float32Array): Uint16Array<ArrayBuffer>[] =>
    raw.map((frame) => frame.map((v, i) => Math.round(v * by[i])));
  const small = createSimulatedMovie({ ...options, width: 96, height: 200, frames: 1 });
  const shifted = values.slice();
  shifted.copyWithin(SIZE, 0, SIZE * (SIZE - 1));
  const dim = createSimulatedMovie({ ...options, electronsPerFrame: 0.03 });
  const turned = applyPose(values, SIZE, SIZE, { rotation90: 2, flip: "none" }).data;
  return [
    {
      name: "foreign",
      frames: raw,
      movieSize: size,
      reference: {
        values: createSimulatedMovie({ ...options, seed: 32 }).reference().values,
        ...size,
      },
      sentence: /has a pattern of its own.*another camera's/,
    },
    {
      name: "flat",
      frames: raw,
      movieSize: size,
      reference: { values: new Float32Array(SIZE * SIZE).fill(1), ...size },
      sentence: /is flat or empty: it has no pattern to match/,
    },
    {
      name: "wrong_size",
      frames: raw,
      movieSize: size,
      reference: { ...small.reference() },
      sentence: /is 96 × 200 px; the movies are 256 × 256.*choose the reference of this camera/,
    },
    {
      name: "shifted_by_a_row",
      frames: raw,
      movieSize: size,
      reference: { values: shifted, ...size },
      sentence: /fits when displaced by \(0, -1\) px.*Load the original/,
    },
    {
      name: "already_corrected",
      frames: corrected(values),
      movieSize: size,
      reference: own,
      sentence: /shows no pattern of a camera.*already corrected\. Go back to the raw movie/,
    },
    {
      name: "corrected_in_the_wrong_pose",
      frames: corrected(turned),
      movieSize: size,
      reference: own,
      sentence: /opposite signs.*already corrected with this reference in the wrong pose/,
    },
    {
      name: "too_few_counts",
      frames: Array.from({ length: FRAMES }, (_, t) => Uint16Array.from(dim.frame(t))),
      movieSize: size,
      reference: own,
      sentence: /standard errors only\. Add movies|about \d+ more movies? needed/,
    },
  ];
}
