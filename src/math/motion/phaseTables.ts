/**
 * Phase factors that undo displacements, as shaders take them: for every member `kx + 1` factors
 * e^{2πi·i·dx/width}, then `ky + 1` factors e^{2πi·j·dy/height}, interleaved re, im. Factors of −j are the
 * conjugates. Powers of one factor, in double precision until they are stored.
 * @param displacements `[member][x, y]`, px
 * @param out written from the start, `[member][kx + 1 + ky + 1]` complex
 */
export function fillPhases(
  displacements: ArrayLike<number>,
  shape: {
    readonly width: number;
    readonly height: number;
    readonly kx: number;
    readonly ky: number;
  },
  out: Float32Array,
): void {
  const { width, height, kx, ky } = shape;
  let at = 0;
  const powers = (angle: number, last: number): void => {
    const stepRe = Math.cos(angle);
    const stepIm = Math.sin(angle);
    let re = 1;
    let im = 0;
    for (let i = 0; i <= last; i++) {
      out[at++] = re;
      out[at++] = im;
      const next = re * stepRe - im * stepIm;
      im = re * stepIm + im * stepRe;
      re = next;
    }
  };
  for (let m = 0; m < displacements.length; m += 2) {
    powers((2 * Math.PI * displacements[m]) / width, kx);
    powers((2 * Math.PI * displacements[m + 1]) / height, ky);
  }
}
