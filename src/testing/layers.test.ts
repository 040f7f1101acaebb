import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { layers, packageHomes } from "../../scripts/layers.mjs";

const root = join(import.meta.dirname, "../..");

function sources(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((f) => /\.tsx?$/.test(f) && !/\.(test|bench)\.tsx?$/.test(f))
    .map((f) => join(root, folder, f));
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((m) => m[1]);
}

describe("layers", () => {
  for (const [folder, allowed] of Object.entries(layers as Record<string, string[]>))
    it(`${folder} imports only from the layers below it`, () => {
      const wrong: string[] = [];
      for (const file of sources(folder))
        for (const target of importsOf(file)) {
          const inner = /^#(src\/[a-z]+|workers|shaders)\//.exec(target)?.[1];
          const homes = (packageHomes as Record<string, string[]>)[target];
          if (inner !== undefined && inner !== folder && !allowed.includes(inner))
            wrong.push(`${relative(root, file)} → ${target}`);
          if (homes !== undefined && !homes.includes(folder))
            wrong.push(`${relative(root, file)} → ${target}`);
        }
      expect(wrong).toEqual([]);
    });
});
