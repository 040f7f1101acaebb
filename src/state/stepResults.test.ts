import { expect, it } from "vitest";
import { createStepResults } from "./stepResults.ts";

it("tells everyone who listens, in turn, and waits for each", async () => {
  const results = createStepResults();
  const heard: string[] = [];
  results.listen(async ({ id }) => {
    await Promise.resolve();
    heard.push(`first ${id}`);
  });
  results.listen(({ id }) => {
    heard.push(`second ${id}`);
    return Promise.resolve();
  });
  const outcome = { ok: true, value: null } as const;
  await results.done({ step: "gain", id: "a", key: "k", seconds: 1, outcome });
  expect(heard).toEqual(["first a", "second a"]);
});
