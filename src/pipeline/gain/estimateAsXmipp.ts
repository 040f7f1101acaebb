import { addFrame } from "#src/math/frameSum.ts";
import { NOTHING_RECORDED } from "#src/math/gainFromSums.ts";
import { scaleToMeanOne } from "#src/math/statistics.ts";
import type { GainEstimate, GainIteration } from "#src/domain/gainEstimate.ts";
import { streamFrames } from "../frameStream.ts";
import type { StepContext } from "../stepContext.ts";
import { finishEstimate } from "./finishEstimate.ts";
import { SME_SCOPE } from "./estimateBySme.ts";
import { planFrames } from "./framePlan.ts";
import type { GainRequest } from "./gainRequest.ts";
import { sigmaOfXmipp } from "./sigmaList.ts";

/**
 * What `xmipp_movie_estimate_gain` (3.25) computes, its defects included: frames are *divided* by the
 * current image, which from the second iteration on is the correction and not the gain; the sum of
 * observed frames is that of raw frames also when a reference is given; σ is never searched for; equal
 * values take the last entry among their ranks; no pixel is left out.
 */
export async function estimateAsXmipp(
  request: GainRequest,
  context: StepContext,
): Promise<GainEstimate> {
  const start = performance.now();
  const { reader, reference } = request;
  const parameters = {
    ...request.parameters,
    iterations: request.parameters.iterations === "auto" ? 1 : request.parameters.iterations,
    frameStep: request.parameters.frameStep === "auto" ? 5 : request.parameters.frameStep,
    grouping: 1,
  };
  const { width, height, frames: inMovie } = reader.header;
  const size = width * height;
  const plan = await planFrames(reader, parameters, context);
  const observed = new Float32Array(size);
  const sigma = sigmaOfXmipp(parameters);
  const session = await context.backend.gain.openSme({
    width,
    height,
    reference: parameters.method === "sme-neighbour" ? "neighbours" : "single",
    sigmas: [sigma],
    ties: "last",
    precise: true,
    bad: null,
  });
  const iterations: GainIteration[] = [];
  let divisor: Float64Array<ArrayBuffer> | null = null;
  if (reference !== null)
    // The program divides by 0 at bad pixels; 1 is the nearest thing that can be computed with.
    divisor = Float64Array.from(request.rawReference ?? reference.correction, (c) =>
      c > 0 ? c : 1,
    );
  try {
    for (let iteration = 0; iteration < parameters.iterations; iteration++) {
      await session.begin(divisor === null ? null : { values: divisor, operation: "divide" });
      let done = 0;
      for await (const { pixels } of streamFrames(reader, plan.frames, context)) {
        if (iteration === 0) addFrame(observed, pixels);
        await session.add(pixels, context.signal);
        context.onProgress?.({ step: "Equalizing", done: ++done, total: plan.frames.length });
      }
      const ideal = await session.collect();
      const next = new Float64Array(size);
      for (let i = 0; i < size; i++)
        next[i] = Math.abs(2 * observed[i]) < NOTHING_RECORDED ? 1 : ideal[i] / observed[i];
      scaleToMeanOne(next, null);
      let squares = 0;
      for (let i = 0; i < size; i++) squares += (next[i] - (divisor?.[i] ?? 1)) ** 2;
      iterations.push({ change: Math.sqrt(squares / size), noise: null });
      divisor = next;
    }
  } finally {
    session.close();
  }
  const correction = Float32Array.from(divisor ?? new Float64Array(size).fill(1));
  const pixelGain = correction.map((c) => (c > 0 ? 1 / c : 1));
  scaleToMeanOne(pixelGain, null);
  return finishEstimate({
    name: request.name,
    parameters,
    residual: reference !== null,
    width,
    height,
    pixelGain,
    correction,
    bad: new Uint8Array(size),
    halves: null,
    iterations,
    sigmas: plan.frames.flatMap((firstFrame) =>
      iterations.map((_, iteration) => ({
        iteration,
        firstFrame,
        frames: 1,
        column: sigma,
        row: sigma,
      })),
    ),
    counts: {
      framesUsed: plan.frames,
      framesInMovie: inMovie,
      framesPerGroup: 1,
      groups: plan.frames.length,
      unitsPerElectron: plan.unitsPerElectron,
      unitsSource: plan.unitsSource,
      perFrame: plan.countsPerFrame,
      total: plan.countsPerFrame * plan.frames.length,
    },
    afanasyev: null,
    sums: request.keepSums
      ? {
          all: { observed, ideal: observed.map((v, i) => v * correction[i]) },
          odd: null,
          even: null,
        }
      : null,
    chosen:
      reference === null
        ? [
            "As the reference program: what is written is C, the sum of equalized over recorded frames.",
          ]
        : [
            "As the reference program: frames are divided by the reference, and the raw frames are the observed ones.",
          ],
    scope: SME_SCOPE,
    seconds: (performance.now() - start) / 1000,
  });
}
