import type { StoredType } from "../pixels.ts";

/** How the pixels of one page lie in its strips or tiles. */
export interface TiffLayout {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  /** 1 unsigned, 2 signed, 3 float. */
  readonly sampleFormat: number;
  readonly compression: number;
  readonly predictor: number;
  readonly fillOrder: number;
  readonly blockWidth: number;
  readonly blockHeight: number;
  readonly tiled: boolean;
  readonly littleEndian: boolean;
}

/** Blocks side by side, and in all. */
export function blockGrid(layout: TiffLayout): { across: number; count: number } {
  const across = Math.ceil(layout.width / layout.blockWidth);
  return { across, count: across * Math.ceil(layout.height / layout.blockHeight) };
}

/** Bytes of one row of a block; rows start at whole bytes. */
export function blockRowBytes(layout: TiffLayout): number {
  return Math.ceil((layout.blockWidth * layout.bits) / 8);
}

/** Rows that a block holds: the last strip is shorter, tiles are always full. */
export function blockRows(layout: TiffLayout, block: number): number {
  if (layout.tiled) return layout.blockHeight;
  return Math.min(layout.blockHeight, layout.height - block * layout.blockHeight);
}

/** The sample as a stored type, or null when it is no whole number of bytes. */
export function wholeByteType(bits: number, sampleFormat: number): StoredType | null {
  if (sampleFormat === 3)
    return bits === 16 ? "float16" : bits === 32 ? "float32" : bits === 64 ? "float64" : null;
  const signed = sampleFormat === 2;
  switch (bits) {
    case 8:
      return signed ? "int8" : "uint8";
    case 16:
      return signed ? "int16" : "uint16";
    case 32:
      return signed ? "int32" : "uint32";
    case 64:
      return signed ? "int64" : "uint64";
    default:
      return null;
  }
}
