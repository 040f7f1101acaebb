import { describe, expect, it } from "vitest";
import { canonicalJson, stableKey } from "./stableKey.ts";

describe("stableKey", () => {
  it("does not depend on the order of properties, and on nothing that is absent", () => {
    expect(stableKey({ a: 1, b: [2, { c: 3, d: undefined }] })).toBe(
      stableKey({ b: [2, { c: 3 }], a: 1 }),
    );
    expect(canonicalJson({ b: new Float32Array([0.5]), a: null })).toBe('{"a":null,"b":[0.5]}');
  });

  it("tells 200,000 values apart that differ in one number", () => {
    const keys = new Set<string>();
    for (let i = 0; i < 200_000; i++) keys.add(stableKey({ dose: i / 7, name: "movie" }));
    expect(keys.size).toBe(200_000);
  });

  it("is the same everywhere: keys are stored", () => {
    expect(stableKey({ method: "sme", sigma: 1.5 })).toMatchInlineSnapshot(`"f726d9e6716a7cc1"`);
    expect(stableKey(null)).toMatchInlineSnapshot(`"77074ba4825557df"`);
  });
});
