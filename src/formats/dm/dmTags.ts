import type { ByteSource } from "#src/domain/byteSource.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";
import { throwIfCancelled } from "#src/domain/cancel.ts";
import { cachedReader } from "../cachedReader.ts";
import { corrupt, truncated } from "../refusals.ts";

/** An array that stays in the file. */
export interface DmArray {
  readonly kind: "array";
  /** Type code of the elements; 15 = structs. */
  readonly elementType: number;
  readonly elementBytes: number;
  readonly length: number;
  readonly offset: number;
}

export type DmValue = number | string | readonly number[] | DmArray;
export type DmNode = DmValue | DmGroup;

/** A tag group; entries without a name are numbered. */
export interface DmGroup {
  readonly kind: "group";
  readonly entries: ReadonlyMap<string, DmNode>;
}

export interface DmFile {
  readonly version: 3 | 4;
  /** Byte order of values; the structure itself is always big endian. */
  readonly littleEndian: boolean;
  readonly root: DmGroup;
}

const MAX_TAGS = 200_000;
/** Tags follow each other; they are read in blocks of this size. */
const BLOCK_BYTES = 1 << 16;
const MAX_DEPTH = 64;
const MAX_INFO = 1000;
/** Arrays of 16-bit values up to this length are taken for text, as DigitalMicrograph does. */
const MAX_TEXT = 4096;

/** Bytes of the simple types, by code. */
const TYPE_BYTES: Readonly<Record<number, number>> = {
  2: 2,
  3: 4,
  4: 2,
  5: 4,
  6: 4,
  7: 8,
  8: 1,
  9: 1,
  10: 1,
  11: 8,
  12: 8,
};

export function looksLikeDm(probe: Uint8Array): boolean {
  if (probe.length < 24) return false;
  const view = new DataView(probe.buffer, probe.byteOffset, probe.length);
  const version = view.getUint32(0);
  const order = view.getUint32(version === 4 ? 12 : 8);
  return (version === 3 || version === 4) && (order === 0 || order === 1);
}

/**
 * Walks the tags of a DM3 or DM4 file. DM4 differs from DM3 in that counts, lengths and the type words
 * are 64 bits wide and each tag states its length.
 */
export async function readDmTags(
  source: ByteSource,
  signal: CancelSignal | undefined,
): Promise<DmFile> {
  const file = source.name;
  const read = cachedReader(source, BLOCK_BYTES, signal);
  let at = 0;
  let tags = 0;

  const take = async (length: number): Promise<DataView> => {
    const bytes = await read(at, length);
    if (bytes.length < length)
      throw corrupt(file, `a tag at byte ${at} runs beyond the end of the file (${source.size})`);
    at += length;
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  };
  const version = (await take(4)).getUint32(0);
  if (version !== 3 && version !== 4)
    throw corrupt(file, `DigitalMicrograph version ${version} is neither 3 nor 4`);
  /** A count or length of the structure. */
  const word = async (): Promise<number> =>
    version === 4 ? Number((await take(8)).getBigUint64(0)) : (await take(4)).getUint32(0);
  await word();
  const littleEndian = (await take(4)).getUint32(0) === 1;

  const simple = (view: DataView, offset: number, type: number): number => {
    switch (type) {
      case 2:
        return view.getInt16(offset, littleEndian);
      case 3:
        return view.getInt32(offset, littleEndian);
      case 4:
        return view.getUint16(offset, littleEndian);
      case 5:
        return view.getUint32(offset, littleEndian);
      case 6:
        return view.getFloat32(offset, littleEndian);
      case 7:
        return view.getFloat64(offset, littleEndian);
      case 8:
      case 10:
        return view.getUint8(offset);
      case 9:
        return view.getInt8(offset);
      case 11:
        return Number(view.getBigInt64(offset, littleEndian));
      default:
        return Number(view.getBigUint64(offset, littleEndian));
    }
  };
  const bytesOf = (type: number): number => {
    const bytes = TYPE_BYTES[type];
    if (bytes === undefined) throw corrupt(file, `tag type ${type} at byte ${at} is not known`);
    return bytes;
  };
  /** Types of the fields of a struct described at `info[i]`: name length, count, then pairs. */
  const structTypes = (info: readonly number[], i: number): number[] => {
    const count = info[i + 2];
    if (!(count >= 0 && count <= MAX_INFO))
      throw corrupt(file, `a struct of ${count} fields at byte ${at}`);
    return Array.from({ length: count }, (_, k) => info[i + 4 + 2 * k]);
  };
  const text = async (length: number): Promise<string> => {
    const view = await take(2 * length);
    let out = "";
    for (let i = 0; i < length; i++)
      out += String.fromCharCode(view.getUint16(2 * i, littleEndian));
    return out.replace(/\0[\s\S]*$/, "");
  };

  const arrayValue = async (info: readonly number[], name: string): Promise<DmValue> => {
    const elementType = info[1];
    const length = info[info.length - 1];
    const elementBytes =
      elementType === 15
        ? structTypes(info, 1).reduce((sum, type) => sum + bytesOf(type), 0)
        : bytesOf(elementType);
    if (!(length >= 0) || at + length * elementBytes > source.size)
      throw truncated(file, at, length * elementBytes, source.size);
    // Pixels are called Data; a small image could be mistaken for a text otherwise.
    if (elementType === 4 && length <= MAX_TEXT && name !== "Data") {
      const offset = at;
      const value = await text(length);
      return /^[\x20-\x7e\u00a0-\u00ff\u0100-\u24ff\s]+$/.test(value)
        ? value
        : { kind: "array", elementType, elementBytes, length, offset };
    }
    const array: DmArray = { kind: "array", elementType, elementBytes, length, offset: at };
    at += length * elementBytes;
    return array;
  };

  const value = async (name: string): Promise<DmValue> => {
    const marker = (await take(4)).getUint32(0);
    if (marker !== 0x25252525) throw corrupt(file, `tag data at byte ${at - 4} lack their mark`);
    const count = await word();
    if (!(count >= 1 && count <= MAX_INFO))
      throw corrupt(file, `a tag at byte ${at} has a description of ${count} words`);
    const info: number[] = [];
    for (let i = 0; i < count; i++) info.push(await word());
    switch (info[0]) {
      case 15: {
        const out: number[] = [];
        for (const type of structTypes(info, 0))
          out.push(simple(await take(bytesOf(type)), 0, type));
        return out;
      }
      case 18:
        if (!(info[1] <= MAX_TEXT)) throw corrupt(file, `a text of ${info[1]} characters`);
        return await text(info[1]);
      case 20:
        return await arrayValue(info, name);
      default:
        return simple(await take(bytesOf(info[0])), 0, info[0]);
    }
  };

  const group = async (depth: number): Promise<DmGroup> => {
    if (depth > MAX_DEPTH) throw corrupt(file, `tag groups are nested deeper than ${MAX_DEPTH}`);
    await take(2);
    const count = await word();
    const entries = new Map<string, DmNode>();
    for (let i = 0; i < count; i++) {
      if ((++tags & 255) === 0) throwIfCancelled(signal);
      if (tags > MAX_TAGS) throw corrupt(file, `it has more than ${MAX_TAGS} tags`);
      const kind = (await take(1)).getUint8(0);
      if (kind === 0) break;
      const nameLength = (await take(2)).getUint16(0);
      const nameView = await take(nameLength);
      let name = "";
      for (let k = 0; k < nameLength; k++) name += String.fromCharCode(nameView.getUint8(k));
      if (version === 4) await take(8);
      if (kind !== 20 && kind !== 21)
        throw corrupt(file, `a tag of kind ${kind} at byte ${at} is neither group nor data`);
      entries.set(
        name === "" ? String(i) : name,
        kind === 20 ? await group(depth + 1) : await value(name),
      );
    }
    return { kind: "group", entries };
  };
  return { version, littleEndian, root: await group(0) };
}

/** The node at a path of names ("ImageList/1/ImageData"), or undefined. */
export function dmNode(root: DmGroup, path: string): DmNode | undefined {
  let node: DmNode | undefined = root;
  for (const name of path.split("/")) {
    if (!isGroup(node)) return undefined;
    node = node.entries.get(name);
  }
  return node;
}

export function isGroup(node: DmNode | undefined): node is DmGroup {
  return typeof node === "object" && "kind" in node && node.kind === "group";
}

export function isArray(node: DmNode | undefined): node is DmArray {
  return typeof node === "object" && "kind" in node && node.kind === "array";
}

export function dmNumber(root: DmGroup, path: string): number | undefined {
  const node = dmNode(root, path);
  return typeof node === "number" ? node : undefined;
}

export function dmText(root: DmGroup, path: string): string | undefined {
  const node = dmNode(root, path);
  return typeof node === "string" ? node : undefined;
}
