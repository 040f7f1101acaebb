import type { Bytes } from "#src/domain/byteSource.ts";
import { CryoloupeError } from "#src/domain/errors.ts";

/** One field of a numpy structured array. */
export interface NpyField {
  readonly name: string;
  /** Kind of numpy: i, u, f, b, S, U. */
  readonly kind: string;
  /** Bytes of one element (of U: four a character). */
  readonly size: number;
  readonly littleEndian: boolean;
  /** Elements of a subarray; 1 for a plain field. */
  readonly count: number;
  readonly offset: number;
}

/** A numpy structured array of one dimension: fields by name, rows as they lie in the file. */
export interface NpyTable {
  readonly fields: ReadonlyMap<string, NpyField>;
  readonly rowBytes: number;
  readonly rows: number;
  number(field: NpyField, row: number, element?: number): number;
  text(field: NpyField, row: number): string;
  /** An integer as text, exact to 64 bits, to compare rows of two tables by. */
  key(field: NpyField, row: number): string;
  /** The same array with the chosen rows only; header and rows otherwise as they were. */
  cut(rows: readonly number[]): Bytes;
}

type Literal = string | number | boolean | null | readonly Literal[] | ReadonlyMap<string, Literal>;

/** Parses the Python literal of an `.npy` header: dict, list, tuple, string, integer, True, False, None. */
export function parsePythonLiteral(text: string): Literal {
  let at = 0;
  const fail = (): never => {
    throw new SyntaxError(`no Python literal at ${at}`);
  };
  const skip = (): void => {
    while (/\s/.test(text.charAt(at)) && at < text.length) at++;
  };
  const sequence = (close: string): Literal[] => {
    const items: Literal[] = [];
    at++;
    for (;;) {
      skip();
      if (text[at] === close) {
        at++;
        return items;
      }
      items.push(value());
      skip();
      if (text[at] === ",") at++;
      else if (text[at] !== close) fail();
    }
  };
  const dictionary = (): Map<string, Literal> => {
    const map = new Map<string, Literal>();
    at++;
    for (;;) {
      skip();
      if (text[at] === "}") {
        at++;
        return map;
      }
      const key = value();
      skip();
      if (typeof key !== "string" || text[at] !== ":") fail();
      at++;
      map.set(key as string, value());
      skip();
      if (text[at] === ",") at++;
      else if (text[at] !== "}") fail();
    }
  };
  const value = (): Literal => {
    skip();
    const c = text.charAt(at);
    if (c === "(") return sequence(")");
    if (c === "[") return sequence("]");
    if (c === "{") return dictionary();
    const word =
      /(?:[bu]?'((?:[^'\\]|\\.)*)'|[bu]?"((?:[^"\\]|\\.)*)"|(-?\d+)L?|(True|False|None))/y;
    word.lastIndex = at;
    const match = word.exec(text);
    if (match === null) return fail();
    at = word.lastIndex;
    if (match[3] !== undefined) return Number(match[3]);
    if (match[4] !== undefined) return match[4] === "None" ? null : match[4] === "True";
    return (match[1] ?? match[2]).replace(/\\(.)/g, "$1");
  };
  return value();
}

function isList(value: Literal | undefined): value is readonly Literal[] {
  return Array.isArray(value);
}

function isDictionary(value: Literal): value is ReadonlyMap<string, Literal> {
  return value instanceof Map;
}

function readFields(descr: Literal | undefined, refuse: (found: string) => never): NpyField[] {
  if (!isList(descr)) return refuse("an array of plain numbers");
  let offset = 0;
  return descr.map((entry): NpyField => {
    if (!isList(entry)) return refuse("a field without a name");
    const [title, type, shape] = entry;
    const name = isList(title) ? title[1] : title;
    if (typeof name !== "string" || typeof type !== "string")
      return refuse("a field inside a field");
    const match = /^([<>|=])?([iufbSUV])(\d+)$/.exec(type);
    if (match === null) return refuse(`the field ${name} of type ${type}`);
    const size = Number(match[3]) * (match[2] === "U" ? 4 : 1);
    const dimensions = isList(shape) ? shape : shape === undefined ? [] : [shape];
    const count = dimensions.reduce<number>((a, d) => a * Number(d), 1);
    if (!(size >= 0) || !(count >= 0)) return refuse(`the field ${name} of no size`);
    const field = {
      name,
      kind: match[2],
      size,
      littleEndian: match[1] !== ">",
      count,
      offset,
    };
    offset += size * count;
    return field;
  });
}

/** True when the bytes begin as numpy's `.npy` does. */
export function isNpy(bytes: Bytes): boolean {
  return bytes[0] === 0x93 && String.fromCharCode(...bytes.subarray(1, 6)) === "NUMPY";
}

/** Reads a numpy structured array (`.npy`, versions 1 to 3) of one dimension. */
export function readNpyTable(bytes: Bytes, file: string): NpyTable {
  const refuse = (found: string): never => {
    throw new CryoloupeError(
      "unsupported-format",
      `Reading ${file} as a cryoSPARC table expected a numpy structured array, found ${found}. Export the exposures from the CTF job again.`,
      { file },
    );
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12) return refuse(`${bytes.length} bytes`);
  const long = bytes[6] >= 2;
  const headerStart = long ? 12 : 10;
  const headerEnd = headerStart + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  if (headerEnd > bytes.length) return refuse("a header that is cut short");
  const header = new TextDecoder("utf-8").decode(bytes.subarray(headerStart, headerEnd));
  let parsed: Literal;
  try {
    parsed = parsePythonLiteral(header);
  } catch {
    return refuse("a header that cannot be read");
  }
  if (!isDictionary(parsed)) return refuse("a header without fields");
  const shape = parsed.get("shape");
  const [claimed] = isList(shape) ? shape : [];
  if (!isList(shape) || shape.length !== 1 || typeof claimed !== "number" || claimed < 0)
    return refuse(`an array of ${isList(shape) ? shape.length : "no"} dimensions`);
  const fields = readFields(parsed.get("descr"), refuse);
  const last = fields.at(-1);
  const rowBytes = last === undefined ? 0 : last.offset + last.size * last.count;
  if (rowBytes === 0) return refuse("rows of no bytes");
  const whole = Math.floor((bytes.length - headerEnd) / rowBytes);
  if (whole < claimed)
    throw new CryoloupeError(
      "truncated-file",
      `Reading ${file} expected ${claimed} rows, found ${whole}. Copy the file again.`,
      { file },
    );
  return {
    fields: new Map(fields.map((f) => [f.name, f])),
    rowBytes,
    rows: claimed,
    number: (field, row, element = 0) =>
      readElement(view, field, headerEnd + row * rowBytes + field.offset + element * field.size),
    text: (field, row) => {
      const start = headerEnd + row * rowBytes + field.offset;
      const raw = bytes.subarray(start, start + field.size);
      if (field.kind === "U") {
        let text = "";
        for (let i = 0; i + 4 <= raw.length; i += 4) {
          const code = view.getUint32(start + i, field.littleEndian);
          if (code === 0) break;
          if (code <= 0x10ffff) text += String.fromCodePoint(code);
        }
        return text;
      }
      const zero = raw.indexOf(0);
      return new TextDecoder().decode(zero < 0 ? raw : raw.subarray(0, zero));
    },
    key: (field, row) => {
      const at = headerEnd + row * rowBytes + field.offset;
      return field.size === 8
        ? view.getBigUint64(at, field.littleEndian).toString()
        : String(readElement(view, field, at));
    },
    cut: (rows) => cutRows(bytes, header, headerStart, headerEnd, rowBytes, rows),
  };
}

/** 64-bit integers lose digits beyond 2^53; `key` keeps them. */
function readElement(view: DataView, field: NpyField, at: number): number {
  const { kind, size, littleEndian: little } = field;
  if (kind === "f")
    return size === 8
      ? view.getFloat64(at, little)
      : size === 4
        ? view.getFloat32(at, little)
        : NaN;
  if (kind === "b" || (kind === "u" && size === 1)) return view.getUint8(at);
  if (kind === "i" && size === 1) return view.getInt8(at);
  if (size === 2) return kind === "i" ? view.getInt16(at, little) : view.getUint16(at, little);
  if (size === 4) return kind === "i" ? view.getInt32(at, little) : view.getUint32(at, little);
  if (size === 8)
    return Number(kind === "i" ? view.getBigInt64(at, little) : view.getBigUint64(at, little));
  return NaN;
}

function cutRows(
  bytes: Bytes,
  header: string,
  headerStart: number,
  headerEnd: number,
  rowBytes: number,
  rows: readonly number[],
): Bytes {
  const text = header
    .replace(/('shape'\s*:\s*)\(\s*\d+\s*,?\s*\)/, `$1(${rows.length},)`)
    .trimEnd();
  // numpy pads the header with blanks so that data begin at a multiple of 64.
  const encoded = new TextEncoder().encode(text);
  const start = Math.ceil((headerStart + encoded.length + 1) / 64) * 64;
  const out = new Uint8Array(start + rows.length * rowBytes);
  out.set(bytes.subarray(0, headerStart));
  out.fill(0x20, headerStart, start);
  out.set(encoded, headerStart);
  out[start - 1] = 0x0a;
  const view = new DataView(out.buffer);
  if (headerStart === 12) view.setUint32(8, start - headerStart, true);
  else view.setUint16(8, start - headerStart, true);
  rows.forEach((row, i) => {
    const from = headerEnd + row * rowBytes;
    out.set(bytes.subarray(from, from + rowBytes), start + i * rowBytes);
  });
  return out;
}
