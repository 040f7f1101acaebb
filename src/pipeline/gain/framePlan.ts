import { pairUnits, unitsOfPairs } from "#src/math/unitsPerElectron.ts";
import type { GainParameters } from "#src/domain/gainEstimate.ts";
import type { MovieReader, PixelArray } from "#src/domain/movie.ts";
import { streamFrames } from "../frameStream.ts";
import type { StepContext } from "../stepContext.ts";

/**
 * Counts a pixel that frames are summed to before equalization. Below about 64 ties and shot noise
 * spoil the ranks; up to a few hundred the estimate still gains from more (docs/adr/0005).
 */
export const COUNTS_PER_GROUP = 256;

/** Pixels that the probe looks at. */
const PROBE_PIXELS = 1 << 20;

/** Which frames are used and how they are summed. */
export interface FramePlan {
  /** Indices in the movie, ascending. */
  readonly frames: readonly number[];
  /** Consecutive entries of `frames` that are summed before equalization. */
  readonly groups: readonly (readonly number[])[];
  readonly unitsPerElectron: number;
  readonly unitsSource: "header" | "entered" | "movie" | "assumed";
  /** Electrons a pixel and frame. */
  readonly countsPerFrame: number;
  readonly chosen: readonly string[];
}

function meanOf(pixels: PixelArray): number {
  let sum = 0;
  for (let i = 0; i < pixels.length; i++) sum += pixels[i];
  return sum / pixels.length;
}

/** Up to three pairs of neighbouring frames: near the start, in the middle, at the end. */
function probePairs(frames: number): [number, number][] {
  if (frames < 2) return [];
  const starts = new Set([Math.min(1, frames - 2), Math.floor((frames - 1) / 2), frames - 2]);
  return [...starts].map((t) => [t, t + 1]);
}

/** What a few frames tell: mean count of a pixel in recorded units, and units per electron. */
async function probe(
  reader: MovieReader,
  context: StepContext,
): Promise<{ mean: number; units: number | null }> {
  const { width, height, frames } = reader.header;
  const pairs = probePairs(frames);
  const indices = [...new Set(pairs.length === 0 ? [0] : pairs.flat())].sort((a, b) => a - b);
  const rows = Math.max(1, Math.min(height, Math.floor(PROBE_PIXELS / width)));
  const start = Math.floor((height - rows) / 2) * width;
  const parts = new Map<number, PixelArray>();
  for await (const { index, pixels } of streamFrames(reader, indices, context))
    parts.set(index, pixels.slice(start, start + rows * width));
  const values = pairs.flatMap(([a, b]) => {
    const [first, second] = [parts.get(a), parts.get(b)];
    return first === undefined || second === undefined ? [] : [pairUnits(first, second, null)];
  });
  const means = [...parts.values()].map(meanOf);
  const known = values.some((v) => Number.isFinite(v) && v > 0);
  return {
    mean: means.reduce((s, m) => s + m, 0) / means.length,
    units: known ? unitsOfPairs(values) : null,
  };
}

/** Cuts `frames` into `count` runs of nearly equal length. */
function cut(frames: readonly number[], count: number): number[][] {
  return Array.from({ length: count }, (_, g) =>
    frames.slice(
      Math.floor((g * frames.length) / count),
      Math.floor(((g + 1) * frames.length) / count),
    ),
  );
}

/** Decides frames, groups and units; what was decided by itself is told in `chosen`. */
export async function planFrames(
  reader: MovieReader,
  parameters: GainParameters,
  context: StepContext,
): Promise<FramePlan> {
  const { header } = reader;
  const step = parameters.frameStep === "auto" ? 1 : parameters.frameStep;
  const frames = Array.from({ length: Math.ceil(header.frames / step) }, (_, i) => i * step);
  const { mean, units: measured } = await probe(reader, context);
  const entered = parameters.unitsPerElectron;
  const [unitsPerElectron, unitsSource] =
    entered !== null
      ? ([entered, "entered"] as const)
      : header.unitsPerElectron !== null
        ? ([header.unitsPerElectron, "header"] as const)
        : measured !== null
          ? ([measured, "movie"] as const)
          : ([1, "assumed"] as const);
  const countsPerFrame = mean / unitsPerElectron;
  const chosen: string[] = [];
  if (unitsSource === "movie")
    chosen.push(
      `${unitsPerElectron.toPrecision(3)} recorded units an electron, from the noise between neighbouring frames.`,
    );
  if (parameters.frameStep === "auto") chosen.push("Every frame is used.");
  let perGroup: number;
  if (parameters.grouping === "auto") {
    const wanted =
      countsPerFrame > 0 ? Math.round(COUNTS_PER_GROUP / countsPerFrame) : frames.length;
    perGroup = Math.max(1, Math.min(frames.length, wanted));
  } else perGroup = Math.min(frames.length, parameters.grouping);
  const count = Math.max(1, Math.round(frames.length / perGroup));
  if (parameters.grouping === "auto")
    chosen.push(
      count === frames.length
        ? "Frames hold counts enough and are not summed."
        : `${frames.length} frames are summed in ${count === 1 ? "one group" : `${count} groups`} of about ${Number(((countsPerFrame * frames.length) / count).toPrecision(2))} electrons a pixel.`,
    );
  return {
    frames,
    groups: cut(frames, count),
    unitsPerElectron,
    unitsSource,
    countsPerFrame,
    chosen,
  };
}
