import { cubicWeights } from "#src/math/bspline.ts";
import type { FieldEvaluator } from "#src/math/motionField.ts";
import type { Scene } from "./scene.ts";

/** Spacing of the places where the displacement is evaluated; between them it is bilinear (error below 1e-3 px). */
const NODE_PX = 16;

/**
 * Expected picture of frame t, `[height, width]`: out(x) = scene(x − u_t(x)), u the displacement at the
 * place x in frame t, by cubic B-spline interpolation. Places beyond the scene take its border.
 */
export function renderExpectation(
  scene: Scene,
  field: FieldEvaluator,
  t: number,
  width: number,
  height: number,
  out: Float32Array,
): void {
  const columns = Math.ceil(width / NODE_PX) + 1;
  const rows = Math.ceil(height / NODE_PX) + 1;
  const nodesX = new Float64Array(columns * rows);
  const nodesY = new Float64Array(columns * rows);
  const at = { x: 0, y: 0 };
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      field.displacement(t, i * NODE_PX, j * NODE_PX, at);
      nodesX[j * columns + i] = at.x;
      nodesY[j * columns + i] = at.y;
    }
  const { coefficients: c, width: sceneWidth, height: sceneHeight, margin } = scene;
  const wx = new Float64Array(4);
  const wy = new Float64Array(4);
  for (let y = 0, o = 0; y < height; y++) {
    const j = Math.floor(y / NODE_PX);
    const fy = y / NODE_PX - j;
    for (let x = 0; x < width; x++, o++) {
      const i = Math.floor(x / NODE_PX);
      const fx = x / NODE_PX - i;
      const n = j * columns + i;
      const a = (1 - fx) * (1 - fy);
      const b = fx * (1 - fy);
      const d = (1 - fx) * fy;
      const e = fx * fy;
      const ux =
        a * nodesX[n] + b * nodesX[n + 1] + d * nodesX[n + columns] + e * nodesX[n + columns + 1];
      const uy =
        a * nodesY[n] + b * nodesY[n + 1] + d * nodesY[n + columns] + e * nodesY[n + columns + 1];
      const sx = Math.min(sceneWidth - 3, Math.max(1, x + margin - ux));
      const sy = Math.min(sceneHeight - 3, Math.max(1, y + margin - uy));
      const ix = Math.floor(sx);
      const iy = Math.floor(sy);
      cubicWeights(sx - ix, wx);
      cubicWeights(sy - iy, wy);
      let value = 0;
      for (let k = 0; k < 4; k++) {
        const row = (iy - 1 + k) * sceneWidth + ix - 1;
        value +=
          wy[k] * (wx[0] * c[row] + wx[1] * c[row + 1] + wx[2] * c[row + 2] + wx[3] * c[row + 3]);
      }
      out[o] = value > 0 ? value : 0;
    }
  }
}
