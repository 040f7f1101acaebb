import type { CancelSignal } from "./cancel.ts";
import type { EerFractionation } from "./eerFractionation.ts";
import type { Bytes } from "./byteSource.ts";

/** How a pixel is stored once decoded. */
export type PixelType = "uint8" | "int8" | "uint16" | "int16" | "uint32" | "int32" | "float32";

/** Decoded pixels, `[height, width]`, row 0 first, in a buffer of their own. */
export type PixelArray =
  | Uint8Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>;

export type Float32Pixels = Float32Array<ArrayBuffer>;

/** Bytes of one pixel of each type. */
export const BYTES_PER_PIXEL: Readonly<Record<PixelType, number>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
};

export type MovieFormat = "mrc" | "tiff" | "eer" | "gain" | "dm3" | "dm4" | "memory";

/** Formats as users know them. */
export const MOVIE_FORMAT_NAMES: Readonly<Record<MovieFormat, string>> = {
  mrc: "MRC",
  tiff: "TIFF",
  eer: "EER",
  gain: "EER gain (.gain)",
  dm3: "DigitalMicrograph 3",
  dm4: "DigitalMicrograph 4",
  memory: "made by the simulator",
};

/** A line of the raw header, for the header card: name as the format calls it, value as text. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** The part of the header that only EER movies have. */
export interface EerHeader extends EerFractionation {
  /** Pixels for each sensor pixel along an axis: 1, 2 or 4. */
  readonly upsampling: number;
  /** e⁻/Å², when the metadata say so. */
  readonly dosePerRawFrame: number | null;
  /** File name of the gain reference that belongs to it. */
  readonly gainReference: string | null;
}

/** What a reader knows from headers alone. Units in names; `null` = the file does not say. */
export interface MovieHeader {
  readonly format: MovieFormat;
  /** px */
  readonly width: number;
  /** px */
  readonly height: number;
  /** Number of frames as they will be read (EER: fractions). */
  readonly frames: number;
  readonly pixelType: PixelType;
  /** How pixels stand in the file where that differs in kind: "uint4", "float16", "12-bit unsigned" … */
  readonly storedType?: string;
  /** Å/px of the frames as they will be read. */
  readonly pixelSizeA: number | null;
  /** Where the pixel size comes from, in words ("MRC cell", "TIFF resolution", "entered"). */
  readonly pixelSizeSource: string | null;
  /** e⁻/Å² for one frame. */
  readonly dosePerFrame: number | null;
  /** Recorded units per electron, where the header says so. */
  readonly unitsPerElectron: number | null;
  /** Sentences for the user about oddities that were mended or could mislead. */
  readonly warnings: readonly string[];
  /** The raw header. */
  readonly fields: readonly HeaderField[];
  /** EER only: how raw frames were gathered, and what the file says besides. */
  readonly eer?: EerHeader;
  /** `.gain` only: its list of defects, as XML. */
  readonly defectsXml?: string;
}

/**
 * One frame as it stands in the file: what was read, and what is needed to decode it. Plain data with
 * transferable buffers, so that decoding runs in any worker (`decodeFrame` in src/formats).
 */
export interface EncodedFrame {
  readonly codec: string;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly pixelType: PixelType;
  readonly parts: readonly Bytes[];
  /** What the codec needs besides, as JSON. */
  readonly parameters: Readonly<Record<string, number | string | boolean | readonly number[]>>;
}

/** Access to a movie by frame index, never to the whole file. Frames count from 0. */
export interface MovieReader {
  readonly name: string;
  /** Size of the file in bytes. */
  readonly size: number;
  readonly header: MovieHeader;
  /** Reads (only reads) one frame, in slices of at most 64 MiB. Decode with `decodeFrame`. */
  readEncoded(index: number, signal?: CancelSignal): Promise<EncodedFrame>;
  close(): Promise<void>;
}
