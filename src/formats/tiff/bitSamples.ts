/**
 * Samples of any width up to 32 bits, most significant bit first, from one row.
 * @param signed two's complement of `bits` bits
 */
export function unpackSamples(
  row: Uint8Array,
  bits: number,
  signed: boolean,
  out: { [i: number]: number },
  outStart: number,
  count: number,
): void {
  let at = 0;
  let acc = 0;
  let held = 0;
  const half = 2 ** (bits - 1);
  for (let i = 0; i < count; i++) {
    // Multiplication, not shifts: 24 + 7 bits still fit, 32 + 7 would not in 32-bit integers.
    while (held < bits) {
      acc = acc * 256 + row[at++];
      held += 8;
    }
    held -= bits;
    const unit = 2 ** held;
    const value = Math.floor(acc / unit);
    acc -= value * unit;
    out[outStart + i] = signed && value >= half ? value - 2 * half : value;
  }
}

/** Reverses the bits of every byte (TIFF FillOrder 2), in place. */
export function reverseBits(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) {
    let b = bytes[i];
    b = ((b & 0xf0) >> 4) | ((b & 0x0f) << 4);
    b = ((b & 0xcc) >> 2) | ((b & 0x33) << 2);
    bytes[i] = ((b & 0xaa) >> 1) | ((b & 0x55) << 1);
  }
}
