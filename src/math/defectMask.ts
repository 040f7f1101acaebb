import type { DefectList } from "#src/domain/defects.ts";

/**
 * The mask of a defect list, `[height, width]`, 1 = bad. Where the list names a camera of exactly half the
 * size (super-resolution frames), its coordinates are doubled; of twice the size, halved outwards.
 */
export function defectMask(
  list: DefectList,
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(width * height);
  const scale = scaleOf(list, width, height);
  for (const region of list.regions) {
    const x0 = Math.max(0, Math.floor(region.x * scale));
    const y0 = Math.max(0, Math.floor(region.y * scale));
    const x1 = Math.min(width, Math.ceil((region.x + region.width) * scale));
    const y1 = Math.min(height, Math.ceil((region.y + region.height) * scale));
    for (let y = y0; y < y1; y++) if (x1 > x0) mask.fill(1, y * width + x0, y * width + x1);
  }
  return mask;
}

function scaleOf(list: DefectList, width: number, height: number): number {
  const { cameraWidth, cameraHeight } = list;
  if (cameraWidth === null || cameraHeight === null) return 1;
  for (const scale of [2, 0.5])
    if (cameraWidth * scale === width && cameraHeight * scale === height) return scale;
  return 1;
}
