import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const kernels = join(import.meta.dirname, "kernels");
const files = readdirSync(kernels);
const shaders = readdirSync(join(import.meta.dirname, "../../shaders"))
  .filter((name) => name.endsWith(".wgsl"))
  .map((name) => name.replace(".wgsl", ""));
const wrappers = files.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
const importsOf = (file: string): string[] =>
  Array.from(
    readFileSync(join(kernels, file), "utf8").matchAll(/#shaders\/(\w+)\.wgsl\?raw/g),
    ([, name]) => name,
  );
/** Shaders that only work together are tested under the name of their wrapper. */
const SHARED_TESTS: Readonly<Record<string, string>> = {
  sortRuns: "sortLines",
  mergeRuns: "sortLines",
};

describe("kernels", () => {
  it("have one wrapper to each shader", () => {
    expect(wrappers.flatMap(importsOf).sort()).toEqual(shaders.sort());
  });

  it.each(shaders)("%s has tests of its own", (shader) => {
    expect(files).toContain(`${SHARED_TESTS[shader] ?? shader}.gpu.test.ts`);
  });

  it.each(shaders)("%s says what it computes, on what, and how it is dispatched", (shader) => {
    const code = readFileSync(join(import.meta.dirname, "../../shaders", `${shader}.wgsl`), "utf8");
    const header = code.slice(0, code.search(/^(?!\/\/)/m));
    expect(header.length).toBeGreaterThan(100);
    expect(header).toMatch(/Dispatch/);
    expect(header).toMatch(/\[.*\]|words|floats|f32/);
    expect(code).toMatch(/@compute/);
  });
});
