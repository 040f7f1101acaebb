import type { PixelArray } from "#src/domain/movie.ts";

/**
 * `total[i] += frame[offset + i] · correction[i]`, in place, in the precision of `total`. Twin of
 * shaders/accumulate.wgsl.
 * @param correction  null = 1 everywhere
 */
export function accumulate(
  total: Float64Array | Float32Array,
  frame: PixelArray,
  correction: ArrayLike<number> | null,
  offset = 0,
): void {
  const n = total.length;
  if (correction === null) for (let i = 0; i < n; i++) total[i] += frame[offset + i];
  else for (let i = 0; i < n; i++) total[i] += frame[offset + i] * correction[i];
}
