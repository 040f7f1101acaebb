import { describe, expect, it } from "vitest";
import { fillPhases } from "./phaseTables.ts";

describe("tables of phases", () => {
  it("are e^{2πi k d/size}, to the last power", () => {
    const shape = { width: 1500, height: 1080, kx: 225, ky: 162 };
    const displacements = [0, 0, 13.37, -0.25, -800.5, 1e-4];
    const stride = 225 + 162 + 2;
    const out = new Float32Array(2 * 3 * stride);
    fillPhases(displacements, shape, out);
    for (let m = 0; m < 3; m++)
      for (let i = 0; i < stride; i++) {
        const along = i <= shape.kx;
        const k = along ? i : i - shape.kx - 1;
        const d = displacements[2 * m + (along ? 0 : 1)];
        const angle = (2 * Math.PI * k * d) / (along ? shape.width : shape.height);
        // Rounded once to single precision; the double powers lose about k units of 1e-16.
        expect(out[2 * (m * stride + i)]).toBeCloseTo(Math.cos(angle), 6);
        expect(out[2 * (m * stride + i) + 1]).toBeCloseTo(Math.sin(angle), 6);
      }
  });
});
