import type { Gain } from "#src/domain/gain.ts";
import type { GainThumbnail } from "#src/domain/gainReport.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { resample } from "./resample.ts";
import { quantileOfSorted } from "./pictureSummary.ts";

/** Longer side of a thumbnail, px: 16 KiB, which a session of thousands can hold. */
const SIDE = 128;

/**
 * A gain in small: block means of good pixels in 8 bits over the range of their 0.5 and 99.5 percentiles,
 * widened by a half on both sides so that galleries can put many on one scale. Blocks without a good pixel
 * become `low`.
 * @param values G or C, `[height, width]`
 */
export function gainThumbnail(
  { width, height, bad }: Pick<Gain, "width" | "height" | "bad">,
  values: Float32Pixels,
): GainThumbnail {
  const step = Math.max(1, Math.max(width, height) / SIDE);
  const columns = Math.max(1, Math.round(width / step));
  const rows = Math.max(1, Math.round(height / step));
  const view = { x: 0, y: 0, width, height, columns, rows };
  const small = resample({ width, height, data: values, bad }, view);
  const known = small.values.filter((_, i) => small.bad?.[i] !== 1).sort();
  const [a, b] = [quantileOfSorted(known, 0.005), quantileOfSorted(known, 0.995)];
  const low = a - (b - a) / 2;
  const high = b + (b - a) / 2;
  const scale = high > low ? 255 / (high - low) : 0;
  const grey = Uint8Array.from(small.values, (v) =>
    Math.max(0, Math.min(255, Math.round((v - low) * scale))),
  );
  return { columns, rows, low, high, grey };
}
