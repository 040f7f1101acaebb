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
  for (let m = 0; m < displacements.length; m += 2) {
    powers(out, (2 * Math.PI * displacements[m]) / width, 0, kx, at, at + 1, 2);
    at += 2 * (kx + 1);
    powers(out, (2 * Math.PI * displacements[m + 1]) / height, 0, ky, at, at + 1, 2);
    at += 2 * (ky + 1);
  }
}

/**
 * The same for the planes of wasm/surfaceKernel.ts: e^{2πi kx·u} interleaved from `x` on, real parts of
 * e^{2πi ky·v} for ky from −ky to ky from `y` on, imaginary ones `stride` further.
 * @param u, v  displacement as a part of the width and height
 */
export function fillPlanePhases(
  out: Float32Array,
  x: number,
  y: number,
  shape: { readonly kx: number; readonly ky: number; readonly stride: number },
  u: number,
  v: number,
): void {
  const { kx, ky, stride } = shape;
  powers(out, 2 * Math.PI * u, 0, kx, x, x + 1, 2);
  powers(out, 2 * Math.PI * v, -ky, ky, y, y + stride, 1);
}

/** e^{i·angle·k} for k = first … last, each from the one before in double precision, `step` apart. */
function powers(
  out: Float32Array,
  angle: number,
  first: number,
  last: number,
  reAt: number,
  imAt: number,
  step: number,
): void {
  const stepRe = Math.cos(angle);
  const stepIm = Math.sin(angle);
  let re = Math.cos(angle * first);
  let im = Math.sin(angle * first);
  for (let k = first, o = 0; k <= last; k++, o += step) {
    out[reAt + o] = re;
    out[imAt + o] = im;
    const next = re * stepRe - im * stepIm;
    im = re * stepIm + im * stepRe;
    re = next;
  }
}
