import {
  block,
  branch,
  branchIf,
  giveBack,
  I32,
  i32,
  i64,
  increase,
  loop,
  sequence,
  when,
} from "./assembler.ts";
import type { Code, WasmFunction } from "./assembler.ts";
import { wasmModule } from "./wasmModule.ts";

/** What the kernel answers instead of a length: minus (code + 1) of a code that was not defined. */
export interface LzwAnswer {
  readonly written: number;
  readonly undefinedCode: number | null;
}

/** Entries of the dictionary: address and length of a string, 8 bytes each. */
const ENTRIES = 4097;
const TABLE = 0;
/** The 256 strings of one byte. */
const SINGLE = TABLE + 8 * ENTRIES;
const DATA = SINGLE + 256 + 8;
/** Bytes that a string may be copied beyond its end. */
const SLACK = 16;
const CLEAR = 256;
const END = 257;

/**
 * `lzw(input, inputEnd, out, outEnd)`: twin of the loop in formats/tiff/lzw.ts. Strings are copied eight
 * bytes at a time where that cannot overlap, and strings of one byte have entries like all others, so
 * that only clear and end codes leave the common path.
 */
const lzw: WasmFunction = {
  name: "lzw",
  params: [I32, I32, I32, I32],
  result: I32,
  body: ([input, inputEnd, out, outEnd], local) => {
    const [op, next, width, limit, bit, bits, code, entry] = Array.from({ length: 8 }, () =>
      local(I32),
    );
    const [previous, previousLength, from, count, address, stop] = Array.from({ length: 6 }, () =>
      local(I32),
    );
    const c = i32.const;
    const written: Code = i32.sub(op.get, out.get);
    const reset = sequence(
      next.set(c(258)),
      width.set(c(9)),
      limit.set(c(511)),
      previousLength.set(c(0)),
    );
    // Codes stand in 24 bits from the byte that holds their first bit: at most 7 + 12 are needed.
    const readCode = sequence(
      address.set(i32.add(input.get, i32.shrU(bit.get, c(3)))),
      code.set(
        i32.and(
          i32.shrU(
            i32.or(
              i32.or(
                i32.shl(i32.load8u(address.get), c(16)),
                i32.shl(i32.load8u(address.get, 1), c(8)),
              ),
              i32.load8u(address.get, 2),
            ),
            i32.sub(i32.sub(c(24), i32.and(bit.get, c(7))), width.get),
          ),
          i32.sub(i32.shl(c(1), width.get), c(1)),
        ),
      ),
      bit.set(i32.add(bit.get, width.get)),
    );
    // The entry that this code completes is made first: it may be the code itself.
    const addEntry = when(
      i32.and(i32.gtU(previousLength.get, c(0)), i32.ltU(next.get, c(ENTRIES))),
      sequence(
        entry.set(i32.shl(next.get, c(3))),
        i32.store(entry.get, previous.get, TABLE),
        i32.store(entry.get, i32.add(previousLength.get, c(1)), TABLE + 4),
        increase(next, 1),
      ),
    );
    const copyBytes = loop(
      i32.store8(op.get, i32.load8u(from.get)),
      increase(op, 1),
      increase(from, 1),
      branchIf(0, i32.ltU(op.get, stop.get)),
    );
    const copyWords = sequence(
      loop(
        i64.store(op.get, i64.load(from.get)),
        increase(op, 8),
        increase(from, 8),
        branchIf(0, i32.ltU(op.get, stop.get)),
      ),
      op.set(stop.get),
    );
    const copy = sequence(
      entry.set(i32.shl(code.get, c(3))),
      from.set(i32.load(entry.get, TABLE)),
      count.set(i32.load(entry.get, TABLE + 4)),
      when(i32.gtU(count.get, i32.sub(outEnd.get, op.get)), count.set(i32.sub(outEnd.get, op.get))),
      previous.set(op.get),
      previousLength.set(count.get),
      stop.set(i32.add(op.get, count.get)),
      // Sources lie before the output, those of one byte far before it.
      when(i32.ltU(i32.sub(op.get, from.get), c(8)), copyBytes, copyWords),
    );
    return sequence(
      op.set(out.get),
      bits.set(i32.shl(i32.sub(inputEnd.get, input.get), c(3))),
      bit.set(c(0)),
      reset,
      block(
        loop(
          branchIf(1, i32.geU(op.get, outEnd.get)),
          branchIf(1, i32.gtU(i32.add(bit.get, width.get), bits.get)),
          readCode,
          when(
            i32.eq(i32.and(code.get, c(-2)), c(CLEAR)),
            sequence(branchIf(2, i32.eq(code.get, c(END))), reset, branch(1)),
          ),
          addEntry,
          when(
            i32.and(i32.geU(code.get, next.get), i32.gtU(code.get, c(255))),
            giveBack(i32.sub(c(-1), code.get)),
          ),
          copy,
          when(
            i32.and(i32.geU(next.get, limit.get), i32.ltU(width.get, c(12))),
            sequence(increase(width, 1), limit.set(i32.sub(i32.shl(c(1), width.get), c(1)))),
          ),
          branch(0),
        ),
      ),
      written,
    );
  },
};

/** A new instance holds the strings of one byte. */
const module = wasmModule([lzw], (instance) => {
  instance.reserve(DATA);
  const bytes = new Uint8Array(instance.buffer());
  const table = new Uint32Array(instance.buffer(), TABLE, 2 * ENTRIES);
  for (let code = 0; code < 256; code++) {
    bytes[SINGLE + code] = code;
    table[2 * code] = SINGLE + code;
    table[2 * code + 1] = 1;
  }
});
/** An instance that has grown beyond this is given up after use: its memory cannot shrink. */
const KEEP_BYTES = 64 * 2 ** 20;
/** Bits are counted in 32: longer strips are left to the twin. */
const LONGEST_INPUT = 2 ** 28;

/** Decodes a strip of TIFF's LZW (most significant bit first); null where WebAssembly is not to be had. */
export function decodeLzwFast(input: Uint8Array, out: Uint8Array): LzwAnswer | null {
  const from = DATA;
  const to = from + input.length + 8;
  const bytes = to + out.length + SLACK;
  if (input.length > LONGEST_INPUT || bytes > 2 ** 31) return null;
  const instance = module.instance();
  if (instance === null || !instance.reserve(bytes)) return null;
  const memory = new Uint8Array(instance.buffer());
  memory.set(input, from);
  const answer = instance.call.lzw(from, from + input.length, to, to + out.length);
  const written = Math.max(0, answer);
  out.set(memory.subarray(to, to + written));
  if (bytes > KEEP_BYTES) module.release();
  return { written, undefinedCode: answer < 0 ? -1 - answer : null };
}
