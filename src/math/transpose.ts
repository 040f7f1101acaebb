/** The transpose of `[height, width]` in blocks that fit the cache. */
export function transpose<T extends { readonly length: number; [index: number]: number }>(
  source: T,
  target: T,
  height: number,
  width: number,
): T {
  const block = 32;
  for (let y0 = 0; y0 < height; y0 += block) {
    const y1 = Math.min(height, y0 + block);
    for (let x0 = 0; x0 < width; x0 += block) {
      const x1 = Math.min(width, x0 + block);
      for (let x = x0; x < x1; x++)
        for (let y = y0; y < y1; y++) target[x * height + y] = source[y * width + x];
    }
  }
  return target;
}
