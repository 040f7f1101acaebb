import type { Float32Pixels, PixelArray } from "#src/domain/movie.ts";
import type { Raster } from "#src/domain/picture.ts";

interface Image {
  readonly width: number;
  readonly height: number;
  readonly data: PixelArray;
  readonly bad?: Uint8Array<ArrayBuffer>;
}

/** First pixel of each of `cells` equal parts of `[from, from + extent)`, and the end of the last. */
function edges(from: number, extent: number, cells: number, size: number): Int32Array {
  const out = new Int32Array(cells + 1);
  for (let i = 0; i <= cells; i++)
    out[i] = Math.min(size, Math.max(0, Math.floor(from + (extent * i) / cells)));
  return out;
}

/**
 * A part of an image at screen resolution: each cell is the mean of the good pixels whose place
 * `floor` falls into it, or the pixel it lies in when cells are smaller than pixels (nearest neighbour).
 * @param image  `[height, width]`, row 0 first
 * @param view   `[x, x + width) × [y, y + height)` in px of the image, fractions allowed, inside it
 * @returns values `[rows, columns]`, 0 where a cell holds only bad pixels
 */
export function resample(
  image: Image,
  view: { x: number; y: number; width: number; height: number; columns: number; rows: number },
): Raster {
  const { columns, rows } = view;
  const xs = edges(view.x, view.width, columns, image.width);
  const ys = edges(view.y, view.height, rows, image.height);
  const values: Float32Pixels = new Float32Array(columns * rows);
  const mask = image.bad === undefined ? null : new Uint8Array(columns * rows);
  const { data, bad, width } = image;
  for (let row = 0; row < rows; row++) {
    const y0 = Math.min(ys[row], image.height - 1);
    const y1 = Math.max(y0 + 1, ys[row + 1]);
    for (let column = 0; column < columns; column++) {
      const x0 = Math.min(xs[column], width - 1);
      const x1 = Math.max(x0 + 1, xs[column + 1]);
      let sum = 0;
      let good = 0;
      let spoilt = 0;
      for (let y = y0; y < y1; y++)
        for (let i = y * width + x0, end = y * width + x1; i < end; i++) {
          if (bad !== undefined && bad[i] !== 0) spoilt++;
          else {
            sum += data[i];
            good++;
          }
        }
      const o = row * columns + column;
      values[o] = good > 0 ? sum / good : 0;
      if (mask !== null) mask[o] = spoilt === 0 ? 0 : good === 0 ? 1 : 2;
    }
  }
  return { columns, rows, values, bad: mask };
}
