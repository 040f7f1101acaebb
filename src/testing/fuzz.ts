import type { Random } from "#src/math/random.ts";

/** Values that break naive arithmetic, written over 1, 2, 4 or 8 bytes. */
const ABSURD = [
  0,
  1,
  0x7f,
  0x80,
  0xff,
  0x7fff,
  0xffff,
  0x7fffffff,
  0x80000000,
  0xffffffff,
  2 ** 53,
];

/**
 * A damaged copy: cut short, bits flipped, numbers made absurd, pieces moved or blanked. Headers and the
 * ends of files, where directories stand, are hit more often than pixels.
 */
export function damage(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  let out = new Uint8Array(bytes);
  for (let hits = 1 + random.integer(4); hits > 0 && out.length > 0; hits--) {
    const at = place(out.length, random);
    switch (random.integer(7)) {
      case 0:
        out = out.slice(0, at);
        break;
      case 1:
        out[at] ^= 1 << random.integer(8);
        break;
      case 2:
        out[at] = random.integer(256);
        break;
      case 3:
      case 4:
        writeAbsurd(out, at, random);
        break;
      case 5:
        out.copyWithin(at, place(out.length, random), place(out.length, random));
        break;
      default:
        out.fill(random.integer(2) * 255, at, Math.min(out.length, at + 1 + random.integer(64)));
    }
  }
  return out;
}

function place(length: number, random: Random): number {
  const near = Math.min(length, 300);
  switch (random.integer(4)) {
    case 0:
      return random.integer(length);
    case 1:
      return length - 1 - random.integer(near);
    default:
      return random.integer(near);
  }
}

function writeAbsurd(out: Uint8Array, at: number, random: Random): void {
  const size = 1 << random.integer(4);
  const value = BigInt(ABSURD[random.integer(ABSURD.length)]);
  const little = random.integer(2) === 0;
  for (let b = 0; b < size && at + b < out.length; b++)
    out[at + b] = Number((value >> BigInt(8 * (little ? b : size - 1 - b))) & 255n);
}

/** Counts bytes of array buffers that are asked for while it watches. */
export interface AllocationWatch {
  /** Largest single request and sum of all since the last `reset`. */
  readonly largest: () => number;
  readonly total: () => number;
  reset(): void;
  restore(): void;
}

type BufferConstructor = new (...args: unknown[]) => object;

/**
 * Puts counting stand-ins before the constructors of buffers. Modules loaded afterwards, also those that
 * keep a constructor in a variable of their own, allocate through them.
 */
export function watchAllocations(): AllocationWatch {
  const names = [
    "ArrayBuffer",
    "Uint8Array",
    "Int8Array",
    "Uint16Array",
    "Int16Array",
    "Uint32Array",
    "Int32Array",
    "Float32Array",
    "Float64Array",
  ];
  const scope = globalThis as unknown as Record<
    string,
    BufferConstructor & { BYTES_PER_ELEMENT?: number }
  >;
  const originals = names.map((name) => scope[name]);
  let largest = 0;
  let total = 0;
  names.forEach((name, i) => {
    const original = originals[i];
    scope[name] = new Proxy(original, {
      construct(target, args: unknown[], newTarget) {
        const [length] = args;
        if (typeof length === "number") {
          const bytes = length * (target.BYTES_PER_ELEMENT ?? 1);
          largest = Math.max(largest, bytes);
          total += bytes;
        }
        return Reflect.construct(target, args, newTarget) as object;
      },
    });
  });
  return {
    largest: () => largest,
    total: () => total,
    reset: () => {
      largest = 0;
      total = 0;
    },
    restore: () => names.forEach((name, i) => (scope[name] = originals[i])),
  };
}
