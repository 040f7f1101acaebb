import { realFft2 } from "#src/math/fft.ts";
import { centreOfMassPeak, nearestNinePeak } from "./pairPeak.ts";

/** How FlexAlign's programs read a displacement off a correlation map. */
export type PairPeak = "centreOfMass" | "nearestNine";

/** Pairs (i, j), i < j, of n frames in the program's order. */
export function pairsOf(n: number): { readonly first: Int32Array; readonly second: Int32Array } {
  const count = (n * (n - 1)) / 2;
  const first = new Int32Array(count);
  const second = new Int32Array(count);
  let k = 0;
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      first[k] = i;
      second[k++] = j;
    }
  return { first, second };
}

/**
 * Displacements p_i − p_j of the pairs `from … to − 1`, px of the reduced image.
 * @param spectra filtered half spectra, `[height, floor(width/2) + 1]` interleaved; not changed
 * @param radius  displacements beyond it are not looked at, px
 * @returns `[pair][x, y]`
 */
export function correlatePairs(
  spectra: readonly Float32Array[],
  { width, height }: { readonly width: number; readonly height: number },
  radius: number,
  peak: PairPeak,
  from: number,
  to: number,
): Float64Array<ArrayBuffer> {
  const { first, second } = pairsOf(spectra.length);
  const fft = realFft2(width, height);
  const product = new Float32Array(2 * fft.halfWidth * height);
  const map = new Float32Array(width * height);
  const find = peak === "centreOfMass" ? centreOfMassPeak : nearestNinePeak;
  const out = new Float64Array(2 * (to - from));
  for (let k = from; k < to; k++) {
    const a = spectra[first[k]];
    const b = spectra[second[k]];
    for (let i = 0; i < product.length; i += 2) {
      product[i] = a[i] * b[i] + a[i + 1] * b[i + 1];
      product[i + 1] = a[i + 1] * b[i] - a[i] * b[i + 1];
    }
    const { x, y } = find(fft.inverse(product, map), width, height, radius);
    out[2 * (k - from)] = x;
    out[2 * (k - from) + 1] = y;
  }
  return out;
}

/** Sums of neighbouring spectra, t − ⌊(g−1)/2⌋ … t + ⌊g/2⌋ inside the movie: FlexAlign's sliding groups. */
export function slidingSums(
  spectra: readonly Float32Array[],
  group: number,
): readonly Float32Array[] {
  if (group <= 1) return spectra;
  const before = Math.floor((group - 1) / 2);
  const after = Math.floor(group / 2);
  return spectra.map((own, t) => {
    const sum = new Float32Array(own.length);
    const last = Math.min(spectra.length - 1, t + after);
    for (let s = Math.max(0, t - before); s <= last; s++)
      for (let i = 0; i < sum.length; i++) sum[i] += spectra[s][i];
    return sum;
  });
}
