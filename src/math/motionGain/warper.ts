import type { MotionField } from "#src/domain/motion.ts";
import { cubicWeights, mirrorIndex, prefilterImage } from "../bspline.ts";
import { nextFastSize } from "../fft.ts";
import { createFieldEvaluator } from "../motionField.ts";

/** Displacements are constant over tiles of this side, px: local motion bends over hundreds of px. */
const TILE = 32;

/** Where a canvas lies: the frame's first pixel is `pad` px in from its corner. */
export interface CanvasPlace {
  /** Size of the frames, px. */
  readonly width: number;
  readonly height: number;
  readonly pad: number;
  readonly canvasWidth: number;
  readonly canvasHeight: number;
  readonly field: MotionField;
}

/**
 * The canvas of a field: no place that a frame saw lies outside, and its sides are quick to transform.
 */
export function placeCanvas(field: MotionField): CanvasPlace {
  const evaluator = createFieldEvaluator(field);
  const d = { x: 0, y: 0 };
  let largest = 0;
  for (let t = 0; t < evaluator.frames; t++)
    for (let j = 0; j <= 8; j++)
      for (let i = 0; i <= 8; i++) {
        evaluator.gather(t, (i / 8) * field.width, (j / 8) * field.height, d);
        largest = Math.max(largest, Math.abs(d.x), Math.abs(d.y));
      }
  const pad = Math.ceil(largest) + 6;
  return {
    width: field.width,
    height: field.height,
    pad,
    canvasWidth: nextFastSize(field.width + 2 * pad),
    canvasHeight: nextFastSize(field.height + 2 * pad),
    field,
  };
}

/** Moves frames to a canvas that holds all specimen seen, and the specimen back into frames. */
export interface MotionWarper {
  /**
   * Adds frame `t`, moved back by its motion, to a canvas, and counts the places it saw. The frame is
   * turned into spline coefficients in place.
   */
  addToCanvas(frame: Float32Array, t: number, sum: Float32Array, seen: Uint16Array): void;
  /** Adds what the specimen on a canvas (spline coefficients) looks like in frame `t`. */
  addPrediction(canvas: Float32Array, t: number, sum: Float32Array): void;
}

/**
 * Cubic B-spline interpolation with the field in gather form: canvas(X) = frame(X + d_t(X)), and the way
 * back frame(x) = canvas(x − d_t(X)), X = x − d_t(X) by fixed point.
 */
export function createMotionWarper({
  width,
  height,
  pad,
  canvasWidth,
  canvasHeight,
  field,
}: CanvasPlace): MotionWarper {
  const evaluator = createFieldEvaluator(field);
  const d = { x: 0, y: 0 };
  const lines = new Float32Array((TILE + 3) * TILE);

  const addToCanvas = (
    frame: Float32Array,
    t: number,
    sum: Float32Array,
    seen: Uint16Array,
  ): void => {
    prefilterImage(frame, width, height, "half");
    for (let ty = 0; ty < canvasHeight; ty += TILE)
      for (let tx = 0; tx < canvasWidth; tx += TILE) {
        const h = Math.min(TILE, canvasHeight - ty);
        const w = Math.min(TILE, canvasWidth - tx);
        evaluator.gather(t, tx + (w - 1) / 2 - pad, ty + (h - 1) / 2 - pad, d);
        // Place in the frame of the tile's first pixel, and the part of the tile that the frame holds.
        const sx = tx - pad + d.x;
        const sy = ty - pad + d.y;
        const x0 = Math.max(0, Math.ceil(-sx));
        const x1 = Math.min(w, Math.floor(width - 1 - sx) + 1);
        const y0 = Math.max(0, Math.ceil(-sy));
        const y1 = Math.min(h, Math.floor(height - 1 - sy) + 1);
        if (x1 <= x0 || y1 <= y0) continue;
        const to = (ty + y0) * canvasWidth + tx + x0;
        addTile(
          { data: frame, width, height },
          sx + x0,
          sy + y0,
          x1 - x0,
          y1 - y0,
          sum,
          to,
          canvasWidth,
          lines,
        );
        for (let y = 0; y < y1 - y0; y++)
          for (let i = to + y * canvasWidth, end = i + x1 - x0; i < end; i++) seen[i]++;
      }
  };

  const addPrediction = (canvas: Float32Array, t: number, sum: Float32Array): void => {
    for (let ty = 0; ty < height; ty += TILE)
      for (let tx = 0; tx < width; tx += TILE) {
        const h = Math.min(TILE, height - ty);
        const w = Math.min(TILE, width - tx);
        const cx = tx + (w - 1) / 2;
        const cy = ty + (h - 1) / 2;
        evaluator.gather(t, cx, cy, d);
        for (let round = 0; round < 4; round++) evaluator.gather(t, cx - d.x, cy - d.y, d);
        addTile(
          { data: canvas, width: canvasWidth, height: canvasHeight },
          tx + pad - d.x,
          ty + pad - d.y,
          w,
          h,
          sum,
          ty * width + tx,
          width,
          lines,
        );
      }
  };

  return { addToCanvas, addPrediction };
}

interface Coefficients {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

const wx = new Float64Array(4);
const wy = new Float64Array(4);

/** out[y][x] += spline(sx + x, sy + y) over a w × h tile: one fraction, so 4 + 4 separable taps. */
function addTile(
  source: Coefficients,
  sx: number,
  sy: number,
  w: number,
  h: number,
  out: Float32Array,
  start: number,
  stride: number,
  lines: Float32Array,
): void {
  const ix = Math.floor(sx);
  const iy = Math.floor(sy);
  cubicWeights(sx - ix, wx);
  cubicWeights(sy - iy, wy);
  const [p, q, r, s] = wx;
  const inside = ix >= 1 && ix + w + 2 <= source.width;
  for (let j = 0; j < h + 3; j++) {
    const row = mirrorIndex(iy - 1 + j, source.height, "half") * source.width;
    const line = j * w;
    if (inside)
      for (let x = 0, i = row + ix - 1; x < w; x++, i++)
        lines[line + x] =
          p * source.data[i] +
          q * source.data[i + 1] +
          r * source.data[i + 2] +
          s * source.data[i + 3];
    else
      for (let x = 0; x < w; x++) {
        let sum = 0;
        for (let k = 0; k < 4; k++)
          sum += wx[k] * source.data[row + mirrorIndex(ix - 1 + x + k, source.width, "half")];
        lines[line + x] = sum;
      }
  }
  const [a, b, c, e] = wy;
  for (let y = 0; y < h; y++) {
    const i = y * w;
    const to = start + y * stride;
    for (let x = 0; x < w; x++)
      out[to + x] +=
        a * lines[i + x] +
        b * lines[i + w + x] +
        c * lines[i + 2 * w + x] +
        e * lines[i + 3 * w + x];
  }
}
