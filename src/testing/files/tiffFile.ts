import { numberBytes, text } from "./mrcFile.ts";

/** A tag: numbers of one of TIFF's types, or text. */
export interface TagSpec {
  readonly tag: number;
  readonly type?: "short" | "long" | "long8" | "rational" | "byte";
  readonly value: readonly number[] | string;
}

/** A page: its strips or tiles as they are to stand in the file, and its tags without their places. */
export interface PageSpec {
  readonly tags: readonly TagSpec[];
  readonly blocks: readonly Uint8Array[];
  readonly tiled?: boolean;
}

export interface TiffSpec {
  readonly big?: boolean;
  readonly bigEndian?: boolean;
  readonly pages: readonly PageSpec[];
  /** Bytes of nothing before the last page: a sparse file. */
  readonly gap?: number;
  /** Index of the page that the last one points to (a cycle), instead of none. */
  readonly lastPointsTo?: number;
}

const TYPES = { short: 3, long: 4, long8: 16, rational: 5, byte: 1 } as const;
const KINDS = { short: "u16", long: "u32", long8: "u64", rational: "u32", byte: "u8" } as const;

/** Bytes with their place in the file. */
export interface FilePart {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A TIFF or BigTIFF built byte by byte. */
export function tiffFile(spec: TiffSpec): Uint8Array<ArrayBuffer> {
  const parts = tiffParts(spec);
  const last = parts[parts.length - 1];
  const out = new Uint8Array(last.offset + last.bytes.length);
  for (const { offset, bytes } of parts) out.set(bytes, offset);
  return out;
}

/** The same as parts, for files too large to be held. */
export function tiffParts(spec: TiffSpec): FilePart[] {
  const little = spec.bigEndian !== true;
  const big = spec.big === true;
  const word = (value: number): Uint8Array => numberBytes(big ? "u64" : "u32", [value], little);
  const parts: FilePart[] = [];
  let at = 0;
  const push = (bytes: Uint8Array): number => {
    parts.push({ offset: at, bytes });
    at += bytes.length;
    return at - bytes.length;
  };
  const head = new Uint8Array(big ? 16 : 8);
  text(head, 0, little ? "II" : "MM");
  head.set(numberBytes("u16", [big ? 43 : 42], little), 2);
  if (big) head.set(numberBytes("u16", [8, 0], little), 4);
  push(head);
  let pointer: { bytes: Uint8Array; offset: number } = { bytes: head, offset: big ? 8 : 4 };
  const directories: number[] = [];
  for (const [index, page] of spec.pages.entries()) {
    if (index === spec.pages.length - 1) at += spec.gap ?? 0;
    const offsets = page.blocks.map((block) => push(block));
    const places: TagSpec[] = [
      { tag: page.tiled ? 324 : 273, type: big ? "long8" : "long", value: offsets },
      { tag: page.tiled ? 325 : 279, type: "long", value: page.blocks.map((b) => b.length) },
    ];
    const tags = [...page.tags, ...places].sort((a, b) => a.tag - b.tag);
    const entries = tags.map((tag) => {
      const isText = typeof tag.value === "string";
      const type = isText ? 2 : TYPES[tag.type ?? "short"];
      const bytes =
        typeof tag.value === "string"
          ? Uint8Array.from(`${tag.value}\0`, (c) => c.charCodeAt(0))
          : numberBytes(KINDS[tag.type ?? "short"], tag.value, little);
      const count = isText ? bytes.length : tag.value.length / (tag.type === "rational" ? 2 : 1);
      const inline = bytes.length <= (big ? 8 : 4);
      const field = new Uint8Array(big ? 8 : 4);
      field.set(inline ? bytes : word(push(bytes)));
      return { tag: tag.tag, type, count, field };
    });
    if (at % 2 === 1) push(new Uint8Array(1));
    const entryBytes = big ? 20 : 12;
    const countBytes = big ? 8 : 2;
    const directory = new Uint8Array(countBytes + entries.length * entryBytes + (big ? 8 : 4));
    directory.set(numberBytes(big ? "u64" : "u16", [entries.length], little));
    entries.forEach(({ tag, type, count, field }, i) => {
      const start = countBytes + i * entryBytes;
      directory.set(numberBytes("u16", [tag, type], little), start);
      directory.set(word(count), start + 4);
      directory.set(field, start + (big ? 12 : 8));
    });
    const offset = push(directory);
    directories.push(offset);
    pointer.bytes.set(word(offset), pointer.offset);
    pointer = { bytes: directory, offset: directory.length - (big ? 8 : 4) };
  }
  if (spec.lastPointsTo !== undefined)
    pointer.bytes.set(word(directories[spec.lastPointsTo]), pointer.offset);
  return parts;
}

/** The tags of a grey page. */
export function greyTags(
  width: number,
  height: number,
  options: {
    bits?: number;
    sampleFormat?: number;
    compression?: number;
    rowsPerStrip?: number;
    tile?: readonly [number, number];
    predictor?: number;
    photometric?: number;
    samples?: number;
  } = {},
): TagSpec[] {
  const tags: TagSpec[] = [
    { tag: 256, type: "long", value: [width] },
    { tag: 257, type: "long", value: [height] },
    { tag: 258, value: [options.bits ?? 8] },
    { tag: 259, value: [options.compression ?? 1] },
    { tag: 262, value: [options.photometric ?? 1] },
    { tag: 277, value: [options.samples ?? 1] },
  ];
  if (options.sampleFormat !== undefined) tags.push({ tag: 339, value: [options.sampleFormat] });
  if (options.predictor !== undefined) tags.push({ tag: 317, value: [options.predictor] });
  if (options.tile !== undefined)
    tags.push({ tag: 322, value: [options.tile[0]] }, { tag: 323, value: [options.tile[1]] });
  else tags.push({ tag: 278, type: "long", value: [options.rowsPerStrip ?? height] });
  return tags;
}

/** LZW as TIFF writes it: 9 to 12 bits, most significant first, clear at `lastCode`. */
export function encodeLzw(input: Uint8Array, lastCode = 4093): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  let acc = 0;
  let bits = 0;
  let width = 9;
  const put = (code: number): void => {
    acc = (acc << width) | code;
    bits += width;
    while (bits >= 8) {
      bits -= 8;
      out.push((acc >> bits) & 255);
      acc &= (1 << bits) - 1;
    }
  };
  let table = new Map<string, number>();
  let next = 258;
  put(256);
  let prefix = "";
  const codeOf = (s: string): number => (s.length === 1 ? s.charCodeAt(0) : (table.get(s) ?? -1));
  for (const value of input) {
    const longer = prefix + String.fromCharCode(value);
    if (longer.length === 1 || table.has(longer)) {
      prefix = longer;
      continue;
    }
    put(codeOf(prefix));
    table.set(longer, next++);
    // The decoder knows one entry fewer at this point and widens one code early.
    if (next > (1 << width) - 1 && width < 12) width++;
    if (next > lastCode) {
      put(256);
      table = new Map();
      next = 258;
      width = 9;
    }
    prefix = String.fromCharCode(value);
  }
  if (prefix !== "") {
    put(codeOf(prefix));
    next++;
    if (next > (1 << width) - 1 && width < 12) width++;
  }
  put(257);
  if (bits > 0) out.push((acc << (8 - bits)) & 255);
  return Uint8Array.from(out);
}
