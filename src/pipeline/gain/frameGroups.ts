import { addFrame, emptySum } from "#src/math/frameSum.ts";
import { BYTES_PER_PIXEL } from "#src/domain/movie.ts";
import type { MovieReader, PixelArray, PixelType } from "#src/domain/movie.ts";
import { streamFrames } from "../frameStream.ts";
import type { StepContext } from "../stepContext.ts";

/** Frames of one half (odd or even) of a group, summed. */
export interface HalfGroup {
  readonly half: "odd" | "even";
  /** Indices in the movie. */
  readonly frames: readonly number[];
  readonly pixels: PixelArray;
}

/** A group of frames in its halves. A group of one frame has one half only. */
export interface FrameGroup {
  readonly first: number;
  readonly halves: readonly HalfGroup[];
}

/** Groups of summed frames, read as often as wanted: kept when they fit, read again when not. */
export interface FrameGroups {
  /** The groups in order. Their pixels must not be changed. */
  read(): AsyncGenerator<FrameGroup, void, undefined>;
}

/** Share of the memory budget that summed frames may be kept in. */
const KEPT_SHARE = 0.5;

/**
 * @param groups   indices of the frames of each group, ascending
 * @param onFrame  sees every frame once, in the first reading
 */
export function createFrameGroups(
  reader: MovieReader,
  groups: readonly (readonly number[])[],
  context: StepContext,
  onFrame: (pixels: PixelArray, index: number) => void,
): FrameGroups {
  const { width, height, pixelType } = reader.header;
  const frames = groups.flat();
  const frameBytes = width * height * BYTES_PER_PIXEL[pixelType];
  // Sums take up to twice the bytes of a frame, for each half.
  const keptBytes = groups.reduce((sum, g) => sum + (g.length === 1 ? 1 : 4) * frameBytes, 0);
  const keep = keptBytes <= KEPT_SHARE * context.backend.info.budgetBytes;
  const kept: FrameGroup[] = [];
  let readOnce = false;

  /** Position among the frames used decides the half. */
  const halfOf = (position: number): "odd" | "even" => (position % 2 === 0 ? "odd" : "even");

  async function* readAnew(): AsyncGenerator<FrameGroup, void, undefined> {
    const stream = streamFrames(reader, frames, context);
    let position = 0;
    let bytes = 0;
    try {
      for (const group of groups) {
        const sums: { half: "odd" | "even"; frames: number[]; pixels: PixelArray }[] = [];
        for (const index of group) {
          const next = await stream.next();
          if (next.done === true) return;
          const { pixels } = next.value;
          bytes += pixels.byteLength;
          if (!readOnce) onFrame(pixels, index);
          const half = halfOf(position++);
          const sum = sums.find((s) => s.half === half);
          if (sum === undefined) {
            if (group.length <= 2) sums.push({ half, frames: [index], pixels });
            else {
              const empty = emptySum(pixelType, pixels.length, Math.ceil(group.length / 2));
              addFrame(empty, pixels);
              sums.push({ half, frames: [index], pixels: empty });
            }
          } else {
            addFrame(sum.pixels, pixels);
            sum.frames.push(index);
          }
          context.onProgress?.({
            step: readOnce ? "Reading frames again" : "Reading frames",
            done: position,
            total: frames.length,
            bytes,
          });
        }
        yield { first: group[0], halves: sums };
      }
    } finally {
      // Ends what is being read ahead, also when the receiver stops early.
      await stream.return();
    }
  }

  return {
    read: async function* () {
      if (readOnce && keep) {
        yield* kept;
        return;
      }
      for await (const group of readAnew()) {
        if (keep) kept.push(group);
        yield group;
      }
      readOnce = true;
    },
  };
}

/** Both halves of a group as one sum. `type` is that of the movie's frames. */
export function wholeGroup({ halves }: FrameGroup, type: PixelType): PixelArray {
  if (halves.length === 1) return halves[0].pixels;
  const frames = halves.reduce((n, half) => n + half.frames.length, 0);
  const sum = emptySum(type, halves[0].pixels.length, frames);
  for (const { pixels } of halves) addFrame(sum, pixels);
  return sum;
}
