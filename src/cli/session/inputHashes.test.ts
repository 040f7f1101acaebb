import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createInputHashes } from "./inputHashes.ts";
import { openJournal } from "./sessionJournal.ts";

const root = mkdtempSync(join(tmpdir(), "cryoloupe-hashes-"));
afterAll(() => rmSync(root, { recursive: true }));

it("keeps the hash of the reference that was read when it is replaced meanwhile, and says so once", async () => {
  const [reference, table] = [join(root, "gain.mrc"), join(root, "ctf.star")];
  writeFileSync(reference, "first");
  writeFileSync(table, "one");
  const said: string[] = [];
  const hashes = createInputHashes(await openJournal(root), true, (line) => said.push(line));
  await hashes.hold([reference]);
  const before = await hashes.others([reference, table]);
  expect(said).toEqual([]);
  writeFileSync(reference, "another");
  writeFileSync(table, "two rows");
  await hashes.others([reference]);
  const after = await hashes.others([reference, table]);
  expect(after[0]).toEqual(before[0]);
  expect(after[1].sha256).not.toBe(before[1].sha256);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain("gain.mrc has changed since the session began");
});
