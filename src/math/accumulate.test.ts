import { describe, expect, it } from "vitest";
import { accumulate } from "./accumulate.ts";

describe("accumulate", () => {
  it("adds frames as they are", () => {
    const total = new Float64Array([1, 2, 3]);
    accumulate(total, new Uint8Array([9, 10, 20, 255]), null, 1);
    expect([...total]).toEqual([11, 22, 258]);
  });

  it("adds corrected frames", () => {
    const total = new Float64Array(3);
    accumulate(total, new Int16Array([-2, 0, 8]), [0.5, 7, 0.25]);
    accumulate(total, new Int16Array([4, 1, 0]), [0.5, 7, 0.25]);
    expect([...total]).toEqual([1, 7, 2]);
  });
});
