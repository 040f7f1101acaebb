import { BYTES_PER_PIXEL } from "#src/domain/movie.ts";
import type { PixelArray, PixelType } from "#src/domain/movie.ts";

/** How a sample stands in a file; what is not a `PixelType` is widened when decoded. */
export type StoredType = PixelType | "uint4" | "float16" | "float64" | "uint64" | "int64";

/** Bits of one stored sample. */
export const STORED_BITS: Readonly<Record<StoredType, number>> = {
  uint4: 4,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  float16: 16,
  uint32: 32,
  int32: 32,
  float32: 32,
  float64: 64,
  uint64: 64,
  int64: 64,
};

/** The type that a stored sample is decoded to. 64-bit values become float32. */
export function decodedType(stored: StoredType): PixelType {
  switch (stored) {
    case "uint4":
      return "uint8";
    case "float16":
    case "float64":
    case "uint64":
    case "int64":
      return "float32";
    case "uint8":
    case "int8":
    case "uint16":
    case "int16":
    case "uint32":
    case "int32":
    case "float32":
      return stored;
  }
}

/** A zeroed array of pixels. */
export function allocatePixels(type: PixelType, count: number): PixelArray {
  return viewPixels(type, new ArrayBuffer(count * BYTES_PER_PIXEL[type]));
}

/** A buffer seen as pixels (machine byte order). */
export function viewPixels(type: PixelType, buffer: ArrayBuffer): PixelArray {
  switch (type) {
    case "uint8":
      return new Uint8Array(buffer);
    case "int8":
      return new Int8Array(buffer);
    case "uint16":
      return new Uint16Array(buffer);
    case "int16":
      return new Int16Array(buffer);
    case "uint32":
      return new Uint32Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "float32":
      return new Float32Array(buffer);
  }
}

/** Value of an IEEE half-precision number. */
export function halfToFloat(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let halves: Float32Array | null = null;

/** All 65536 half-precision values, made once for a worker. */
export function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 65536 }, (_, bits) => halfToFloat(bits));
  return halves;
}

const scratch = new DataView(new ArrayBuffer(4));

/** Nearest half-precision number (ties to even); beyond ±65504 infinite. */
export function floatToHalf(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 255) - 112;
  let fraction = bits & 0x7fffff;
  if (exponent >= 31) {
    const nan = ((bits >>> 23) & 255) === 255 && fraction !== 0;
    return sign | 0x7c00 | (nan ? 0x200 : 0);
  }
  if (exponent <= 0) {
    if (exponent < -10) return sign;
    fraction |= 0x800000;
    return sign | roundShift(fraction, 14 - exponent);
  }
  // A carry out of the fraction raises the exponent, as it should.
  return sign | ((exponent << 10) + roundShift(fraction, 13));
}

function roundShift(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** Swaps the byte order of samples of 2, 4 or 8 bytes in place. */
export function swapBytes(bytes: Uint8Array, sampleBytes: number): void {
  if (sampleBytes === 1) return;
  for (let i = 0; i + sampleBytes <= bytes.length; i += sampleBytes)
    for (let a = i, b = i + sampleBytes - 1; a < b; a++, b--) {
      const t = bytes[a];
      bytes[a] = bytes[b];
      bytes[b] = t;
    }
}

/**
 * Widens stored samples to pixels. `bytes` (length = whole samples) is used up: it may be swapped in
 * place and its buffer may become the result's.
 */
export function samplesToPixels(
  bytes: Uint8Array<ArrayBuffer>,
  stored: StoredType,
  littleEndian: boolean,
  count: number,
): PixelArray {
  if (stored === "uint4") {
    const out = new Uint8Array(count);
    for (let i = 0; i < count; i++) out[i] = i & 1 ? bytes[i >> 1] >> 4 : bytes[i >> 1] & 15;
    return out;
  }
  const size = STORED_BITS[stored] / 8;
  if (!littleEndian) swapBytes(bytes.subarray(0, count * size), size);
  const own = bytes.byteOffset === 0 && bytes.buffer.byteLength === count * size;
  const buffer = own ? bytes.buffer : bytes.slice(0, count * size).buffer;
  switch (stored) {
    case "float16": {
      const table = halfTable();
      const from = new Uint16Array(buffer);
      const out = new Float32Array(count);
      for (let i = 0; i < count; i++) out[i] = table[from[i]];
      return out;
    }
    case "float64":
      return new Float32Array(new Float64Array(buffer));
    case "uint64":
    case "int64": {
      const low = new Uint32Array(buffer);
      const high = stored === "int64" ? new Int32Array(buffer) : low;
      const out = new Float32Array(count);
      for (let i = 0; i < count; i++) out[i] = high[2 * i + 1] * 2 ** 32 + low[2 * i];
      return out;
    }
    case "uint8":
    case "int8":
    case "uint16":
    case "int16":
    case "uint32":
    case "int32":
    case "float32":
      return viewPixels(stored, buffer);
  }
}
