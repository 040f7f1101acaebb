import { CryoloupeError } from "#src/domain/errors.ts";
import { BYTES_PER_PIXEL } from "#src/domain/movie.ts";
import type { MovieHeader, MovieReader } from "#src/domain/movie.ts";
import { planSums } from "./sumPlan.ts";
import type { CorrectionOptions } from "#src/domain/correction.ts";
import { binnedSize } from "#src/math/fourierCrop.ts";
import { spectraBytes } from "./powerSpectrum.ts";
import type { StepContext } from "./stepContext.ts";

/** Copies of the binned movie that are held at one time, about: bands overlap, spectra and surfaces. */
const COPIES = 2.3;
/** What is held for a frame on its way besides its pixels: the bytes as they stand in the file. */
const ENCODED_SHARE = 1;

export interface EstimateInputs {
  readonly gain: boolean;
  readonly dark: boolean;
  /** The sum of the frames is kept for the correction. */
  readonly keepsSum: boolean;
}

/** Bytes of a step at its fullest, and how many workers read frames. */
export interface EstimatePlan {
  readonly workers: number;
  readonly readingBytes: number;
  readonly patchBytes: number;
  readonly bytes: number;
}

/** References that the caller holds throughout: gain with its mask, dark. */
export function referenceBytes(
  { width, height }: MovieHeader,
  { gain, dark }: Pick<EstimateInputs, "gain" | "dark">,
): number {
  return width * height * ((gain ? 5 : 0) + (dark ? 4 : 0));
}

/**
 * What the estimation of motion holds. While frames are read: in each worker a sum of full size, copies of
 * gain and dark, a frame and its bytes; the binned frames. Afterwards: the sum (for hot pixels, and for the
 * spectrum before the correction) and the patches.
 */
export function estimateMemory(
  header: MovieHeader,
  groups: number,
  binning: number,
  inputs: EstimateInputs,
  poolSize: number,
  budgetBytes: number,
): EstimatePlan {
  const { width, height } = header;
  const pixels = width * height;
  const references = referenceBytes(header, inputs);
  const binned = 4 * groups * Math.floor(width / binning) * Math.floor(height / binning);
  const worker = preparationWorkerBytes(header, inputs);
  const room = budgetBytes - references - 1.2 * binned;
  const workers = Math.max(1, Math.min(poolSize, Math.floor(room / worker)));
  const readingBytes = references + 1.2 * binned + workers * worker;
  const patchBytes = references + COPIES * binned + (inputs.keepsSum ? 4 * pixels : 0);
  return { workers, readingBytes, patchBytes, bytes: Math.max(readingBytes, patchBytes) };
}

/** Bytes of one worker that reads, corrects and bins frames. */
function preparationWorkerBytes(
  { width, height, pixelType }: MovieHeader,
  { gain, dark }: Pick<EstimateInputs, "gain" | "dark">,
): number {
  const frame = (1 + ENCODED_SHARE) * BYTES_PER_PIXEL[pixelType];
  return width * height * (4 + (gain ? 4 : 0) + (dark ? 4 : 0) + frame);
}

/** Images that were let go, or moved from a worker, and that are not collected yet. */
const UNCOLLECTED = 1;

export interface CorrectionPlan {
  /** What it needs at its fullest; more than the least only where the budget has room for whole frames. */
  readonly bytes: number;
  /** What is left for sums of whole frames in the workers. */
  readonly room: number;
}

/**
 * What the correction holds: references and the plain mean throughout; sums on the backend and frames on
 * their way; then the sums as they are finished; then the results, rows for spectra, a file to be written.
 */
export function correctionMemory(
  header: MovieHeader,
  options: CorrectionOptions,
  inputs: { readonly gain: boolean; readonly dark: boolean; readonly plain: boolean },
  backend: StepContext["backend"],
): CorrectionPlan {
  const { width, height, pixelType, pixelSizeA } = header;
  const { dose, count } = planSums(options, pixelSizeA);
  const image = 4 * width * height;
  const binned = 4 * binnedSize(width, options.binning) * binnedSize(height, options.binning);
  const spectra = inputs.plain || options.unaligned;
  const constant = referenceBytes(header, inputs) + (inputs.plain ? image : 0);
  const held = backend.correction.memoryBytes({
    width,
    height,
    sums: count,
    unaligned: options.unaligned,
    tile: 128,
    reachPx: 0,
    gain: inputs.gain,
  });
  // References, means and results are the host's, of which a device's budget says nothing.
  if (backend.info.kind === "webgpu")
    return {
      bytes: held + 2 * width * height * BYTES_PER_PIXEL[pixelType],
      room: backend.info.budgetBytes,
    };
  // A frame as it is stored and decoded, once more as it is cut, and with a dark reference as floats.
  const frames = width * height * (3 * BYTES_PER_PIXEL[pixelType] + (inputs.dark ? 4 : 0));
  const images = 1 + (dose === null ? 0 : 1) + (options.evenOdd ? 2 : 0) + (spectra ? 1 : 0);
  // Sums and what is made of them; a transform where they are binned or weighted.
  const copies = (count > 1 ? 1 : 0) + (options.binning > 1 || dose !== null ? 1 : 0);
  const kept = count + (options.unaligned ? 1 : 0);
  // The plain sum is made of the mean, which stays for another try.
  const apart = image * ((inputs.plain ? 1 : 0) + UNCOLLECTED);
  const finishing = constant + image * (kept + copies) + apart;
  const results =
    constant -
    (inputs.plain ? image : 0) +
    binned * (images + UNCOLLECTED) +
    Math.max(
      binned,
      spectra
        ? spectraBytes(
            binnedSize(width, options.binning),
            binnedSize(height, options.binning),
            backend.pool.size,
          )
        : 0,
    );
  const room = backend.info.budgetBytes - constant - apart - image * copies;
  const needs = {
    ...{ width, height, gain: inputs.gain, dark: inputs.dark },
    sums: kept,
    pixelBytes: BYTES_PER_PIXEL[pixelType],
  };
  const whole = backend.correction.wholeBytes?.(needs, room) ?? null;
  const bytes = Math.max(constant + held + frames, finishing, results);
  return {
    bytes: whole === null ? bytes : Math.max(bytes, constant + apart + image * copies + whole),
    room,
  };
}

const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** Refuses a movie that does not fit, with both numbers. */
export function refuseMemory(
  doing: string,
  bytes: number,
  budget: number,
  reader: MovieReader,
  instead: string,
): never {
  const { eer } = reader.header;
  const finer = eer !== undefined && eer.upsampling > 1;
  throw new CryoloupeError(
    "limit-exceeded",
    `${doing} needs ${mib(bytes)}; the memory budget is ${mib(budget)}. Raise the budget, ${instead}${finer ? ", or read the movie with less upsampling" : ""}.`,
    { file: reader.name, step: "align" },
  );
}

/** Refuses a movie whose correction does not fit. */
export function refuseCorrection(bytes: number, budget: number, reader: MovieReader): never {
  refuseMemory(
    `Correcting ${reader.name}`,
    bytes,
    budget,
    reader,
    "leave out dose weighting or half sums",
  );
}
