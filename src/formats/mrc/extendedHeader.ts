import type { HeaderField } from "#src/domain/movie.ts";
import type { MrcHeader } from "./mrcHeader.ts";

/** What the extended header says of the first image; `null` = it does not. */
export interface ExtendedHeader {
  readonly pixelSizeA: number | null;
  /** e⁻/Å² of one section. */
  readonly dose: number | null;
  readonly fields: readonly HeaderField[];
}

const NOTHING: ExtendedHeader = { pixelSizeA: null, dose: null, fields: [] };

/** Bytes of the extended header that are worth reading: the record of the first section. */
export const EXTENDED_HEADER_BYTES = 1024;

/** Reads the record of the first section: FEI1, FEI2 (EPU, Tomo) and SERI (SerialEM). */
export function parseExtendedHeader(header: MrcHeader, bytes: Uint8Array): ExtendedHeader {
  switch (header.exttyp) {
    case "FEI1":
    case "FEI2":
      return parseFei(bytes, header.littleEndian);
    case "SERI":
      return parseSerialEm(header, bytes);
    default:
      return NOTHING;
  }
}

/**
 * FEI1 and FEI2 (FEI's note on the MRC 2014 extended header, version 0.8): a mask of valid fields at byte
 * 8, then fixed places; lengths in metres, angles in degrees, dose in e⁻/m².
 */
function parseFei(bytes: Uint8Array, littleEndian: boolean): ExtendedHeader {
  if (bytes.length < 172) return NOTHING;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const mask = view.getUint32(8, littleEndian);
  const real = (bit: number, offset: number): number | null => {
    const value = view.getFloat64(offset, littleEndian);
    return (mask & (1 << bit)) !== 0 && Number.isFinite(value) ? value : null;
  };
  const fields: HeaderField[] = [];
  const note = (name: string, value: number | null, scale: number, unit: string): number | null => {
    if (value === null) return null;
    fields.push({ name, value: `${Number((value * scale).toPrecision(7))} ${unit}` });
    return value * scale;
  };
  note("high tension", real(5, 84), 1e-3, "kV");
  const dose = note("dose", real(6, 92), 1e-20, "e⁻/Å²");
  note("alpha tilt", real(7, 100), 1, "°");
  note("beta tilt", real(8, 108), 1, "°");
  note("tilt axis angle", real(12, 140), 1, "°");
  const pixelSizeA = note("pixel size x", real(14, 156), 1e10, "Å");
  note("pixel size y", real(15, 164), 1e10, "Å");
  return {
    pixelSizeA: plausible(pixelSizeA, 1e-3, 1e5),
    dose: plausible(dose, 1e-6, 1e6),
    fields,
  };
}

/**
 * SerialEM (IMOD's note on the MRC header): `nint` = bytes of a section's record, `nreal` = flags of what
 * it holds, one after the other, in this order.
 */
function parseSerialEm(header: MrcHeader, bytes: Uint8Array): ExtendedHeader {
  const [recordBytes, flags] = header.serialEm;
  const length = Math.min(recordBytes, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, Math.max(0, length));
  const little = header.littleEndian;
  const fields: HeaderField[] = [];
  let at = 0;
  /** Place of an item if the flag says that it is there and it fits. */
  const item = (flag: number, size: number): number | null => {
    if ((flags & flag) === 0 || at + size > length) return null;
    at += size;
    return at - size;
  };
  const short = (offset: number): number => view.getInt16(offset, little);
  const tilt = item(1, 2);
  if (tilt !== null) fields.push({ name: "tilt angle", value: `${short(tilt) / 100} °` });
  const piece = item(2, 6);
  if (piece !== null)
    fields.push({
      name: "piece",
      value: `${short(piece)}, ${short(piece + 2)}, ${short(piece + 4)}`,
    });
  const stage = item(4, 4);
  if (stage !== null)
    fields.push({ name: "stage", value: `${short(stage) / 25}, ${short(stage + 2) / 25} µm` });
  const magnification = item(8, 2);
  if (magnification !== null)
    fields.push({ name: "magnification", value: String(short(magnification) * 100) });
  const intensity = item(16, 2);
  if (intensity !== null)
    fields.push({ name: "intensity", value: String(short(intensity) / 25000) });
  const doseAt = item(32, 4);
  const dose = doseAt === null ? null : plausible(serialEmReal(view, doseAt, little), 1e-6, 1e6);
  if (dose !== null) fields.push({ name: "dose", value: `${dose.toPrecision(6)} e⁻/Å²` });
  return { pixelSizeA: null, dose, fields };
}

/** A real as two shorts (IMOD): s1, s2 → (|s1|·256 + |s2| mod 256) · 2^(±|s2|/256), signs apart. */
function serialEmReal(view: DataView, offset: number, littleEndian: boolean): number {
  const s1 = view.getInt16(offset, littleEndian);
  const s2 = view.getInt16(offset + 2, littleEndian);
  const a1 = Math.abs(s1);
  const a2 = Math.abs(s2);
  const mantissa = a1 * 256 + (a2 % 256);
  const power = Math.floor(a2 / 256);
  return Math.sign(s1) * mantissa * 2 ** (s2 < 0 ? -power : power);
}

function plausible(value: number | null, low: number, high: number): number | null {
  return value !== null && value >= low && value <= high ? value : null;
}
