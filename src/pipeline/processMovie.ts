import { CryoloupeError } from "#src/domain/errors.ts";
import type { CorrectionOptions } from "#src/domain/correction.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { MotionOptions } from "#src/domain/motion.ts";
import type { Float32Pixels, MovieReader } from "#src/domain/movie.ts";
import type { ProcessedMovie } from "#src/domain/processedMovie.ts";
import { PROTOCOL_PIECE } from "#src/math/powerSpectrum.ts";
import { correctMovie } from "./correctMovie.ts";
import { estimateMotion } from "./estimateMotion.ts";
import type { PlainMean } from "./estimateMotion.ts";
import { correctionMemory, refuseCorrection } from "./motionMemory.ts";
import { computeSpectra } from "./powerSpectrum.ts";
import { withRecovery } from "./recovery.ts";
import type { StepContext } from "./stepContext.ts";

export interface MovieRequest {
  readonly reader: MovieReader;
  /** In the movie's own pose; defects are among its bad pixels. */
  readonly gain: Gain | null;
  readonly dark: Float32Pixels | null;
  readonly motion: MotionOptions;
  /** `unaligned` is set by what the spectra need. */
  readonly correction: Omit<CorrectionOptions, "unaligned">;
  readonly spectra: boolean;
  readonly onAlignedFrame?: (image: Float32Pixels, frameIndex: number) => Promise<void>;
}

/** A movie from its frames to the corrected micrograph: motion, sums, spectra, with the time of each. */
export async function processMovie(
  request: MovieRequest,
  context: StepContext,
): Promise<ProcessedMovie> {
  const { reader, gain, dark } = request;
  const started = performance.now();
  refuseEarly(request, context.backend);
  const known: { plain: PlainMean | null } = { plain: null };
  const keep = (plain: PlainMean): void => {
    known.plain = plain;
  };
  const estimate = await withRecovery(context, () =>
    estimateMotion(
      reader,
      { gain, dark },
      request.motion,
      context,
      ...(request.spectra ? [keep] : []),
    ),
  );
  const estimated = performance.now();

  const { width, height } = reader.header;
  const bad = gain?.bad.slice() ?? new Uint8Array(width * height);
  const damaged = new Set(estimate.damagedFrames);
  const sumFrames = request.correction.sumFrames.filter((frame) => !damaged.has(frame));
  if (sumFrames.length === 0)
    throw new CryoloupeError(
      "corrupt-file",
      `Correcting ${reader.name}: none of the frames to be summed can be decoded. Choose other frames, or copy the file again.`,
      { file: reader.name, step: "align" },
    );
  const hot = Array.from(estimate.hotPixels);
  for (const i of hot) bad[i] = 1;
  const options = { ...request.correction, sumFrames };
  let plainMean = meanOver(known.plain, sumFrames);
  known.plain = null;
  const inputs = { gain: gain !== null, dark: dark !== null };
  const refused = request.spectra
    ? spectraRefused(reader, options, { ...inputs, plain: plainMean !== null }, context.backend)
    : null;
  if (refused !== null) plainMean = null;
  const corrected = await correctMovie(
    {
      reader,
      field: estimate.field,
      options: {
        ...options,
        unaligned: request.spectra && refused === null && plainMean === null,
      },
      plainMean,
      correction: gain?.correction ?? null,
      dark,
      bad,
      ...(request.onAlignedFrame === undefined ? {} : { onAlignedFrame: request.onAlignedFrame }),
    },
    context,
  );
  const summed = performance.now();

  const spectra =
    corrected.unaligned === null
      ? null
      : await computeSpectra(
          {
            before: corrected.unaligned,
            after: corrected.average,
            width: corrected.width,
            height: corrected.height,
            pixelSizeA: corrected.pixelSizeA,
          },
          context,
        );
  const done = performance.now();
  const flags = [...reader.header.warnings, ...estimate.quality.flags];
  if (refused !== null) flags.push(refused);
  if (spectra !== null && spectra.protocol.after.size < PROTOCOL_PIECE)
    flags.push(
      `The micrograph is ${corrected.width} × ${corrected.height} px: FlexAlign's spectrum needs ${PROTOCOL_PIECE} px, pieces of ${spectra.protocol.after.size} px were taken.`,
    );
  return {
    estimate,
    corrected,
    spectra,
    hotPixels: hot.map((i) => [i % width, Math.floor(i / width)] as const),
    seconds: {
      estimate: (estimated - started) / 1000,
      correct: (summed - estimated) / 1000,
      spectra: (done - summed) / 1000,
    },
    flags,
  };
}

/** Refuses what cannot be corrected even without spectra before time is spent on its motion. */
function refuseEarly(
  { reader, correction, gain, dark }: MovieRequest,
  backend: StepContext["backend"],
): void {
  const { budgetBytes } = backend.info;
  const poor = { ...backend, info: { ...backend.info, budgetBytes: 0 } };
  const { bytes } = correctionMemory(
    reader.header,
    { ...correction, unaligned: false },
    { gain: gain !== null, dark: dark !== null, plain: false },
    poor,
  );
  if (bytes > budgetBytes) refuseCorrection(bytes, budgetBytes, reader);
}

/** The mean, if it is one over just these frames. */
function meanOver(plain: PlainMean | null, frames: readonly number[]): Float32Pixels | null {
  const same =
    plain?.frameIndices.length === frames.length &&
    plain.frameIndices.every((frame, t) => frame === frames[t]);
  return same ? plain.mean : null;
}

/** Why there is no room for the plain sum that spectra need, where everything else has it; else null. */
function spectraRefused(
  reader: MovieReader,
  options: Omit<CorrectionOptions, "unaligned">,
  inputs: Parameters<typeof correctionMemory>[2],
  backend: StepContext["backend"],
): string | null {
  const needs = (spectra: boolean): number =>
    correctionMemory(
      reader.header,
      { ...options, unaligned: spectra && !inputs.plain },
      { ...inputs, plain: spectra && inputs.plain },
      backend,
    ).bytes;
  const [needed, without] = [needs(true), needs(false)];
  const budget = backend.info.budgetBytes;
  if (needed <= budget || without > budget) return null;
  const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
  return `Power spectra are left out: with them the correction needs ${mib(needed)}, without ${mib(without)}; the memory budget is ${mib(budget)}. Raise the budget to have them.`;
}
