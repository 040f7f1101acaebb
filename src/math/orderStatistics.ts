/**
 * Exact order statistics of float32 values without sorting: two passes over a histogram of the upper and
 * of the lower 16 bits of a key that orders floats as integers. NaN must not be present.
 */

const BINS = 65536;

function selected(mask: Uint8Array | undefined, i: number): boolean {
  return mask === undefined || mask[i] !== 0;
}

/** Monotone key of a float's bit pattern: negative floats reversed, positive ones above them. */
function keyOf(bits: number): number {
  return (bits & 0x80000000) !== 0 ? ~bits >>> 0 : (bits | 0x80000000) >>> 0;
}

function valueOf(key: number): number {
  const bits = (key & 0x80000000) !== 0 ? key & 0x7fffffff : ~key >>> 0;
  return new Float32Array(Uint32Array.of(bits).buffer)[0];
}

/**
 * Quantiles by linear interpolation between order statistics at q·(n − 1), numpy's default.
 * @param values any shape; not changed
 * @param fractions in 0 … 1
 * @param mask 1 = counts; absent = all
 * @returns one number for each fraction; NaN where nothing counts
 */
export function quantiles(
  values: Float32Array,
  fractions: readonly number[],
  mask?: Uint8Array,
): number[] {
  const n = mask === undefined ? values.length : countSelected(mask, values.length);
  if (n === 0) return fractions.map(() => NaN);
  const ranks = new Set<number>();
  for (const q of fractions) {
    const at = q * (n - 1);
    ranks.add(Math.floor(at));
    ranks.add(Math.ceil(at));
  }
  const found =
    (n > LARGE ? amongFew(values, [...ranks], mask) : null) ?? kthValues(values, [...ranks], mask);
  return fractions.map((q) => {
    const at = q * (n - 1);
    const low = Math.floor(at);
    const a = found.get(low) ?? NaN;
    const b = found.get(Math.ceil(at)) ?? NaN;
    return a === b ? a : a + (b - a) * (at - low);
  });
}

/** With more values, ranks are first narrowed down to a few bins between the ends of a sample. */
const LARGE = 1 << 17;
const SAMPLE = 4096;
const FINE_BINS = 4096;

/**
 * Values at `ranks` of many: only those in the bins that hold a wanted rank are looked at closely. Tables
 * are small enough for the nearest cache, which the 65,536 bins of {@link kthValues} are not.
 * @returns null where the sample does not spread
 */
function amongFew(
  values: Float32Array,
  ranks: readonly number[],
  mask: Uint8Array | undefined,
): Map<number, number> | null {
  const sample = Float32Array.from({ length: SAMPLE }, (_, i) => {
    return values[Math.floor((i * values.length) / SAMPLE)];
  }).sort();
  const low = sample[SAMPLE >> 7];
  const high = sample[SAMPLE - 1 - (SAMPLE >> 7)];
  if (!(high > low) || !Number.isFinite(high - low)) return null;
  const scale = (FINE_BINS - 2) / (high - low);
  const counts = new Uint32Array(FINE_BINS);
  // Ascending in the value, whatever the rounding: bins are in order.
  const binOf = (v: number): number =>
    v < low ? 0 : v >= high ? FINE_BINS - 1 : 1 + Math.trunc((v - low) * scale);
  for (let i = 0; i < values.length; i++)
    if (mask === undefined || mask[i] !== 0) counts[binOf(values[i])]++;
  const sorted = [...ranks].sort((a, b) => a - b);
  const wanted = new Uint8Array(FINE_BINS);
  /** Of each rank, how many values of bins that are not wanted come before. */
  const skipped: number[] = [];
  let before = 0;
  let kept = 0;
  for (let bin = 0, next = 0; bin < FINE_BINS && next < sorted.length; bin++) {
    const end = before + counts[bin];
    if (sorted[next] < end) {
      wanted[bin] = 1;
      for (; next < sorted.length && sorted[next] < end; next++) skipped.push(before - kept);
      kept += counts[bin];
    }
    before = end;
  }
  const few = new Float32Array(kept);
  let at = 0;
  for (let i = 0; i < values.length; i++)
    if ((mask === undefined || mask[i] !== 0) && wanted[binOf(values[i])] !== 0)
      few[at++] = values[i];
  const within = kthValues(
    few,
    sorted.map((rank, r) => rank - skipped[r]),
    undefined,
  );
  return new Map(sorted.map((rank, r) => [rank, within.get(rank - skipped[r]) ?? NaN]));
}

function countSelected(mask: Uint8Array, length: number): number {
  let n = 0;
  for (let i = 0; i < length; i++) if (mask[i] !== 0) n++;
  return n;
}

/** Values at `ranks`, by two passes over a histogram of the key's upper and lower half. */
function kthValues(
  values: Float32Array,
  ranks: readonly number[],
  mask: Uint8Array | undefined,
): Map<number, number> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const upper = new Float64Array(BINS);
  for (let i = 0; i < bits.length; i++) if (selected(mask, i)) upper[keyOf(bits[i]) >>> 16]++;
  const byBin = new Map<number, { rank: number; within: number }[]>();
  const sorted = [...ranks].sort((a, b) => a - b);
  let before = 0;
  let next = 0;
  for (let bin = 0; bin < BINS && next < sorted.length; bin++) {
    while (next < sorted.length && sorted[next] < before + upper[bin]) {
      const list = byBin.get(bin) ?? [];
      list.push({ rank: sorted[next], within: sorted[next] - before });
      byBin.set(bin, list);
      next++;
    }
    before += upper[bin];
  }
  // Second pass: the lower 16 bits of the few upper bins that hold a wanted rank.
  const slots = new Int32Array(BINS).fill(-1);
  const bins = [...byBin.keys()];
  bins.forEach((bin, slot) => {
    slots[bin] = slot;
  });
  const lower = bins.map(() => new Uint32Array(BINS));
  for (let i = 0; i < bits.length; i++) {
    if (!selected(mask, i)) continue;
    const key = keyOf(bits[i]);
    const slot = slots[key >>> 16];
    if (slot >= 0) lower[slot][key & 0xffff]++;
  }
  const result = new Map<number, number>();
  bins.forEach((bin, slot) => {
    for (const { rank, within } of byBin.get(bin) ?? []) {
      let count = 0;
      for (let low = 0; low < BINS; low++) {
        count += lower[slot][low];
        if (count > within) {
          result.set(rank, valueOf(((bin << 16) | low) >>> 0));
          break;
        }
      }
    }
  });
  return result;
}

/** Median, by {@link quantiles}. */
export function median(values: Float32Array, mask?: Uint8Array): number {
  return quantiles(values, [0.5], mask)[0];
}
