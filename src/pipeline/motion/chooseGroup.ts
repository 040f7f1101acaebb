import type { MotionOptions } from "#src/domain/motion.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import { estimateMemory, refuseMemory } from "../motionMemory.ts";
import type { EstimateInputs, EstimatePlan } from "../motionMemory.ts";
import type { StepContext } from "../stepContext.ts";

/** Frames added together: as asked, or as few as the memory budget allows; and workers that read at once. */
export function chooseGroup(
  movie: MovieReader,
  frames: number,
  binning: number,
  inputs: EstimateInputs,
  options: MotionOptions,
  { backend, log }: StepContext,
): { readonly group: number; readonly workers: number; readonly keepsSum: boolean } {
  const { budgetBytes, kind } = backend.info;
  const plan = (group: number, keepsSum = false): EstimatePlan =>
    estimateMemory(
      movie.header,
      Math.ceil(frames / group),
      binning,
      { ...inputs, keepsSum },
      backend.pool.size,
      budgetBytes,
    );
  let group = options.group === "auto" ? 1 : Math.max(1, Math.floor(options.group));
  if (options.group === "auto")
    while (plan(group).bytes > budgetBytes && group < frames / 2) group++;
  // Where there is no room to keep the plain sum it is made again with the correction.
  const keepsSum = inputs.keepsSum && plan(group, true).bytes <= budgetBytes;
  const { bytes, workers, readingBytes, patchBytes } = plan(group, keepsSum);
  log?.(
    `Motion in ${movie.name}: ${mib(readingBytes)} MiB while frames are read (${workers} at once), ${mib(patchBytes)} MiB for patches, of ${mib(budgetBytes)} MiB.`,
  );
  // On a device the sums have its memory, whose pool refuses for itself.
  if (bytes > budgetBytes && (kind === "cpu" || patchBytes > budgetBytes))
    refuseMemory(
      `Aligning ${movie.name} in ${Math.ceil(frames / group)} groups of frames`,
      bytes,
      budgetBytes,
      movie,
      "add more frames together",
    );
  return { group, workers, keepsSum };
}

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
