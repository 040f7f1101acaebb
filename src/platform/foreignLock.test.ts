import { describe, expect, it } from "vitest";
import { createLockJudge, DEAD_MS, OLD_MS } from "./foreignLock.ts";

const lock = (at: number) => ({ process: "12", host: "scope", at });

describe("the lock of a command in a results folder", () => {
  it("holds while it beats, and for five beats after the last", () => {
    const holds = createLockJudge();
    // The disk's clock is four minutes behind.
    for (let beat = 0; beat < 20; beat++)
      expect(holds(lock(30_000 * beat), 30_000 * beat, 240_000 + 30_000 * beat)).toBe(true);
    const last = lock(30_000 * 19);
    const since = 30_000 * 19;
    expect(holds(last, since + DEAD_MS - 1, 0)).toBe(true);
    expect(holds(last, since + DEAD_MS, 0)).toBe(false);
    expect(holds(lock(since + 1), since + DEAD_MS + 1, 0)).toBe(true);
    expect(holds(null, since + DEAD_MS + 2, 0)).toBe(false);
  });

  it("that was left over long ago does not hold, unless it lives", () => {
    const holds = createLockJudge();
    expect(holds(lock(0), 0, OLD_MS + 1)).toBe(false);
    expect(holds(lock(1), 5000, OLD_MS + 5001)).toBe(true);
  });
});
