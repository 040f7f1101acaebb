import { decodeLzwFast } from "#src/math/wasm/lzwKernel.ts";

/** A strip that LZW or another codec cannot make sense of; the reader names file and strip. */
export class CodecError extends Error {}

const CLEAR = 256;
const END = 257;

/**
 * TIFF's LZW (TIFF 6.0, section 13): codes of 9 to 12 bits, most significant bit first, width raised one
 * code early. Every string of the dictionary stands somewhere in the output already, so that an entry is
 * a place and a length in `out`; codes up to 4095 may be used (libtiff writes up to 4093, others all).
 * @param out filled from the start; decoding stops when it is full
 * @returns bytes written
 */
export function decodeLzw(input: Uint8Array, out: Uint8Array): number {
  // The clear code in the bit order of the oldest writers; in today's the first byte is 0x80.
  if (input.length > 1 && input[0] === 0 && (input[1] & 1) === 1) return decodeOldLzw(input, out);
  const fast = decodeLzwFast(input, out);
  if (fast === null) return decodeToday(input, out);
  if (fast.undefinedCode !== null) throw undefinedCode(fast.undefinedCode);
  return fast.written;
}

const undefinedCode = (code: number): CodecError =>
  new CodecError(`LZW code ${code} before it was defined`);

/** Today's bit order; twin of the kernel. */
function decodeToday(input: Uint8Array, out: Uint8Array): number {
  const start = new Int32Array(4097);
  const length = new Uint32Array(4097);
  const end = out.length;
  const inputEnd = input.length;
  let next = 258;
  let width = 9;
  let limit = 511;
  let acc = 0;
  let bits = 0;
  let at = 0;
  let op = 0;
  let previousStart = 0;
  let previousLength = 0;
  while (op < end) {
    while (bits < width) {
      if (at >= inputEnd) return op;
      acc = ((acc << 8) | input[at++]) & 0xfffff;
      bits += 8;
    }
    bits -= width;
    const code = (acc >>> bits) & ((1 << width) - 1);
    if (code < 256) {
      if (previousLength > 0 && next < 4097) {
        start[next] = previousStart;
        length[next++] = previousLength + 1;
      }
      previousStart = op;
      previousLength = 1;
      out[op++] = code;
    } else if (code === CLEAR) {
      next = 258;
      width = 9;
      limit = 511;
      previousLength = 0;
      continue;
    } else if (code === END) {
      return op;
    } else {
      // The entry that this code completes is made first: it may be the code itself.
      if (previousLength > 0 && next < 4097) {
        start[next] = previousStart;
        length[next++] = previousLength + 1;
      }
      if (code >= next) throw undefinedCode(code);
      let from = start[code];
      const count = Math.min(length[code], end - op);
      previousStart = op;
      previousLength = count;
      for (const stop = op + count; op < stop;) out[op++] = out[from++];
    }
    if (next >= limit && width < 12) {
      width++;
      limit = (1 << width) - 1;
    }
  }
  return op;
}

/** LZW as the first TIFF writers had it: least significant bit first, width raised one code later. */
function decodeOldLzw(input: Uint8Array, out: Uint8Array): number {
  const start = new Int32Array(4097);
  const length = new Uint32Array(4097);
  let next = 258;
  let width = 9;
  let previousStart = 0;
  let previousLength = 0;
  let op = 0;
  for (let bit = 0; op < out.length && bit + width <= 8 * input.length;) {
    const at = bit >>> 3;
    const window = input[at] | (input[at + 1] << 8) | (input[at + 2] << 16);
    const code = (window >>> (bit & 7)) & ((1 << width) - 1);
    bit += width;
    if (code === END) return op;
    if (code === CLEAR) {
      next = 258;
      width = 9;
      previousLength = 0;
      continue;
    }
    if (previousLength > 0 && next < 4096) {
      start[next] = previousStart;
      length[next++] = previousLength + 1;
    }
    if (code >= next) throw undefinedCode(code);
    const count = code < 256 ? 1 : Math.min(length[code], out.length - op);
    previousStart = op;
    previousLength = count;
    if (code < 256) out[op++] = code;
    else for (let from = start[code], stop = op + count; op < stop;) out[op++] = out[from++];
    if (next >= 1 << width && width < 12) width++;
  }
  return op;
}
