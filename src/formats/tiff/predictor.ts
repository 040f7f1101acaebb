/** Undoes differencing along a row (TIFF 6.0, section 14) for samples of 1, 2, 4 or 8 bytes, in place. */
export function undoHorizontal(row: Uint8Array, bytes: number, littleEndian: boolean): void {
  for (let i = bytes; i < row.length; i += bytes) {
    let carry = 0;
    for (let b = 0; b < bytes; b++) {
      const at = i + (littleEndian ? b : bytes - 1 - b);
      carry += row[at] + row[at - bytes];
      row[at] = carry;
      carry >>= 8;
    }
  }
}

/**
 * Undoes the floating-point predictor (TIFF Technical Note 3): bytes are stored by significance, the
 * most significant plane first, and differenced over the whole row. The result is big endian.
 */
export function undoFloat(row: Uint8Array, bytes: number): Uint8Array {
  for (let i = 1; i < row.length; i++) row[i] += row[i - 1];
  const count = row.length / bytes;
  const out = new Uint8Array(row.length);
  for (let i = 0; i < count; i++)
    for (let b = 0; b < bytes; b++) out[i * bytes + b] = row[b * count + i];
  return out;
}
