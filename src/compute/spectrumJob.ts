import type { Float32Pixels } from "#src/domain/movie.ts";
import { sumPieces } from "#src/math/powerSpectrum.ts";
import type { PieceGrid, PieceSum } from "#src/math/powerSpectrum.ts";
import type { JobDefinition } from "./pool.ts";

export interface SpectrumTask {
  readonly grid: PieceGrid;
  /** The image from `firstRow` on, as far as the pieces of `rows` reach. */
  readonly image: Float32Pixels;
  readonly firstRow: number;
  /** First rows of the pieces to be added up. */
  readonly rows: readonly number[];
}

/** Power spectra of pieces of micrographs; keeps nothing. */
export const spectrumJob: JobDefinition<null, SpectrumTask, PieceSum, null> = {
  name: "spectrum",
  create: () => ({
    run: ({ grid, image, firstRow, rows }) => {
      const value = sumPieces(grid, image, firstRow, rows);
      return { value, transfer: [value.total.buffer] };
    },
    finish: () => ({ value: null }),
  }),
};
