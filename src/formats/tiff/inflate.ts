import { CodecError } from "./lzw.ts";

/**
 * zlib (RFC 1950) or bare deflate (RFC 1951) into `out`, never beyond it: decoding ends where `out` is
 * full, so that a decompression bomb costs no more than a sound strip. Library decoders grow their output
 * or go on counting behind its end. The checksum is not looked at.
 * @returns bytes written
 */
export function inflateInto(input: Uint8Array, out: Uint8Array): number {
  if (input.length < 2) throw new CodecError("a deflate strip of less than two bytes");
  const zlib = (input[0] & 15) === 8 && ((input[0] << 8) | input[1]) % 31 === 0;
  const state: State = { input, out, at: zlib ? 2 : 0, acc: 0, bits: 0, written: 0 };
  for (let last = false; !last && state.written < out.length;) {
    last = take(state, 1) === 1;
    const type = take(state, 2);
    if (type === 0) copyStored(state);
    else if (type === 1) decodeBlock(state, fixedLiterals(), fixedDistances());
    else if (type === 2) {
      const { literals, distances } = readTables(state);
      decodeBlock(state, literals, distances);
    } else throw new CodecError("deflate: a block of no known type");
  }
  return state.written;
}

interface State {
  readonly input: Uint8Array;
  readonly out: Uint8Array;
  /** Next byte of the input. */
  at: number;
  /** Bits read and not used, least significant first. */
  acc: number;
  bits: number;
  written: number;
}

/** Prefix code: an entry is symbol · 16 + length of its code, 0 = no code; index = next `maxBits` bits. */
interface Table {
  readonly entries: Uint16Array;
  readonly maxBits: number;
}

const LENGTH_BASE = new Uint16Array(29);
const LENGTH_EXTRA = new Uint8Array(29);
const DISTANCE_BASE = new Uint16Array(30);
const DISTANCE_EXTRA = new Uint8Array(30);
for (let i = 0, base = 3; i < 28; i++) {
  LENGTH_EXTRA[i] = i < 4 ? 0 : (i - 4) >> 2;
  LENGTH_BASE[i] = base;
  base += 1 << LENGTH_EXTRA[i];
}
LENGTH_BASE[28] = 258;
for (let i = 0, base = 1; i < 30; i++) {
  DISTANCE_EXTRA[i] = i < 2 ? 0 : (i - 2) >> 1;
  DISTANCE_BASE[i] = base;
  base += 1 << DISTANCE_EXTRA[i];
}
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

let literalsOfFixed: Table | null = null;
let distancesOfFixed: Table | null = null;

function fixedLiterals(): Table {
  literalsOfFixed ??= makeTable(
    Uint8Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)),
  );
  return literalsOfFixed;
}

function fixedDistances(): Table {
  distancesOfFixed ??= makeTable(new Uint8Array(30).fill(5));
  return distancesOfFixed;
}

function take(state: State, count: number): number {
  while (state.bits < count) {
    if (state.at >= state.input.length) throw new CodecError("deflate: the strip ends too early");
    state.acc |= state.input[state.at++] << state.bits;
    state.bits += 8;
  }
  const value = state.acc & ((1 << count) - 1);
  state.acc >>>= count;
  state.bits -= count;
  return value;
}

function copyStored(state: State): void {
  // A stored block begins at a whole byte; whole bytes read ahead are given back.
  state.at -= state.bits >> 3;
  state.acc = 0;
  state.bits = 0;
  const length = take(state, 16);
  take(state, 16);
  const room = Math.min(length, state.out.length - state.written);
  if (state.at + room > state.input.length)
    throw new CodecError("deflate: the strip ends too early");
  state.out.set(state.input.subarray(state.at, state.at + room), state.written);
  state.written += room;
  state.at += length;
}

/** Canonical prefix code of RFC 1951 §3.2.2, as a table over reversed bits. */
function makeTable(lengths: Uint8Array): Table {
  let maxBits = 1;
  const counts = new Uint16Array(17);
  for (const length of lengths) {
    counts[length]++;
    if (length > maxBits) maxBits = length;
  }
  counts[0] = 0;
  const next = new Uint16Array(17);
  for (let bits = 1, code = 0; bits <= maxBits; bits++) {
    code = (code + counts[bits - 1]) << 1;
    next[bits] = code;
    if (code + counts[bits] > 1 << bits) throw new CodecError("deflate: an impossible prefix code");
  }
  const size = 1 << maxBits;
  const entries = new Uint16Array(size);
  lengths.forEach((length, symbol) => {
    if (length === 0) return;
    const code = next[length]++;
    let reversed = 0;
    for (let b = 0; b < length; b++) reversed |= ((code >> b) & 1) << (length - 1 - b);
    for (let i = reversed; i < size; i += 1 << length) entries[i] = (symbol << 4) | length;
  });
  return { entries, maxBits };
}

function readTables(state: State): { literals: Table; distances: Table } {
  const literalCount = take(state, 5) + 257;
  const distanceCount = take(state, 5) + 1;
  const codeCount = take(state, 4) + 4;
  const codeLengths = new Uint8Array(19);
  for (let i = 0; i < codeCount; i++) codeLengths[CODE_ORDER[i]] = take(state, 3);
  const codes = makeTable(codeLengths);
  const lengths = new Uint8Array(literalCount + distanceCount);
  for (let i = 0; i < lengths.length;) {
    const symbol = decodeSymbol(state, codes);
    if (symbol < 16) lengths[i++] = symbol;
    else {
      const value = symbol === 16 ? (i > 0 ? lengths[i - 1] : -1) : 0;
      const repeat =
        symbol === 16
          ? 3 + take(state, 2)
          : symbol === 17
            ? 3 + take(state, 3)
            : 11 + take(state, 7);
      if (value < 0 || i + repeat > lengths.length)
        throw new CodecError("deflate: impossible code lengths");
      lengths.fill(value, i, i + repeat);
      i += repeat;
    }
  }
  return {
    literals: makeTable(lengths.subarray(0, literalCount)),
    distances: makeTable(lengths.subarray(literalCount)),
  };
}

/** One symbol; the end of the input counts as zeros, which no sound strip reads as a code. */
function decodeSymbol(state: State, table: Table): number {
  while (state.bits < table.maxBits && state.at < state.input.length) {
    state.acc |= state.input[state.at++] << state.bits;
    state.bits += 8;
  }
  const entry = table.entries[state.acc & ((1 << table.maxBits) - 1)];
  const length = entry & 15;
  if (length === 0 || length > state.bits)
    throw new CodecError("deflate: a code that is not in the table, or a strip cut short");
  state.acc >>>= length;
  state.bits -= length;
  return entry >> 4;
}

/** The symbols of one block. The state is kept in local variables while they last. */
function decodeBlock(state: State, literals: Table, distances: Table): void {
  const { input, out } = state;
  const end = out.length;
  const inputEnd = input.length;
  const { entries, maxBits } = literals;
  const mask = (1 << maxBits) - 1;
  let { at, acc, bits, written } = state;
  while (written < end) {
    while (bits < maxBits && at < inputEnd) {
      acc |= input[at++] << bits;
      bits += 8;
    }
    const entry = entries[acc & mask];
    const length = entry & 15;
    if (length === 0 || length > bits)
      throw new CodecError("deflate: a code that is not in the table, or a strip cut short");
    acc >>>= length;
    bits -= length;
    const symbol = entry >> 4;
    if (symbol < 256) {
      out[written++] = symbol;
      continue;
    }
    state.at = at;
    state.acc = acc;
    state.bits = bits;
    state.written = written;
    if (symbol === 256) return;
    written = copyMatch(state, symbol - 257, distances);
    ({ at, acc, bits } = state);
  }
  state.at = at;
  state.acc = acc;
  state.bits = bits;
  state.written = written;
}

/** Copies what a length code and the distance behind it refer to; returns the new end of the output. */
function copyMatch(state: State, lengthCode: number, distances: Table): number {
  if (lengthCode > 28) throw new CodecError("deflate: an impossible length");
  const length = LENGTH_BASE[lengthCode] + take(state, LENGTH_EXTRA[lengthCode]);
  const code = decodeSymbol(state, distances);
  if (code > 29) throw new CodecError("deflate: an impossible distance");
  const distance = DISTANCE_BASE[code] + take(state, DISTANCE_EXTRA[code]);
  const { out, written } = state;
  if (distance > written) throw new CodecError("deflate: a distance before the first byte");
  const stop = Math.min(written + length, out.length);
  // Byte by byte: the source may overlap what is being written.
  for (let to = written, from = written - distance; to < stop;) out[to++] = out[from++];
  return stop;
}
