/**
 * The largest difference of two images of 32-bit floats in MRC files without extended header, against the largest
 * value. Cores add frames in the order in which they are free, so that two runs agree to rounding, not to the bit.
 * @returns Infinity where either is not there or they have other sizes
 */
export function imagesApart(a: Uint8Array | undefined, b: Uint8Array | undefined): number {
  const [x, y] = [a, b].map(
    (bytes) => new Float32Array(Uint8Array.from(bytes ?? []).slice(1024).buffer),
  );
  if (x.length === 0 || x.length !== y.length) return Infinity;
  const largest = (values: Float32Array): number =>
    values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largest(x.map((value, i) => value - y[i])) / largest(x);
}
