import type { HeaderField } from "#src/domain/movie.ts";
import type { StoredType } from "../pixels.ts";

export const MRC_HEADER_BYTES = 1024;

/** Fields of an MRC header (Cheng et al. 2015, MRC2014; word numbers count from 1). */
export interface MrcHeader {
  readonly littleEndian: boolean;
  readonly nx: number;
  readonly ny: number;
  readonly nz: number;
  readonly mode: number;
  readonly mx: number;
  readonly my: number;
  readonly mz: number;
  /** Cell lengths, Å. */
  readonly cellA: readonly [number, number, number];
  readonly axes: readonly [number, number, number];
  readonly dmin: number;
  readonly dmax: number;
  readonly dmean: number;
  readonly ispg: number;
  /** Bytes of the extended header. */
  readonly nsymbt: number;
  /** Kind of the extended header, e.g. "FEI1"; empty when not said. */
  readonly exttyp: string;
  /** SerialEM: bytes of a section's record, and flags of its contents (the two shorts of word 33). */
  readonly serialEm: readonly [number, number];
  /** The word "MAP " is there. */
  readonly hasMapWord: boolean;
  /** IMOD's stamp and flags; bit 0 of the flags: bytes are signed. */
  readonly imodStamp: number;
  readonly imodFlags: number;
  readonly rms: number;
  readonly labels: readonly string[];
}

const IMOD_STAMP = 1146047817;

/** Sample types by mode; modes 3 and 4 are complex. */
export const MRC_MODES: Readonly<Record<number, StoredType>> = {
  0: "int8",
  1: "int16",
  2: "float32",
  6: "uint16",
  12: "float16",
  101: "uint4",
};

const KNOWN_MODES = new Set([0, 1, 2, 3, 4, 6, 12, 16, 101]);
const LARGEST_SIDE = 1 << 20;

/** Byte order by what makes sense: the mode is known and the sides are positive and bounded. */
function sensible(view: DataView, littleEndian: boolean): boolean {
  const word = (n: number): number => view.getInt32(4 * (n - 1), littleEndian);
  return (
    KNOWN_MODES.has(word(4)) &&
    word(1) > 0 &&
    word(1) < LARGEST_SIDE &&
    word(2) > 0 &&
    word(2) < LARGEST_SIDE
  );
}

/** The byte order in which a header makes sense, or null when it does in neither. */
export function mrcByteOrder(bytes: Uint8Array): "little" | "big" | null {
  if (bytes.length < 16) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = sensible(view, true);
  const big = sensible(view, false);
  if (little && big && bytes.length >= 216 && bytes[212] === 0x11) return "big";
  if (little) return "little";
  return big ? "big" : null;
}

/** Reads the 1024 bytes; the caller has found the byte order. */
export function parseMrcHeader(bytes: Uint8Array, littleEndian: boolean): MrcHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, MRC_HEADER_BYTES);
  const int = (n: number): number => view.getInt32(4 * (n - 1), littleEndian);
  const real = (n: number): number => view.getFloat32(4 * (n - 1), littleEndian);
  const text = (offset: number, length: number): string =>
    String.fromCharCode(...bytes.subarray(offset, offset + length))
      .replace(/[^\x20-\x7e].*$/s, "")
      .trimEnd();
  const labelCount = Math.max(0, Math.min(10, int(56)));
  return {
    littleEndian,
    nx: int(1),
    ny: int(2),
    nz: int(3),
    mode: int(4),
    mx: int(8),
    my: int(9),
    mz: int(10),
    cellA: [real(11), real(12), real(13)],
    axes: [int(17), int(18), int(19)],
    dmin: real(20),
    dmax: real(21),
    dmean: real(22),
    ispg: int(23),
    nsymbt: int(24),
    exttyp: text(104, 4),
    serialEm: [view.getInt16(128, littleEndian), view.getInt16(130, littleEndian)],
    hasMapWord: text(208, 3) === "MAP",
    imodStamp: int(39),
    imodFlags: int(40),
    rms: real(55),
    labels: Array.from({ length: labelCount }, (_, i) => text(224 + 80 * i, 80)).filter(Boolean),
  };
}

/** What IMOD says of the sign of bytes, or null when its stamp is absent. */
export function imodBytesSigned(header: MrcHeader): boolean | null {
  return header.imodStamp === IMOD_STAMP ? (header.imodFlags & 1) === 1 : null;
}

/** The header as lines for the header card. */
export function mrcFields(h: MrcHeader): HeaderField[] {
  const fields: [string, string][] = [
    ["nx, ny, nz", `${h.nx}, ${h.ny}, ${h.nz}`],
    ["mode", `${h.mode} (${MRC_MODES[h.mode] ?? "not read"})`],
    ["mx, my, mz", `${h.mx}, ${h.my}, ${h.mz}`],
    ["cella", `${h.cellA.map((v) => v.toPrecision(7)).join(", ")} Å`],
    ["mapc, mapr, maps", h.axes.join(", ")],
    ["dmin, dmax, dmean, rms", `${h.dmin}, ${h.dmax}, ${h.dmean}, ${h.rms}`],
    ["ispg", String(h.ispg)],
    ["nsymbt", `${h.nsymbt} bytes`],
    ["exttyp", h.exttyp],
    ["map word", h.hasMapWord ? "present" : "absent"],
    ["byte order", h.littleEndian ? "little endian" : "big endian"],
  ];
  if (h.imodStamp === IMOD_STAMP) fields.push(["imodFlags", String(h.imodFlags)]);
  h.labels.forEach((label, i) => fields.push([`label ${i + 1}`, label]));
  return fields.map(([name, value]) => ({ name, value }));
}
