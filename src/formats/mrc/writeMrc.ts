import type { Bytes } from "#src/domain/byteSource.ts";
import type { ByteSink } from "#src/domain/byteSink.ts";
import type { PixelArray, PixelType } from "#src/domain/movie.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { floatToHalf } from "../pixels.ts";
import { MRC_HEADER_BYTES } from "./mrcHeader.ts";

/**
 * How samples are written. "int8" is mode 0 (signed since MRC2014), "uint8" is mode 0 with values up to
 * 127 only, else use "uint16" (mode 6), which every program reads alike.
 */
export type MrcSampleType = "int8" | "uint8" | "int16" | "uint16" | "float32" | "float16";

const MODES: Readonly<Record<MrcSampleType, number>> = {
  int8: 0,
  uint8: 0,
  int16: 1,
  float32: 2,
  uint16: 6,
  float16: 12,
};

const SAMPLE_BYTES: Readonly<Record<MrcSampleType, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  float16: 2,
  float32: 4,
};

export interface MrcWriteOptions {
  readonly width: number;
  readonly height: number;
  /** Slices in all. */
  readonly frames: number;
  readonly sampleType: MrcSampleType;
  /** Å/px; null writes a cell of zero, which readers take for "not known". */
  readonly pixelSizeA: number | null;
  /** Lines of at most 80 ASCII characters, at most ten. */
  readonly labels?: readonly string[];
}

/** Statistics over everything that was written; infinite and NaN values are left out. */
export interface MrcStatistics {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Population standard deviation. */
  readonly std: number;
}

export interface MrcWriter {
  /** Appends one slice `[height, width]`, row 0 first. */
  write(pixels: PixelArray): Promise<void>;
  /** Completes the file (statistics go into the header where the sink can go back). */
  finish(): Promise<MrcStatistics>;
}

/** The sample type that keeps pixels of a type as they are. 32-bit integers become float32. */
export function mrcSampleTypeFor(type: PixelType): MrcSampleType {
  switch (type) {
    case "int8":
    case "int16":
    case "uint16":
    case "float32":
      return type;
    case "uint8":
      return "uint16";
    case "uint32":
    case "int32":
      return "float32";
  }
}

/** Starts an MRC file (little endian, MRC2014; a stack has ispg 0 and mz 1). */
export async function createMrcWriter(
  sink: ByteSink,
  options: MrcWriteOptions,
): Promise<MrcWriter> {
  const { frames, sampleType } = options;
  await sink.write(headerBytes(options, null));
  const sums = new Moments();
  let written = 0;
  return {
    async write(pixels) {
      checkSlice(pixels, options);
      if (written >= frames)
        throw new CryoloupeError("internal", `More than ${frames} slices for an MRC file.`);
      written++;
      sums.add(pixels);
      await sink.write(encodeSamples(pixels, sampleType));
    },
    async finish() {
      if (written !== frames)
        throw new CryoloupeError(
          "internal",
          `${written} slices were written into an MRC file that announces ${frames}.`,
        );
      const statistics = sums.result();
      await sink.rewrite?.(0, headerBytes(options, statistics));
      return statistics;
    },
  };
}

/** A whole MRC file in memory: one image, or several slices. */
export function encodeMrc(
  images: readonly PixelArray[],
  options: Omit<MrcWriteOptions, "frames">,
): Promise<Bytes> {
  const whole = { ...options, frames: images.length };
  const header = headerBytes(whole, null).length;
  const slice = options.width * options.height * SAMPLE_BYTES[options.sampleType];
  const bytes = new Uint8Array(header + images.length * slice);
  const sums = new Moments();
  images.forEach((image, n) => {
    checkSlice(image, options);
    sums.add(image);
    encodeSamples(image, options.sampleType, bytes.buffer, header + n * slice);
  });
  bytes.set(headerBytes(whole, sums.result()));
  return Promise.resolve(bytes);
}

function checkSlice(
  pixels: PixelArray,
  { width, height }: Pick<MrcWriteOptions, "width" | "height">,
): void {
  if (pixels.length !== width * height)
    throw new CryoloupeError(
      "size-mismatch",
      `A slice of ${pixels.length} px was to be written into an MRC file of ${width} × ${height} px.`,
    );
}

class Moments {
  private count = 0;
  private sum = 0;
  private squares = 0;
  private min = Infinity;
  private max = -Infinity;
  /** Subtracted before squaring, so that large offsets do not swallow the spread. */
  private origin: number | null = null;

  add(pixels: PixelArray): void {
    let { count, min, max } = this;
    const origin = (this.origin ??= Number.isFinite(pixels[0]) ? pixels[0] : 0);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < pixels.length; i++) {
      const value = pixels[i];
      // value − value is NaN for NaN and ±Infinity.
      if (value - value !== 0) continue;
      const v = value - origin;
      sum += v;
      squares += v * v;
      if (value < min) min = value;
      if (value > max) max = value;
      count++;
    }
    this.count = count;
    this.min = min;
    this.max = max;
    this.sum += sum;
    this.squares += squares;
  }

  result(): MrcStatistics {
    if (this.count === 0) return { min: 0, max: 0, mean: 0, std: 0 };
    const mean = this.sum / this.count;
    return {
      min: this.min,
      max: this.max,
      mean: mean + (this.origin ?? 0),
      std: Math.sqrt(Math.max(0, this.squares / this.count - mean * mean)),
    };
  }
}

function headerBytes(options: MrcWriteOptions, statistics: MrcStatistics | null): Bytes {
  const bytes = new Uint8Array(MRC_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  const int = (n: number, value: number): void => view.setInt32(4 * (n - 1), value, true);
  const real = (n: number, value: number): void => view.setFloat32(4 * (n - 1), value, true);
  const { width, height, frames, pixelSizeA, sampleType } = options;
  int(1, width);
  int(2, height);
  int(3, frames);
  int(4, MODES[sampleType]);
  int(8, width);
  int(9, height);
  int(10, 1);
  const size = pixelSizeA ?? 0;
  real(11, width * size);
  real(12, height * size);
  real(13, size);
  for (const n of [14, 15, 16]) real(n, 90);
  int(17, 1);
  int(18, 2);
  int(19, 3);
  // Without statistics: max < min, mean below both, negative rms mean "not known" (MRC2014).
  real(20, statistics?.min ?? 0);
  real(21, statistics?.max ?? -1);
  real(22, statistics?.mean ?? -2);
  int(23, 0);
  int(28, 20141);
  writeText(bytes, 208, "MAP ");
  bytes.set([0x44, 0x44, 0, 0], 212);
  real(55, statistics?.std ?? -1);
  if (sampleType === "int8") {
    // IMOD's stamp with bit 0: the bytes of mode 0 are signed.
    int(39, 1146047817);
    int(40, 1);
  }
  const labels = (options.labels ?? ["Written by Cryoloupe"]).slice(0, 10);
  int(56, labels.length);
  labels.forEach((label, i) => writeText(bytes, 224 + 80 * i, label.slice(0, 80).padEnd(80)));
  return bytes;
}

function writeText(bytes: Uint8Array, offset: number, text: string): void {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes[offset + i] = code >= 32 && code < 127 ? code : 63;
  }
}

/** Samples as bytes, of their own or at `offset` (a whole number of samples) of a buffer. Values that do not fit are clipped; fractions are rounded. */
export function encodeSamples(
  pixels: PixelArray,
  type: MrcSampleType,
  buffer = new ArrayBuffer(pixels.length * SAMPLE_BYTES[type]),
  offset = 0,
): Bytes {
  const n = pixels.length;
  switch (type) {
    case "int8":
      clipInto(pixels, new Int8Array(buffer, offset, n), -128, 127, pixels instanceof Int8Array);
      break;
    case "uint8":
      clipInto(pixels, new Uint8Array(buffer, offset, n), 0, 255, pixels instanceof Uint8Array);
      break;
    case "int16":
      clipInto(
        pixels,
        new Int16Array(buffer, offset, n),
        -32768,
        32767,
        pixels instanceof Int16Array,
      );
      break;
    case "uint16":
      clipInto(
        pixels,
        new Uint16Array(buffer, offset, n),
        0,
        65535,
        pixels instanceof Uint16Array || pixels instanceof Uint8Array,
      );
      break;
    case "float32":
      new Float32Array(buffer, offset, n).set(pixels);
      break;
    case "float16": {
      const out = new Uint16Array(buffer, offset, n);
      for (let i = 0; i < n; i++) out[i] = floatToHalf(pixels[i]);
      break;
    }
  }
  return new Uint8Array(buffer, offset, n * SAMPLE_BYTES[type]);
}

function clipInto(
  from: PixelArray,
  out: Int8Array | Uint8Array | Int16Array | Uint16Array,
  low: number,
  high: number,
  fits: boolean,
): void {
  if (fits) out.set(from);
  else
    for (let i = 0; i < out.length; i++)
      out[i] = Math.max(low, Math.min(high, Math.round(from[i])));
}
