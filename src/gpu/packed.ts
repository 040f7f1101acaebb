import { CryoloupeError } from "#src/domain/errors.ts";
import type { PixelArray } from "#src/domain/movie.ts";

/** The number by which shaders know how pixels are packed; see shaders/accumulate.wgsl. */
export function packedType(frame: PixelArray): number {
  if (frame instanceof Uint8Array) return 0;
  if (frame instanceof Int8Array) return 1;
  if (frame instanceof Uint16Array) return 2;
  if (frame instanceof Int16Array) return 3;
  if (frame instanceof Uint32Array) return 4;
  if (frame instanceof Int32Array) return 5;
  if (frame instanceof Float32Array) return 6;
  throw new CryoloupeError("internal", "A frame of an unknown pixel type was given to a shader.");
}
