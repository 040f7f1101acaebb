/** An MRC file built byte by byte, for what no writer of ours makes. */
export interface MrcSpec {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly mode: number;
  /** Sections that the header claims, where it lies. */
  readonly nz?: number;
  readonly bigEndian?: boolean;
  readonly mapWord?: boolean;
  readonly pixelSizeA?: number;
  readonly exttyp?: string;
  readonly extended?: Uint8Array;
  /** SerialEM's bytes of a record and flags. */
  readonly serialEm?: readonly [number, number];
  readonly imodFlags?: number;
  readonly dmin?: number;
  readonly dmax?: number;
  /** Data bytes, in the byte order of the file. */
  readonly data: Uint8Array;
}

export function mrcFile(spec: MrcSpec): Uint8Array<ArrayBuffer> {
  const extended = spec.extended ?? new Uint8Array(0);
  const bytes = new Uint8Array(1024 + extended.length + spec.data.length);
  const view = new DataView(bytes.buffer);
  const little = spec.bigEndian !== true;
  const int = (word: number, value: number): void => view.setInt32(4 * (word - 1), value, little);
  const real = (word: number, value: number): void =>
    view.setFloat32(4 * (word - 1), value, little);
  int(1, spec.width);
  int(2, spec.height);
  int(3, spec.nz ?? spec.frames);
  int(4, spec.mode);
  int(8, spec.width);
  int(9, spec.height);
  int(10, 1);
  const size = spec.pixelSizeA ?? 0;
  real(11, spec.width * size);
  real(12, spec.height * size);
  real(13, size);
  int(17, 1);
  int(18, 2);
  int(19, 3);
  real(20, spec.dmin ?? 0);
  real(21, spec.dmax ?? -1);
  real(22, -2);
  int(24, extended.length);
  text(bytes, 104, spec.exttyp ?? "");
  if (spec.serialEm !== undefined) {
    view.setInt16(128, spec.serialEm[0], little);
    view.setInt16(130, spec.serialEm[1], little);
  }
  if (spec.imodFlags !== undefined) {
    int(39, 1146047817);
    int(40, spec.imodFlags);
  }
  if (spec.mapWord !== false) text(bytes, 208, "MAP ");
  bytes.set(little ? [0x44, 0x44, 0, 0] : [0x11, 0x11, 0, 0], 212);
  bytes.set(extended, 1024);
  bytes.set(spec.data, 1024 + extended.length);
  return bytes;
}

export function text(bytes: Uint8Array, offset: number, value: string): void {
  for (let i = 0; i < value.length; i++) bytes[offset + i] = value.charCodeAt(i);
}

/** Numbers as bytes: f64, f32, i16 … in either byte order. */
export function numberBytes(
  kind: "i8" | "u8" | "i16" | "u16" | "u24" | "i32" | "u32" | "f32" | "f64" | "u64",
  values: readonly number[],
  littleEndian = true,
): Uint8Array<ArrayBuffer> {
  const size = Number(kind.slice(1)) / 8;
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    const at = i * size;
    if (kind === "f64") view.setFloat64(at, value, littleEndian);
    else if (kind === "f32") view.setFloat32(at, value, littleEndian);
    else
      for (let b = 0; b < size; b++)
        bytes[at + (littleEndian ? b : size - 1 - b)] = Number(
          (BigInt.asUintN(64, BigInt(value)) >> BigInt(8 * b)) & 255n,
        );
  });
  return bytes;
}
