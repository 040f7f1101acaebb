import { previewCurvesJob } from "#src/compute/previewCurvesJob.ts";
import type { PreviewCurvesTask } from "#src/compute/previewCurvesJob.ts";
import type { PoolJob, WorkerPool } from "#src/compute/pool.ts";
import type { ComparedCurves, PreviewCurves } from "#src/domain/preprocessPreview.ts";
import { alignPower } from "#src/math/preprocess/comparePower.ts";
import type { StepContext } from "./stepContext.ts";

/** The job stays open in every pool that was asked once; it runs in the last worker, previews in the first. */
const jobs = new WeakMap<WorkerPool, Promise<PoolJob<PreviewCurvesTask, PreviewCurves, null>>>();

/**
 * What is plotted of both sides of a preview: histograms and radial power, that of the side after brought to the
 * scale of the one before. A side may be given by its curves where they are known. Pixels are moved away.
 */
export async function comparePreview(
  before: PreviewCurvesTask | PreviewCurves,
  after: PreviewCurvesTask,
  { backend: { pool }, signal }: StepContext,
): Promise<ComparedCurves> {
  let opened = jobs.get(pool);
  if (opened === undefined) {
    opened = pool.open(previewCurvesJob, null);
    jobs.set(pool, opened);
  }
  const run = async (task: PreviewCurvesTask): Promise<PreviewCurves> => {
    const job = await opened;
    return await job.run(task, {
      transfer: [task.pixels.buffer],
      worker: pool.size - 1,
      ...(signal === undefined ? {} : { signal }),
    });
  };
  try {
    const [first, second] = await Promise.all([
      "pixels" in before ? run(before) : before,
      run(after),
    ]);
    return {
      before: first,
      after: { ...second, radialPower: alignPower(first.radialPower, second.radialPower) },
    };
  } catch (error) {
    // The job is not in a worker that has been replaced: open it anew next time.
    jobs.delete(pool);
    throw error;
  }
}
