import type { Float32Pixels } from "#src/domain/movie.ts";
import type { MovieSpectra, PowerSpectrum, SpectrumKind } from "#src/domain/powerSpectrum.ts";
import { spectrumJob } from "#src/compute/spectrumJob.ts";
import { pieceGrid, spectrumCurve, spectrumOf } from "#src/math/powerSpectrum.ts";
import type { PieceGrid, PieceSum } from "#src/math/powerSpectrum.ts";
import type { StepContext } from "./stepContext.ts";

export interface SpectraRequest {
  /** Plain sum and corrected micrograph, `[height, width]`, same scale. */
  readonly before: Float32Pixels;
  readonly after: Float32Pixels;
  readonly width: number;
  readonly height: number;
  readonly pixelSizeA: number | null;
}

/** Rows of pieces of one task: each worker holds a copy of the rows of the image that they cover. */
const ROWS_PER_TASK = 2;

interface Task {
  readonly grid: PieceGrid;
  readonly source: Float32Pixels;
  readonly rows: readonly number[];
  /** Takes the sum at its place: the same order of additions whatever worker is first. */
  readonly put: (sum: PieceSum) => void;
}

/** Bytes of the rows that the workers hold at one time while spectra are made. */
export function spectraBytes(width: number, height: number, workers: number): number {
  const { size, rows } = pieceGrid("reading", width, height);
  const most = Math.min(height, 2 * size);
  return 4 * width * most * Math.min(workers, 2 * rows.length);
}

/** Power spectra before and after the correction, FlexAlign's and ours for reading, with radial curves. */
export async function computeSpectra(
  request: SpectraRequest,
  { backend, signal, onProgress }: StepContext,
): Promise<MovieSpectra> {
  const { width, height, pixelSizeA } = request;
  const tasks: Task[] = [];
  const plan = (kind: SpectrumKind, source: Float32Pixels): (() => PowerSpectrum) => {
    const grid = pieceGrid(kind, width, height);
    const parts: PieceSum[] = [];
    for (let i = 0; i < grid.rows.length; i += ROWS_PER_TASK)
      tasks.push({
        grid,
        source,
        rows: grid.rows.slice(i, i + ROWS_PER_TASK),
        put: (sum) => (parts[i / ROWS_PER_TASK] = sum),
      });
    return () => {
      const { values, size, pieces } = spectrumOf(grid, parts);
      return { kind, size, values, pieces, pixelSizeA };
    };
  };
  const [a, b, c, d] = [
    plan("protocol", request.before),
    plan("protocol", request.after),
    plan("reading", request.before),
    plan("reading", request.after),
  ];
  const job = await backend.pool.open(spectrumJob, null);
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    while (next < tasks.length) {
      const { grid, source, rows, put } = tasks[next++];
      const firstRow = rows[0];
      const lastRow = rows[rows.length - 1] + grid.size;
      const image = source.slice(firstRow * width, lastRow * width);
      const task = { grid, image, firstRow, rows };
      const cancel = signal === undefined ? {} : { signal };
      put(await job.run(task, { transfer: [image.buffer], ...cancel }));
      onProgress?.({ step: "Power spectra", done: ++done, total: tasks.length });
    }
  };
  try {
    await Promise.all(Array.from({ length: job.size }, lane));
    const pair = (before: PowerSpectrum, after: PowerSpectrum): MovieSpectra["protocol"] => ({
      before,
      after,
      radialBefore: spectrumCurve(before.values, before.size),
      radialAfter: spectrumCurve(after.values, after.size),
    });
    return { protocol: pair(a(), b()), reading: pair(c(), d()) };
  } finally {
    job.close();
  }
}
