/**
 * Removes `border` pixels at each of the four sides; intensities and type stay.
 * @param pixels [height, width], row 0 first; any typed array
 * @returns      [height − 2·border, width − 2·border], pixel (0, 0) = input (border, border); a new array
 */
export function cropBorders<
  T extends { slice(from: number, to: number): T; set(from: T, at: number): void },
>(pixels: T, width: number, height: number, border: number): T {
  const w = width - 2 * border;
  const h = height - 2 * border;
  const out = pixels.slice(0, w * h);
  for (let y = 0; y < h; y++) {
    const from = (y + border) * width + border;
    out.set(pixels.slice(from, from + w), y * w);
  }
  return out;
}
