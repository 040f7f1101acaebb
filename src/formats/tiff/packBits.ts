/** PackBits (TIFF 6.0, section 9) into `out`; stops when it is full. Returns bytes written. */
export function unpackBits(input: Uint8Array, out: Uint8Array): number {
  let at = 0;
  let op = 0;
  while (at < input.length && op < out.length) {
    const n = input[at++];
    if (n < 128) {
      const count = Math.min(n + 1, out.length - op, input.length - at);
      out.set(input.subarray(at, at + count), op);
      at += n + 1;
      op += count;
    } else if (n > 128) {
      const count = Math.min(257 - n, out.length - op);
      if (at >= input.length) return op;
      out.fill(input[at++], op, op + count);
      op += count;
    }
  }
  return op;
}
