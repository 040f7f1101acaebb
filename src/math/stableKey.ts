/**
 * A short key of any plain value: equal values have equal keys on every machine, whatever the order in
 * which their properties were set. Tells whether a result was made with the parameters of now. 64 bits of
 * FNV-1a over canonical JSON: against chance, not against an adversary.
 * @returns 16 hexadecimal digits
 */
export function stableKey(value: unknown): string {
  const text = canonicalJson(value);
  // Two 32-bit lanes with different offsets; JavaScript has no fast 64-bit integers.
  let a = 0x811c9dc5;
  let b = 0xcbf29ce4;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ (code + i), 0x01000193);
    b ^= b >>> 15;
  }
  return [a, b].map((n) => (n >>> 0).toString(16).padStart(8, "0")).join("");
}

/** JSON with sorted property names; undefined properties are absent, typed arrays are arrays. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return canonicalJson(Array.from(value as unknown as ArrayLike<number>));
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const pairs = Object.entries(value)
    .filter(([, v]) => v !== undefined)
    .sort(([p], [q]) => (p < q ? -1 : p > q ? 1 : 0))
    .map(([name, v]) => `${JSON.stringify(name)}:${canonicalJson(v)}`);
  return `{${pairs.join(",")}}`;
}
