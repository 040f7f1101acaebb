import { createRandom } from "#src/math/random.ts";

/** Lines and values in each that break kernels: single values, odd lengths, more lines than one dispatch takes. */
export const LINE_SHAPES = [
  [1, 1],
  [1, 37],
  [5, 16],
  [3, 17],
  [7, 1000],
  [1100, 33],
] as const;

/** Seeded normal noise as a shader sees it. */
export function normalFloats(count: number, seed: number): Float32Array<ArrayBuffer> {
  const random = createRandom(seed);
  return Float32Array.from({ length: count }, () => random.normal());
}

/** Sorts each line in place. */
export function sortEach(
  values: Float32Array<ArrayBuffer>,
  length: number,
): Float32Array<ArrayBuffer> {
  for (let at = 0; at < values.length; at += length) values.subarray(at, at + length).sort();
  return values;
}
