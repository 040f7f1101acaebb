import type { EncodedFrame, PixelArray } from "#src/domain/movie.ts";
import { allocatePixels } from "../pixels.ts";
import { corrupt } from "../refusals.ts";
import { addElectrons } from "./eerBits.ts";
import type { EerCanvas, EerCoding } from "./eerBits.ts";

/** What codec "eer" needs besides the raw frames (one part each). */
export interface EerParameters {
  readonly sensorWidth: number;
  readonly sensorHeight: number;
  readonly upsamplingBits: number;
  readonly runBits: number;
  readonly subBitsX: number;
  readonly subBitsY: number;
  readonly placeAfterFullRun: boolean;
  /** Index of the first raw frame, for messages. */
  readonly firstRawFrame: number;
}

/** Codec "eer": counts of electrons over the raw frames of a fraction. Rows as stored. */
export function decodeEerFrame(frame: EncodedFrame): PixelArray {
  const p = frame.parameters as unknown as EerParameters;
  const pixels = allocatePixels(frame.pixelType, frame.width * frame.height);
  const canvas: EerCanvas = {
    width: p.sensorWidth,
    height: p.sensorHeight,
    upsamplingBits: p.upsamplingBits,
    counts: pixels as Uint8Array | Uint16Array,
  };
  frame.parts.forEach((part, i) => addRawFrame(frame.file, part, p, canvas, i));
  return pixels;
}

/**
 * Adds one raw frame. Writers differ in whether a full run is followed by a place symbol: the usual rule
 * of the coding is tried first, the other one when the frame does not end at its last pixel.
 */
function addRawFrame(
  file: string,
  bytes: Uint8Array,
  p: EerParameters,
  canvas: EerCanvas,
  index: number,
): void {
  const total = canvas.width * canvas.height;
  const padded = new Uint8Array(bytes.length + 4);
  padded.set(bytes);
  const usual: EerCoding = p;
  if (addElectrons(padded, bytes.length, usual, canvas) === total) return;
  // Undo on a copy is dearer than decoding twice: the same electrons are taken off again.
  const failed = emptyLike(canvas);
  addElectrons(padded, bytes.length, usual, failed);
  for (let i = 0; i < failed.counts.length; i++) canvas.counts[i] -= failed.counts[i];
  const other: EerCoding = { ...usual, placeAfterFullRun: !usual.placeAfterFullRun };
  const attempt = emptyLike(canvas);
  const end = addElectrons(padded, bytes.length, other, attempt);
  if (end !== total)
    throw corrupt(
      file,
      `raw EER frame ${p.firstRawFrame + index + 1} does not end at its last pixel (${total})`,
    );
  for (let i = 0; i < attempt.counts.length; i++) canvas.counts[i] += attempt.counts[i];
}

function emptyLike(canvas: EerCanvas): EerCanvas {
  const counts =
    canvas.counts instanceof Uint8Array
      ? new Uint8Array(canvas.counts.length)
      : new Uint16Array(canvas.counts.length);
  return { ...canvas, counts };
}
