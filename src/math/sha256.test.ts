import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import { createSha256 } from "./sha256.ts";

const hexOf = (...pieces: readonly Uint8Array[]): string => {
  const hash = createSha256();
  for (const piece of pieces) hash.update(piece);
  return hash.hex();
};

describe("SHA-256", () => {
  it("gives the digests of FIPS 180-4", () => {
    const encode = new TextEncoder();
    expect(hexOf(encode.encode("abc"))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    expect(hexOf()).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  it("is Node's for every length about a block, in pieces of any size", () => {
    const random = createRandom(5);
    const bytes = Uint8Array.from({ length: 200_003 }, () => random.integer(256));
    for (const length of [1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 200_003]) {
      const part = bytes.subarray(0, length);
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < length;) {
        const size = 1 + random.integer(length > 1000 ? 70_000 : 40);
        pieces.push(part.subarray(at, at + size));
        at += size;
      }
      expect(hexOf(...pieces), `${length} bytes`).toBe(
        createHash("sha256").update(part).digest("hex"),
      );
    }
  });
});
