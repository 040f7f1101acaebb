import { describe, expect, it } from "vitest";
import { againstRigid } from "./faintMotion.ts";
import type { Judged } from "./faintMotion.ts";

const rigid = {
  fitted: { evidence: 1000, objective: 1000 },
  fallbackReason: "Local motion was not asked for.",
  ladder: [],
  leftOut: 0.1,
};
/** A field whose freedom costs 40 nats, found in surfaces cut along it. */
const local = {
  fitted: { evidence: 1060, objective: 1100 },
  fallbackReason: null,
  ladder: ["global 1000", "4x4x4 (tau 3) 1060"],
  leftOut: 0,
};

describe("local motion in a faint signal", () => {
  const settle = (found: Judged, nats: number): Promise<Judged> =>
    againstRigid<Judged>(found, rigid, (one) => Promise.resolve(one === found ? nats : 0), {});

  it("is kept where the frames gain more than its freedom costs", async () => {
    expect(await settle(local, 51)).toBe(local);
  });

  it("is dropped where it gains what noise gives, whatever its own surfaces say", async () => {
    const settled = await settle(local, 45);
    expect(settled.fitted).toBe(rigid.fitted);
    expect(settled.ladder).toBe(local.ladder);
    expect(settled.fallbackReason).toContain("5 nats more likely");
  });

  it("leaves passes without it in its place where it fell back, and the larger doubt", async () => {
    const fell = { ...local, fallbackReason: "Not supported.", leftOut: 0.3 };
    const settled = await settle(fell, 1000);
    expect(settled.fitted).toBe(rigid.fitted);
    expect(settled.leftOut).toBe(0.3);
    expect(settled.fallbackReason).toBe("Not supported.");
  });

  it("stays where frames cannot be judged, or there is nothing to hold it against", async () => {
    expect(await settle(local, NaN)).toBe(local);
    expect(await againstRigid<Judged>(local, null, () => Promise.resolve(0), {})).toBe(local);
  });
});
