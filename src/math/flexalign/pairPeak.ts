/** A displacement in px of the map, x right, y down the rows. */
export interface PeakPlace {
  readonly x: number;
  readonly y: number;
}

/**
 * A cyclic correlation map `[height, width]` with zero displacement at (0, 0), read by displacement. The
 * map ends where the program's centred map does: −floor(n/2) … n − 1 − floor(n/2).
 */
interface CorrelationMap {
  readonly values: Float32Array;
  readonly width: number;
  readonly height: number;
}

function valueAt({ values, width, height }: CorrelationMap, x: number, y: number): number {
  return values[(y < 0 ? y + height : y) * width + (x < 0 ? x + width : x)];
}

function isInside({ width, height }: CorrelationMap, x: number, y: number): boolean {
  const left = Math.floor(width / 2);
  const top = Math.floor(height / 2);
  return x >= -left && x < width - left && y >= -top && y < height - top;
}

/** The largest value among integer displacements with x² + y² ≤ radius². */
function maximumInDisc(map: CorrelationMap, radius: number): PeakPlace & { readonly top: number } {
  let [x, y, top] = [0, 0, -Infinity];
  for (let j = -radius; j <= radius; j++)
    for (let i = -radius; i <= radius; i++) {
      if (i * i + j * j > radius * radius || !isInside(map, i, j)) continue;
      const v = valueAt(map, i, j);
      if (v > top) [x, y, top] = [i, j, v];
    }
  return { x, y, top };
}

/**
 * Peak as FlexAlign's CPU program finds it: the mean of the map is subtracted, a square about the largest
 * value grows until it meets a value below the maximum over 1.414 or the border, and the centre of mass of
 * that square (the last ring included, negative values too) is the answer. The map is changed.
 */
export function centreOfMassPeak(
  values: Float32Array,
  width: number,
  height: number,
  radius: number,
): PeakPlace {
  let mean = 0;
  for (const v of values) mean += v;
  mean /= values.length;
  for (let i = 0; i < values.length; i++) values[i] -= mean;
  const map: CorrelationMap = { values, width, height };
  const { x, y, top } = maximumInDisc(map, radius);
  const limit = top / 1.414;
  let reach = -1;
  let isHigh = true;
  while (isHigh) {
    reach++;
    for (let j = -reach; j <= reach; j++)
      for (let i = -reach; i <= reach; i++)
        if (!isInside(map, x + i, y + j) || valueAt(map, x + i, y + j) < limit) isHigh = false;
  }
  return centreOfMass(map, x, y, reach);
}

/** Peak as FlexAlign's GPU program finds it: centre of mass over 3 × 3 values about the largest one. */
export function nearestNinePeak(
  values: Float32Array,
  width: number,
  height: number,
  radius: number,
): PeakPlace {
  const map: CorrelationMap = { values, width, height };
  const { x, y } = maximumInDisc(map, radius);
  return centreOfMass(map, x, y, 1);
}

function centreOfMass(map: CorrelationMap, x: number, y: number, reach: number): PeakPlace {
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let j = y - reach; j <= y + reach; j++)
    for (let i = x - reach; i <= x + reach; i++) {
      if (!isInside(map, i, j)) continue;
      const v = valueAt(map, i, j);
      sum += v;
      sumX += i * v;
      sumY += j * v;
    }
  // A map without any maximum (blank frames) says nothing; the caller leaves such pairs out.
  return sum === 0 ? { x, y } : { x: sumX / sum, y: sumY / sum };
}
