/** Indices of the values of one line in ascending order. */
export interface LineSorter {
  /** Filled by `sort`: position r holds the index of the r-th smallest value. */
  readonly order: Uint32Array | Uint16Array;
  /** Filled by `sort`: the values in ascending order. */
  readonly sorted: Float32Array | Float64Array;
  /** Sorts the first `count` entries of `values`; stable, so equal values stay in order. No NaN. */
  sort(values: Float32Array | Float64Array, count: number): void;
}

const BITS = 11;
const BUCKETS = 1 << BITS;
const MASK = BUCKETS - 1;

/**
 * Radix sorting of lines of at most `length` values, least significant digits first, on the bit patterns
 * of floats (sign bit turned, negative patterns complemented: then they order as the numbers do).
 * @param precise  double instead of single precision
 */
export function createLineSorter(length: number, precise: boolean): LineSorter {
  const Index = length <= 65536 ? Uint16Array : Uint32Array;
  const words = precise ? 2 : 1;
  const passes = words * 3;
  const ping = new Index(length);
  const pong = new Index(length);
  const order = new Index(length);
  const sorted = precise ? new Float64Array(length) : new Float32Array(length);
  // Little-endian words of the values as stored; every engine that runs this is little-endian.
  const bits = new Uint32Array(words * length);
  const low = new Uint32Array(precise ? length : 0);
  const high = new Uint32Array(length);
  const counts = new Uint32Array(passes * BUCKETS);
  const real = precise ? new Float64Array(bits.buffer) : new Float32Array(bits.buffer);

  const prepare = (n: number): void => {
    counts.fill(0);
    if (precise)
      for (let i = 0; i < n; i++) {
        const h = bits[2 * i + 1];
        const flip = h >>> 31 === 0 ? 0 : 0xffffffff;
        const l = (bits[2 * i] ^ flip) >>> 0;
        const k = (h ^ (flip | 0x80000000)) >>> 0;
        low[i] = l;
        high[i] = k;
        counts[l & MASK]++;
        counts[BUCKETS + ((l >>> BITS) & MASK)]++;
        counts[2 * BUCKETS + (l >>> (2 * BITS))]++;
        counts[3 * BUCKETS + (k & MASK)]++;
        counts[4 * BUCKETS + ((k >>> BITS) & MASK)]++;
        counts[5 * BUCKETS + (k >>> (2 * BITS))]++;
      }
    else
      for (let i = 0; i < n; i++) {
        const h = bits[i];
        const k = (h ^ ((h >> 31) | 0x80000000)) >>> 0;
        high[i] = k;
        counts[k & MASK]++;
        counts[BUCKETS + ((k >>> BITS) & MASK)]++;
        counts[2 * BUCKETS + (k >>> (2 * BITS))]++;
      }
  };

  const sort = (values: Float32Array | Float64Array, n: number): void => {
    real.set(n === values.length ? values : values.subarray(0, n));
    prepare(n);
    let from = ping;
    let to = pong;
    for (let i = 0; i < n; i++) from[i] = i;
    for (let pass = 0; pass < passes; pass++) {
      const keys = precise && pass < 3 ? low : high;
      const shift = (pass % 3) * BITS;
      const base = pass * BUCKETS;
      // A digit that all values share orders nothing.
      if (n === 0 || counts[base + ((keys[0] >>> shift) & MASK)] === n) continue;
      let sum = 0;
      for (let b = base; b < base + BUCKETS; b++) {
        const c = counts[b];
        counts[b] = sum;
        sum += c;
      }
      for (let i = 0; i < n; i++) {
        const index = from[i];
        to[counts[base + ((keys[index] >>> shift) & MASK)]++] = index;
      }
      const swap = from;
      from = to;
      to = swap;
    }
    for (let i = 0; i < n; i++) {
      const index = from[i];
      order[i] = index;
      sorted[i] = real[index];
    }
  };

  return { order, sorted, sort };
}
