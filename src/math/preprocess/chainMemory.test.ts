import { describe, expect, it } from "vitest";
import { parsePreprocessRecipe } from "#src/domain/preprocessCheck.ts";
import { syntheticMicrograph } from "#src/testing/syntheticMicrograph.ts";
import { createRandom } from "../random.ts";
import { createChainMemory } from "./chainMemory.ts";
import { createRealTransform } from "./realTransform.ts";
import { createPreprocessChain } from "./runStages.ts";
import type { PreprocessedImage, Remembered } from "./runStages.ts";

const size = { width: 90, height: 72 };
const transform = createRealTransform();

/** Without most of the height of its hot pixels, for which the denoiser would end at once. */
function micrograph(seed: number): Float32Array<ArrayBuffer> {
  return syntheticMicrograph(size.width, size.height, seed).map((x) => Math.min(x, 800));
}

function process(
  pixels: Float32Array<ArrayBuffer>,
  operations: Record<string, unknown>,
  remembered?: Remembered,
): PreprocessedImage {
  const recipe = parsePreprocessRecipe(operations);
  const chain = createPreprocessChain(pixels.slice(), size, recipe, transform, remembered);
  while (chain.position.stage !== "done") chain.advance();
  return chain.result();
}

/** Recipes as they follow each other while sliders and switches are moved. */
function* session(steps: number): Generator<Record<string, unknown>> {
  const random = createRandom(17);
  const on = new Map<string, unknown>([["normalize", {}]]);
  const choices: readonly (readonly [string, () => unknown])[] = [
    ["log", () => ({ c: 300 + random.integer(3) })],
    ["badPixels", () => ({ stddev: 4 + random.integer(3) })],
    ["invert", () => ({})],
    ["downsample", () => ({ factor: 1.2 + random.integer(3) / 2 })],
    ["denoise", () => ({ iterations: 1 + random.integer(9) })],
    ["gaussian", () => ({ sigma: 1 + random.integer(3) })],
    ["highPass", () => ({ cutoff: 0.01 * (1 + random.integer(3)) })],
    ["lowPass", () => ({ cutoff: 0.1 * (2 + random.integer(3)) })],
    ["parity", () => "xmipp"],
  ];
  for (let i = 0; i < steps; i++) {
    const [name, make] = choices[random.integer(choices.length)];
    if (on.has(name) && random.integer(3) === 0) on.delete(name);
    else on.set(name, make());
    yield Object.fromEntries(on);
  }
}

describe("the memory of a chain", () => {
  it("never changes a number, whatever is moved in whatever order", () => {
    const field = micrograph(4);
    const other = micrograph(5);
    const memory = createChainMemory();
    let count = 0;
    for (const operations of session(120)) {
      // Now and then another field is looked at.
      const [key, pixels] = count++ % 17 === 16 ? ["other", other] : ["field", field];
      const direct = process(pixels, operations);
      // A first result after few iterations of the denoiser, then all of it.
      const early = process(pixels, operations, { memory, key, enough: 2 }).report.denoise;
      const wanted = (operations.denoise as { iterations: number } | undefined)?.iterations ?? 0;
      if (early?.ended === "iterations")
        expect(early.iterations).toBeGreaterThanOrEqual(Math.min(2, wanted));
      expect(early?.iterations ?? 0).toBeLessThanOrEqual(wanted);
      const remembered = process(pixels, operations, { memory, key });
      expect(remembered.report).toEqual(direct.report);
      expect(Buffer.from(remembered.pixels.buffer).equals(Buffer.from(direct.pixels.buffer))).toBe(
        true,
      );
    }
  });

  it("lets a denoiser go on where it stood, and stops a chain that was overtaken", () => {
    const pixels = micrograph(6);
    const memory = createChainMemory();
    const denoise = (iterations: number): Record<string, unknown> => ({ denoise: { iterations } });
    process(pixels, denoise(2), { memory, key: "a" });
    const seen = process(pixels, denoise(30), { memory, key: "a" });
    expect(seen.report.denoise?.iterations).toBe(30);
    expect(seen.pixels).toEqual(process(pixels, denoise(30)).pixels);
    // What is there already is never taken back for a first result.
    const again = { ...denoise(30), lowPass: {} };
    const kept = process(pixels, again, { memory, key: "a", enough: 2 });
    expect(kept.report.denoise?.iterations).toBe(30);
    expect(kept.pixels).toEqual(process(pixels, again).pixels);
    const recipe = parsePreprocessRecipe({ invert: {}, normalize: {} });
    const remembered = { memory, key: "a" };
    const old = createPreprocessChain(pixels.slice(), size, recipe, transform, remembered);
    createPreprocessChain(pixels.slice(), size, recipe, transform, remembered);
    expect(() => old.advance()).toThrow(/Another preview/);
  });

  it("starts behind what has not changed", () => {
    const pixels = micrograph(7);
    const memory = createChainMemory();
    let forward = 0;
    const counted = {
      forward: (...given: Parameters<typeof transform.forward>) => {
        forward++;
        return transform.forward(...given);
      },
      inverse: (...given: Parameters<typeof transform.inverse>) => transform.inverse(...given),
    };
    for (const cutoff of [0.1, 0.2, 0.3]) {
      const recipe = parsePreprocessRecipe({ badPixels: {}, lowPass: { cutoff } });
      const chain = createPreprocessChain(pixels.slice(), size, recipe, counted, {
        memory,
        key: "a",
      });
      expect(chain.position.stage).toBe(cutoff === 0.1 ? "badPixels" : "fourier");
      while (chain.position.stage !== "done") chain.advance();
    }
    expect(forward).toBe(1);
  });
});
