/**
 * Bad pixels as the text that MotionCor2/3 (`-DefectFile`) and RELION (`--defect_file`) read: a line
 * `x y width height` for each rectangle, counted from 0 in the rows of the movie. Runs along rows and
 * runs along columns are merged, whichever is longer.
 * @param bad 1 = bad, `[height, width]`
 */
export function writeDefectText(bad: Uint8Array, width: number, height: number): string {
  const left = Uint8Array.from(bad, (b) => (b !== 0 ? 1 : 0));
  const lines: string[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (left[y * width + x] === 0) continue;
      let across = 1;
      while (x + across < width && left[y * width + x + across] !== 0) across++;
      let down = 1;
      while (y + down < height && left[(y + down) * width + x] !== 0) down++;
      const [w, h] = across >= down ? [across, 1] : [1, down];
      for (let j = 0; j < h; j++) left.fill(0, (y + j) * width + x, (y + j) * width + x + w);
      lines.push(`${x} ${y} ${w} ${h}`);
    }
  return `${lines.join("\n")}\n`;
}
