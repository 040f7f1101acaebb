import { pixelSignalJob } from "#src/compute/pixelSignalJob.ts";
import { pixelSignalOf } from "#src/math/pixelSignal.ts";
import type { SplitPatch } from "#src/math/pixelSignal.ts";
import type { PixelSignal } from "#src/domain/gainEstimate.ts";
import type { StepContext } from "../stepContext.ts";

/**
 * The pattern from pixel to pixel (`measurePixelSignal`), patch by patch in the pool. May be awaited late:
 * a failure before that is not lost, and not told as unheard.
 */
export function comparePatches(
  patches: readonly SplitPatch[],
  { backend, signal }: StepContext,
): Promise<PixelSignal | null> {
  const compared = compare();
  compared.catch(() => undefined);
  return compared;

  async function compare(): Promise<PixelSignal | null> {
    if (patches.length === 0) return null;
    const job = await backend.pool.open(pixelSignalJob, null);
    try {
      const signals = await Promise.all(
        patches.map((patch) =>
          job.run(patch, {
            transfer: patch.runs.map((run) => run.buffer),
            ...(signal === undefined ? {} : { signal }),
          }),
        ),
      );
      return pixelSignalOf(signals);
    } finally {
      job.close();
    }
  }
}
