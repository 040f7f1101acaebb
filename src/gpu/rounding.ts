/** Smallest single-precision number ≥ x: a double limit from below, as a shader compares with it. */
export function roundUp(x: number): number {
  const near = Math.fround(x);
  return near >= x ? near : nextFloat(near, 1);
}

/** Largest single-precision number ≤ x: a limit from above. */
export function roundDown(x: number): number {
  const near = Math.fround(x);
  return near <= x ? near : nextFloat(near, -1);
}

function nextFloat(x: number, direction: 1 | -1): number {
  if (x === 0) return direction * 2 ** -149;
  const bits = new Int32Array(new Float32Array([x]).buffer);
  bits[0] += x > 0 === direction > 0 ? 1 : -1;
  return new Float32Array(bits.buffer)[0];
}
