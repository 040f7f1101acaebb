import type { Raster } from "#src/domain/picture.ts";
import type { ContrastLimits } from "./viewSlice.ts";

export interface Paint extends ContrastLimits {
  readonly inverted: boolean;
  /** Colour of bad pixels `[r, g, b]`, or null to leave them as they are (black where all are bad). */
  readonly badColour: readonly [number, number, number] | null;
}

/**
 * Values to grey: `low` and below black, `high` and above white, linear between (inverted: the other
 * way round). Writes RGBA, `[rows, columns, 4]`.
 */
export function paintRaster(raster: Raster, paint: Paint, out: Uint8ClampedArray): void {
  const { values, bad } = raster;
  const span = paint.high - paint.low;
  const scale = (paint.inverted ? -255 : 255) / (Math.abs(span) < 1e-30 ? 1e-30 : span);
  const from = paint.inverted ? paint.high : paint.low;
  for (let i = 0, o = 0; i < values.length; i++, o += 4) {
    const grey = (values[i] - from) * scale;
    out[o] = grey;
    out[o + 1] = grey;
    out[o + 2] = grey;
    out[o + 3] = 255;
  }
  if (bad === null || paint.badColour === null) return;
  const [r, g, b] = paint.badColour;
  for (let i = 0; i < bad.length; i++)
    if (bad[i] !== 0) {
      out[4 * i] = r;
      out[4 * i + 1] = g;
      out[4 * i + 2] = b;
    }
}
