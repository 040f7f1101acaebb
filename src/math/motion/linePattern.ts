/** Variance of the differences of line means over that of their noise from which a camera shows lines. */
const SHOWN = 4;

/**
 * Rows and columns of a detector: what whole lines of the mean over time have in common. A line's mean over
 * T frames of n pixels has the noise σ²/(Tn), and hardly any specimen; lines that differ from the next by more
 * are the camera's. Of all frequencies only those on the axes are touched by taking them out.
 * @param frames `[height, width]` each, mean 0
 * @returns means by column and by row, or null for each that shows no more than chance
 */
export function linePattern(
  frames: readonly Float32Array[],
  width: number,
  height: number,
): { readonly columns: Float64Array | null; readonly rows: Float64Array | null } {
  const columns = new Float64Array(width);
  const rows = new Float64Array(height);
  let power = 0;
  for (const frame of frames)
    for (let y = 0, at = 0; y < height; y++) {
      let row = 0;
      for (let x = 0; x < width; x++, at++) {
        const v = frame[at];
        columns[x] += v;
        row += v;
        power += v * v;
      }
      rows[y] += row;
    }
  const T = Math.max(1, frames.length);
  const noise = power / (T * T * width * height);
  const shown = (sums: Float64Array, across: number): Float64Array | null => {
    const means = sums.map((sum) => sum / (T * across));
    let square = 0;
    for (let i = 1; i < means.length; i++) square += (means[i] - means[i - 1]) ** 2;
    const variance = square / (2 * Math.max(1, means.length - 1));
    return variance > (SHOWN * noise) / across ? means : null;
  };
  return { columns: shown(columns, height), rows: shown(rows, width) };
}
