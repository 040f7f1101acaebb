import { gainFromSums } from "#src/math/gainFromSums.ts";
import { rmsDifference } from "#src/math/statistics.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { SmeOptions, SmeSession } from "#src/compute/gainCompute.ts";
import type { FrameSigmas, GainIteration } from "#src/domain/gainEstimate.ts";
import type { Float32Pixels, PixelArray, PixelType } from "#src/domain/movie.ts";
import type { StepContext } from "../stepContext.ts";
import { wholeGroup } from "./frameGroups.ts";
import type { FrameGroup, FrameGroups } from "./frameGroups.ts";

/** Most iterations of an automatic run. */
const MOST_ITERATIONS = 8;
/** An automatic run ends when an iteration changes G by less than this part of its noise … */
const CHANGE_OF_NOISE = 0.5;
/** … or by less than this, where there is no noise to speak of. */
const SMALLEST_CHANGE = 2e-4;

/**
 * With fewer electrons a pixel most values of a line are ties, which the first correction breaks in its
 * own image: a second iteration then adds ten times the noise that it takes from the pattern.
 */
export const FEW_COUNTS = 24;

type Half = "all" | "odd" | "even";

export interface ChainRequest {
  readonly groups: FrameGroups;
  readonly pixelType: PixelType;
  readonly sme: SmeOptions;
  /** Correction of the reference whose residual is estimated, or null. */
  readonly reference: Float32Pixels | null;
  /** Σ R·C over all, odd and even frames. */
  readonly observed: Readonly<Record<Half, Float32Pixels>>;
  readonly bad: Uint8Array<ArrayBuffer>;
  readonly iterations: number | "auto";
  /** Electrons a pixel in a group: with few, an automatic run stops after one iteration. */
  readonly countsPerGroup: number;
  /** Whether halves are equalized too, which the noise needs. */
  readonly halves: boolean;
  /** No group has more than one frame, so in the first iteration the halves add up to the whole. */
  readonly singleFrames: boolean;
}

export interface ChainResult {
  /** G of each chain, mean 1. */
  readonly gain: Readonly<Record<Half, Float32Pixels | null>>;
  readonly iterations: GainIteration[];
  readonly sigmas: FrameSigmas[];
}

/** `C_ref / G`, what frames are multiplied by before equalization; null when both are absent. */
function factorOf(
  reference: Float32Pixels | null,
  gain: Float32Pixels | null,
): Float32Pixels | null {
  if (gain === null) return reference;
  const factor = new Float32Array(gain.length);
  if (reference === null) for (let i = 0; i < factor.length; i++) factor[i] = 1 / gain[i];
  else for (let i = 0; i < factor.length; i++) factor[i] = reference[i] / gain[i];
  return factor;
}

/** The pictures of a group that belong to a chain. */
function picturesOf(
  group: FrameGroup,
  half: Half,
  type: PixelType,
): { pixels: PixelArray; frames: number }[] {
  if (half === "all")
    return [
      {
        pixels: wholeGroup(group, type),
        frames: group.halves.reduce((n, h) => n + h.frames.length, 0),
      },
    ];
  return group.halves
    .filter((h) => h.half === half)
    .map((h) => ({ pixels: h.pixels, frames: h.frames.length }));
}

/**
 * The iteration `G ← Σ I / Σ SME(I/G)` over groups of summed frames (Sorzano et al. 2018, Eq. 7), for all
 * frames and, for the noise, for the odd and the even ones by themselves.
 */
export async function runSmeChains(
  request: ChainRequest,
  context: StepContext,
): Promise<ChainResult> {
  const { groups, observed, bad, reference, pixelType } = request;
  const session = await context.backend.gain.openSme(request.sme);
  try {
    const gain: Record<Half, Float32Pixels | null> = { all: null, odd: null, even: null };
    const iterations: GainIteration[] = [];
    const sigmas: FrameSigmas[] = [];
    const limit = request.iterations === "auto" ? MOST_ITERATIONS : request.iterations;

    for (let iteration = 0; iteration < limit; iteration++) {
      throwIfCancelled(context.signal);
      context.onProgress?.({ step: "Equalizing", done: iteration, total: limit });
      const sharing = iteration === 0 && request.halves && request.singleFrames;
      const pass = (half: Half, from: Float32Pixels | null): Promise<Float32Pixels> =>
        equalize(
          session,
          groups,
          pixelType,
          half,
          factorOf(reference, from),
          (first, n, w) => {
            if (half === "all" || sharing)
              sigmas.push({ iteration, firstFrame: first, frames: n, ...w });
          },
          context,
        );

      const before = gain.all;
      let ideal: Float32Pixels | null = sharing ? null : await pass("all", before);
      let noise: number | null = null;
      if (request.halves) {
        for (const half of ["odd", "even"] as const) {
          const own = await pass(half, gain[half]);
          gain[half] = gainFromSums(observed[half], own, bad);
          if (sharing) ideal = ideal === null ? own : addTo(ideal, own);
        }
        if (gain.odd !== null && gain.even !== null)
          noise = rmsDifference(gain.odd, gain.even, bad) / 2;
      }
      const next = gainFromSums(observed.all, ideal ?? observed.all, bad);
      const change = rmsDifference(next, before ?? new Float32Array(next.length).fill(1), bad);
      gain.all = next;
      iterations.push({ change, noise });
      context.log?.(
        `Iteration ${iteration + 1}: change ${change.toExponential(2)}${noise === null ? "" : `, noise ${noise.toExponential(2)}`}.`,
      );
      if (
        request.iterations === "auto" &&
        (change < Math.max(SMALLEST_CHANGE, CHANGE_OF_NOISE * (noise ?? 0)) ||
          request.countsPerGroup < FEW_COUNTS)
      )
        break;
    }
    return { gain, iterations, sigmas };
  } finally {
    session.close();
  }
}

/** `sum += values`, in place. */
function addTo(sum: Float32Pixels, values: Float32Pixels): Float32Pixels {
  for (let i = 0; i < sum.length; i++) sum[i] += values[i];
  return sum;
}

/** Σ SME of one chain's pictures. */
async function equalize(
  session: SmeSession,
  groups: FrameGroups,
  pixelType: PixelType,
  half: Half,
  factor: Float32Pixels | null,
  onSigmas: (first: number, frames: number, widths: { column: number; row: number }) => void,
  { signal }: StepContext,
): Promise<Float32Pixels> {
  await session.begin(factor === null ? null : { values: factor, operation: "multiply" });
  // Two at a time: the backend takes the next frame in while it works on one.
  const running: Promise<void>[] = [];
  for await (const group of groups.read())
    for (const { pixels, frames } of picturesOf(group, half, pixelType)) {
      const added = session.add(pixels, signal).then((w) => onSigmas(group.first, frames, w));
      added.catch(() => undefined);
      running.push(added);
      if (running.length > 1) await running.shift();
    }
  for (const added of running) await added;
  const sum = await session.collect();
  return sum instanceof Float32Array ? sum : Float32Array.from(sum);
}
