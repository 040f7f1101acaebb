import { throwIfCancelled } from "#src/domain/cancel.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";
import type { PixelArray } from "#src/domain/movie.ts";
import { referenceOf } from "#src/math/midwayEqualization.ts";
import type { LineBand } from "#src/math/equalizedLines.ts";
import { bandsOf } from "./bands.ts";
import type { Band } from "./bands.ts";
import { createGate } from "./gate.ts";
import type { GainCompute, SmeOptions, SmeSession, SmeWidths } from "./gainCompute.ts";
import type { WorkerPool } from "./pool.ts";
import { smeJob } from "./smeJob.ts";
import type { Cut, SmeAnswer, SmeTask } from "./smeJob.ts";

type Pixels = PixelArray | Float64Array<ArrayBuffer>;

/** Ranked frames that may wait in the workers: one is ranked while another is equalized. */
const FRAMES_IN_FLIGHT = 2;

/** A band with the lines on either side that its own lines need. */
function lineBand({ start, end }: Band, total: number, length: number, margin: number): LineBand {
  const first = Math.max(0, start - margin);
  const last = Math.min(total, end + margin);
  return {
    length,
    lines: last - first,
    firstLine: first,
    totalLines: total,
    innerStart: start - first,
    innerEnd: end - first,
  };
}

/** Columns `[from, from + columns)` of an image, `[height, columns]`. */
function cutColumns<T extends Pixels>(image: T, width: number, from: number, columns: number): T {
  const height = image.length / width;
  const make = image.constructor as new (length: number) => T;
  const part = new make(height * columns);
  for (let y = 0; y < height; y++) {
    const at = y * width + from;
    part.set(image.subarray(at, at + columns), y * columns);
  }
  return part;
}

/** {@link GainCompute} by the twins over the pool: each worker has a band of rows and one of columns. */
export function createCpuGain(pool: WorkerPool): GainCompute {
  return { openSme: (options) => openSession(pool, options) };
}

async function openSession(pool: WorkerPool, options: SmeOptions): Promise<SmeSession> {
  const { width, height, reference, sigmas, bad } = options;
  const searching = sigmas.length > 1;
  const reach = reference === "neighbours" ? Math.ceil(3 * Math.max(...sigmas)) : 0;
  const margin = reach + (searching ? 1 : 0);
  const parts = Math.min(pool.size, width, height);
  const rowBands = bandsOf(height, parts).map((band) => lineBand(band, height, width, margin));
  const columnBands = bandsOf(width, parts).map((band) => lineBand(band, width, height, margin));
  const job = await pool.open(
    smeJob,
    { reference, sigmas, ties: options.ties, precise: options.precise, height },
    { workers: parts },
  );
  const gate = createGate(FRAMES_IN_FLIGHT);
  let nextSlot = 0;

  const cut = <T extends Pixels>(image: T, worker: number): Cut<T> => {
    const rows = rowBands[worker];
    const columns = columnBands[worker];
    return {
      rows: image.slice(rows.firstLine * width, (rows.firstLine + rows.lines) * width) as T,
      columns: cutColumns(image, width, columns.firstLine, columns.lines),
    };
  };
  const everyWorker = (
    make: (worker: number) => { task: SmeTask; transfer?: ArrayBuffer[] },
  ): Promise<SmeAnswer[]> =>
    Promise.all(
      rowBands.map((_, worker) => {
        const { task, transfer } = make(worker);
        return job.run(task, { worker, ...(transfer === undefined ? {} : { transfer }) });
      }),
    );
  const buffersOf = (part: Cut<Pixels>): ArrayBuffer[] => [part.rows.buffer, part.columns.buffer];

  await everyWorker((worker) => ({
    task: {
      kind: "place",
      bands: { rows: rowBands[worker], columns: columnBands[worker] },
      bad: bad === null ? null : cut(bad, worker),
    },
  }));

  /** References of each σ from all workers' sums. */
  const combine = (answers: readonly SmeAnswer[], which: "rows" | "columns"): Float64Array[] =>
    sigmas.map(
      (_, s) =>
        referenceOf(answers.flatMap(({ sums }) => (sums === undefined ? [] : [sums[which][s]])))
          .steps,
    );
  /** Index of the least total variation over all workers; the first wins a tie. */
  const least = (answers: readonly SmeAnswer[], which: "rows" | "columns"): number => {
    const totals = sigmas.map((_, s) =>
      answers.reduce((sum, { variation }) => sum + (variation?.[which][s] ?? 0), 0),
    );
    return totals.indexOf(Math.min(...totals));
  };

  const equalize = async (frame: PixelArray, slot: number): Promise<SmeWidths> => {
    const ranked = await everyWorker((worker) => {
      const pixels = cut(frame, worker);
      return { task: { kind: "rank", slot, pixels }, transfer: buffersOf(pixels) };
    });
    const single = reference === "single";
    const rows = single ? combine(ranked, "rows") : null;
    const columns = single ? combine(ranked, "columns") : null;
    const all = rows === null || columns === null ? null : { rows, columns };
    let best = { rows: 0, columns: 0 };
    if (searching) {
      const answers = await everyWorker(() => ({
        task: { kind: "variation", slot, references: all },
      }));
      best = { rows: least(answers, "rows"), columns: least(answers, "columns") };
    }
    const references =
      all === null ? null : { rows: all.rows[best.rows], columns: all.columns[best.columns] };
    const chosen = { rows: sigmas[best.rows], columns: sigmas[best.columns] };
    await everyWorker(() => ({ task: { kind: "equalize", slot, references, sigmas: chosen } }));
    return { column: chosen.columns, row: chosen.rows };
  };

  return {
    begin: async (factor) => {
      await everyWorker((worker) => {
        if (factor === null) return { task: { kind: "begin", factor: null, divide: false } };
        const part = cut(factor.values, worker);
        const divide = factor.operation === "divide";
        return { task: { kind: "begin", factor: part, divide }, transfer: buffersOf(part) };
      });
    },
    add: (frame, signal?: CancelSignal) =>
      gate(() => {
        throwIfCancelled(signal);
        return equalize(frame, nextSlot++);
      }),
    collect: async () => {
      const answers = await everyWorker(() => ({ task: { kind: "collect" } }));
      const size = width * height;
      const sum = options.precise ? new Float64Array(size) : new Float32Array(size);
      const rows = answers.flatMap(({ totals }, worker) => {
        const { firstLine, innerStart } = rowBands[worker];
        return totals === undefined ? [] : [{ from: firstLine + innerStart, values: totals.rows }];
      });
      const columns = answers.flatMap(({ totals }, worker) => {
        const { firstLine, innerStart } = columnBands[worker];
        return totals === undefined
          ? []
          : [{ from: firstLine + innerStart, values: totals.columns }];
      });
      for (const upper of rows) for (const left of columns) addHalves(sum, upper, left, options);
      return sum;
    },
    close: () => job.close(),
  };
}

/** Part of the image in whole rows, or in whole columns; row by row, from line `from` of the image. */
interface Part {
  readonly from: number;
  readonly values: Float32Array | Float64Array;
}

/** `image = ½ (rows + columns)` where a band of rows and a band of columns meet. */
function addHalves(
  image: Float32Array | Float64Array,
  rows: Part,
  columns: Part,
  { width, height }: Pick<SmeOptions, "width" | "height">,
): void {
  const across = columns.values.length / height;
  const end = rows.from + rows.values.length / width;
  for (let y = rows.from; y < end; y++) {
    const inRows = (y - rows.from) * width + columns.from;
    const inColumns = y * across;
    const at = y * width + columns.from;
    for (let x = 0; x < across; x++)
      image[at + x] = 0.5 * (rows.values[inRows + x] + columns.values[inColumns + x]);
  }
}
