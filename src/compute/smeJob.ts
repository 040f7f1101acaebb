import { createEqualizedDirection } from "#src/math/midwayEqualization.ts";
import { createReference } from "#src/math/quantiles.ts";
import { transpose } from "#src/math/transpose.ts";
import type { PixelArray } from "#src/domain/movie.ts";
import type { LineBand, QuantileSum, RankedLines } from "#src/math/equalizedLines.ts";
import type { DirectionOptions, EqualizedDirection } from "#src/math/midwayEqualization.ts";
import type { JobDefinition } from "./pool.ts";

type FloatArray = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Pixels of a band of rows, or of a band of columns (`[height, columns]`, as cut from the image). */
export interface Cut<T> {
  readonly rows: T;
  readonly columns: T;
}

export interface SmeInit extends DirectionOptions {
  readonly height: number;
}

export type SmeTask =
  | { readonly kind: "place"; readonly bands: Cut<LineBand>; readonly bad: Cut<Uint8Array> | null }
  | { readonly kind: "begin"; readonly factor: Cut<FloatArray> | null; readonly divide: boolean }
  | { readonly kind: "rank"; readonly slot: number; readonly pixels: Cut<PixelArray> }
  | {
      readonly kind: "variation";
      readonly slot: number;
      readonly references: Cut<readonly Float64Array[]> | null;
    }
  | {
      readonly kind: "equalize";
      readonly slot: number;
      readonly references: Cut<Float64Array> | null;
      readonly sigmas: Cut<number>;
    }
  | { readonly kind: "drop"; readonly slot: number }
  | { readonly kind: "collect" };

export interface SmeAnswer {
  readonly sums?: Cut<readonly QuantileSum[]>;
  readonly variation?: Cut<readonly number[]>;
  /** Sums of the band's own lines: `[lines, width]` of rows, `[height, lines]` of columns. */
  readonly totals?: Cut<FloatArray>;
}

/** One direction of the worker's band: its ranks, its sum. */
interface Side {
  readonly band: LineBand;
  readonly direction: EqualizedDirection;
  readonly bad: Uint8Array | null;
  factor: FloatArray | null;
  total: FloatArray;
}

/**
 * Midway equalization of one band of rows and one band of columns. Frames stay ranked under a slot from
 * `rank` until `equalize`, since the reference is only known when all workers have ranked theirs.
 */
export const smeJob: JobDefinition<SmeInit, SmeTask, SmeAnswer, null> = {
  name: "sme",
  create: (init) => {
    let sides: Cut<Side> | null = null;
    let divide = false;
    const slots = new Map<number, Cut<RankedLines>>();

    const placed = (): Cut<Side> => {
      if (sides === null) throw new Error("The equalization has not been placed.");
      return sides;
    };
    const ranked = (slot: number): Cut<RankedLines> => {
      const found = slots.get(slot);
      if (found === undefined) throw new Error(`No frame is ranked under ${slot}.`);
      return found;
    };
    const emptyTotal = (band: LineBand): FloatArray => {
      const size = (band.innerEnd - band.innerStart) * band.length;
      return init.precise ? new Float64Array(size) : new Float32Array(size);
    };
    /** Columns as lines: `[columns, height]`. */
    const lay = <T extends PixelArray | Float64Array<ArrayBuffer>>(cut: T): T => {
      const make = cut.constructor as new (length: number) => T;
      return transpose(cut, new make(cut.length), init.height, cut.length / init.height);
    };
    const side = (band: LineBand, bad: Uint8Array | null): Side => ({
      band,
      direction: createEqualizedDirection(band, init),
      bad,
      factor: null,
      total: emptyTotal(band),
    });
    const both = <A, B>(cut: Cut<A>, make: (part: A, which: "rows" | "columns") => B): Cut<B> => ({
      rows: make(cut.rows, "rows"),
      columns: make(cut.columns, "columns"),
    });

    const run = (task: SmeTask): { value: SmeAnswer; transfer?: ArrayBuffer[] } => {
      switch (task.kind) {
        case "place": {
          const { bands, bad } = task;
          sides = {
            rows: side(bands.rows, bad?.rows ?? null),
            columns: side(
              bands.columns,
              bad === null ? null : lay(bad.columns as Uint8Array<ArrayBuffer>),
            ),
          };
          return { value: {} };
        }
        case "begin": {
          const { rows, columns } = placed();
          rows.factor = task.factor?.rows ?? null;
          columns.factor = task.factor === null ? null : lay(task.factor.columns);
          rows.total.fill(0);
          columns.total.fill(0);
          divide = task.divide;
          slots.clear();
          return { value: {} };
        }
        case "rank": {
          const pixels = { rows: task.pixels.rows, columns: lay(task.pixels.columns) };
          const lines = both(placed(), ({ direction, factor, bad }, which) =>
            direction.rank({ pixels: pixels[which], factor, divide, bad }),
          );
          slots.set(task.slot, lines);
          return { value: { sums: both(lines, ({ sums }) => sums) } };
        }
        case "variation": {
          const lines = ranked(task.slot);
          const variation = both(placed(), ({ direction, bad }, which) =>
            direction.variation(
              lines[which],
              task.references === null ? null : task.references[which].map(createReference),
              bad,
            ),
          );
          return { value: { variation } };
        }
        case "equalize": {
          const lines = ranked(task.slot);
          slots.delete(task.slot);
          both(placed(), ({ direction, total }, which) =>
            direction.equalize(
              lines[which],
              task.references === null ? null : createReference(task.references[which]),
              task.sigmas[which],
              total,
            ),
          );
          return { value: {} };
        }
        case "drop":
          slots.delete(task.slot);
          return { value: {} };
        case "collect": {
          const totals = both(placed(), (one, which) => {
            const { total, band } = one;
            one.total = emptyTotal(band);
            if (which === "rows") return total;
            const make = total.constructor as new (length: number) => FloatArray;
            const columns = band.innerEnd - band.innerStart;
            return transpose(total, new make(total.length), columns, band.length);
          });
          return { value: { totals }, transfer: [totals.rows.buffer, totals.columns.buffer] };
        }
      }
    };
    return { run, finish: () => ({ value: null }) };
  },
};
