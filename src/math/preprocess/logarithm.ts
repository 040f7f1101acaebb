import type { Float32Pixels } from "#src/domain/movie.ts";

/**
 * y = a − b·ln(x + c), in place, computed in double. Where x + c ≤ 0 the logarithm is undefined (Xmipp
 * writes NaN or infinity there): such pixels take the smallest argument that is positive in this image,
 * and are counted.
 * @returns number of undefined pixels; equal to the number of pixels when none is defined (then nothing
 *          has been changed)
 */
export function takeLogarithm(
  pixels: Float32Pixels,
  { a, b, c }: { readonly a: number; readonly b: number; readonly c: number },
): number {
  const { smallest, undefinedCount } = smallestArgument(pixels, c);
  if (undefinedCount === pixels.length) return undefinedCount;
  for (let i = 0; i < pixels.length; i++)
    pixels[i] = a - b * Math.log(Math.max(pixels[i] + c, smallest));
  return undefinedCount;
}

/**
 * y = a − b·ln(x + c), in place, as the original computes it: −∞ or +∞ where x + c is 0, NaN where it is
 * negative. Double inside.
 * @returns number of pixels whose logarithm is undefined
 */
export function takeLogarithmUnguarded(
  pixels: Float32Pixels,
  { a, b, c }: { readonly a: number; readonly b: number; readonly c: number },
): number {
  let undefinedCount = 0;
  for (let i = 0; i < pixels.length; i++) {
    const argument = pixels[i] + c;
    if (!(argument > 0)) undefinedCount++;
    pixels[i] = a - b * Math.log(argument);
  }
  return undefinedCount;
}

/** Smallest positive x + c of the image (Infinity when there is none), and how many are not positive. */
export function smallestArgument(
  pixels: Float32Pixels,
  c: number,
): { readonly smallest: number; readonly undefinedCount: number } {
  let smallest = Infinity;
  let undefinedCount = 0;
  for (let i = 0; i < pixels.length; i++) {
    const argument = pixels[i] + c;
    if (!(argument > 0)) undefinedCount++;
    else if (argument < smallest) smallest = argument;
  }
  return { smallest, undefinedCount };
}
