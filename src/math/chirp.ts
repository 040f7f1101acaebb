/** e^{−πi·k²/n} for k < n, double precision; squares are reduced modulo 2n in integers. */
export function chirpOf(n: number): { readonly cos: Float64Array; readonly sin: Float64Array } {
  const cos = new Float64Array(n);
  const sin = new Float64Array(n);
  for (let k = 0, square = 0; k < n; k++) {
    const angle = (-Math.PI * square) / n;
    cos[k] = Math.cos(angle);
    sin[k] = Math.sin(angle);
    square = (square + 2 * k + 1) % (2 * n);
  }
  return { cos, sin };
}
