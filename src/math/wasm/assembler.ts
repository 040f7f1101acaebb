/**
 * Just enough of WebAssembly to write a kernel by hand: instructions are functions that give bytes, so
 * that an expression reads like one (`i32.add(a.get, i32.const(4))`). Opcodes: WebAssembly core
 * specification 2.0, chapter 5.4.
 */
export type Code = readonly number[];

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const V128 = 0x7b;
export type ValueType = typeof I32 | typeof I64 | typeof F32 | typeof V128;

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  do {
    out.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return out;
}

/** Signed LEB128 of a 32-bit number. */
function signed(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    const last = (rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0);
    out.push(last ? byte : byte | 0x80);
    if (last) return out;
  }
}

const unary =
  (...opcode: number[]) =>
  (a: Code): Code => [...a, ...opcode];
const binary =
  (...opcode: number[]) =>
  (a: Code, b: Code): Code => [...a, ...b, ...opcode];
/** Alignment hints are left at a byte: addresses need not be aligned. */
const load =
  (...opcode: number[]) =>
  (address: Code, offset = 0): Code => [...address, ...opcode, 0, ...unsigned(offset)];
const store =
  (...opcode: number[]) =>
  (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    ...opcode,
    0,
    ...unsigned(offset),
  ];
const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value | 0)],
  load: load(0x28),
  load8u: load(0x2d),
  store: store(0x36),
  store8: store(0x3a),
  eqz: unary(0x45),
  eq: binary(0x46),
  ltU: binary(0x49),
  gtU: binary(0x4b),
  geU: binary(0x4f),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  and: binary(0x71),
  or: binary(0x72),
  shl: binary(0x74),
  shrU: binary(0x76),
};

export const i64 = { load: load(0x29), store: store(0x37) };

export const f32 = {
  const: (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)],
  load: load(0x2a),
  store: store(0x38),
  add: binary(0x92),
  mul: binary(0x94),
};

export const v128 = {
  load: load(...simd(0x00)),
  load32: load(...simd(0x5c)),
  load64: load(...simd(0x5d)),
  /** One number in all four places. */
  splat32: load(...simd(0x09)),
  store: store(...simd(0x0b)),
  zero: [...simd(0x0c), ...new Array<number>(16).fill(0)] as Code,
  and: binary(...simd(0x4e)),
  /** Bytes of a and b by their number, 0 … 31. */
  shuffle: (a: Code, b: Code, lanes: readonly number[]): Code => [
    ...a,
    ...b,
    ...simd(0x0d),
    ...lanes,
  ],
};

export const i16x8 = {
  extendLow8s: unary(...simd(0x87)),
  extendLow8u: unary(...simd(0x89)),
};

export const i32x4 = {
  allTrue: unary(...simd(0xa3)),
  extendLow16s: unary(...simd(0xa7)),
  extendLow16u: unary(...simd(0xa9)),
};

export const f32x4 = {
  splat: unary(...simd(0x13)),
  le: binary(...simd(0x45)),
  ge: binary(...simd(0x46)),
  sqrt: unary(...simd(0xe3)),
  add: binary(...simd(0xe4)),
  sub: binary(...simd(0xe5)),
  mul: binary(...simd(0xe6)),
  convert: unary(...simd(0xfa)),
};

export const f64x2 = {
  /** Of the first two places. */
  promoteLow: unary(...simd(0x5f)),
  add: binary(...simd(0xf0)),
};

/** Runs until `breakIf`/`continueIf` say otherwise: a block around a loop. */
export const block = (...body: readonly Code[]): Code => [0x02, 0x40, ...body.flat(), 0x0b];
export const loop = (...body: readonly Code[]): Code => [0x03, 0x40, ...body.flat(), 0x0b];
export const when = (condition: Code, then: Code, otherwise?: Code): Code => [
  ...condition,
  0x04,
  0x40,
  ...then,
  ...(otherwise === undefined ? [] : [0x05, ...otherwise]),
  0x0b,
];
/** Leaves `depth` blocks, or goes on with that loop. */
export const branch = (depth: number): Code => [0x0c, ...unsigned(depth)];
export const branchIf = (depth: number, condition: Code): Code => [
  ...condition,
  0x0d,
  ...unsigned(depth),
];
export const giveBack = (value: Code): Code => [...value, 0x0f];
export const sequence = (...parts: readonly Code[]): Code => parts.flat();

/** Four vectors of a 4 × 4 matrix by rows; answers its columns. Each of the codes is used twice. */
export function transposed(
  rows: readonly Code[],
  vectors: readonly Local[],
): { readonly before: Code; readonly columns: readonly Code[] } {
  const low = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23];
  const high = low.map((v) => v + 8);
  const even = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
  const odd = even.map((v) => v + 8);
  const { shuffle } = v128;
  const [p, q, r, s] = vectors;
  return {
    before: sequence(
      p.set(shuffle(rows[0], rows[1], low)),
      q.set(shuffle(rows[0], rows[1], high)),
      r.set(shuffle(rows[2], rows[3], low)),
      s.set(shuffle(rows[2], rows[3], high)),
    ),
    columns: [
      shuffle(p.get, r.get, even),
      shuffle(p.get, r.get, odd),
      shuffle(q.get, s.get, even),
      shuffle(q.get, s.get, odd),
    ],
  };
}

/** A parameter or local variable. */
export interface Local {
  readonly get: Code;
  readonly set: (value: Code) => Code;
  readonly tee: (value: Code) => Code;
}

/** Adds a number to a local. */
export const increase = (local: Local, by: number): Code =>
  local.set(i32.add(local.get, i32.const(by)));

/** Runs the body so many times, counted down in a local. */
export const repeat = (counter: Local, times: number, ...body: readonly Code[]): Code =>
  sequence(
    counter.set(i32.const(times)),
    loop(...body, counter.set(i32.sub(counter.get, i32.const(1))), branchIf(0, counter.get)),
  );

/** The four numbers of a vector from the last to the first. */
export const reversed = (value: Local): Code =>
  v128.shuffle(value.get, value.get, [12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3]);

export interface WasmFunction {
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly result: ValueType | null;
  /** Gets the parameters, and makes further locals; the last value left is the result. */
  readonly body: (params: readonly Local[], local: (type: ValueType) => Local) => Code;
}

const localAt = (index: number): Local => ({
  get: [0x20, ...unsigned(index)],
  set: (value) => [...value, 0x21, ...unsigned(index)],
  tee: (value) => [...value, 0x22, ...unsigned(index)],
});

const vector = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];
const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...unsigned(content.length),
  ...content,
];
const text = (value: string): number[] => vector(Array.from(value, (c) => [c.charCodeAt(0)]));

/** A module of these functions, which imports its memory as `host.memory`. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ params, result }) => [
    0x60,
    ...vector(params.map((type) => [type])),
    ...vector(result === null ? [] : [[result]]),
  ]);
  const bodies = functions.map(({ params, body }) => {
    const locals: ValueType[] = [];
    const code = body(
      params.map((_, index) => localAt(index)),
      (type) => {
        locals.push(type);
        return localAt(params.length + locals.length - 1);
      },
    );
    const whole = [...vector(locals.map((type) => [1, type])), ...code, 0x0b];
    return [...unsigned(whole.length), ...whole];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector([[...text("host"), ...text("memory"), 2, 0, 0]])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(
      7,
      vector(functions.map(({ name }, index) => [...text(name), 0, ...unsigned(index)])),
    ),
    ...section(10, vector(bodies)),
  ]);
}
