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
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const upper = new Float64Array(BINS);
  let n = 0;
  for (let i = 0; i < bits.length; i++)
    if (selected(mask, i)) {
      upper[keyOf(bits[i]) >>> 16]++;
      n++;
    }
  if (n === 0) return fractions.map(() => NaN);
  const ranks = new Set<number>();
  for (const q of fractions) {
    const at = q * (n - 1);
    ranks.add(Math.floor(at));
    ranks.add(Math.ceil(at));
  }
  const found = kthValues(bits, [...ranks], upper, mask);
  return fractions.map((q) => {
    const at = q * (n - 1);
    const low = Math.floor(at);
    const a = found.get(low) ?? NaN;
    const b = found.get(Math.ceil(at)) ?? NaN;
    return a === b ? a : a + (b - a) * (at - low);
  });
}

function kthValues(
  bits: Uint32Array,
  ranks: readonly number[],
  upper: Float64Array,
  mask: Uint8Array | undefined,
): Map<number, number> {
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
