import { describe, expect, it } from "vitest";
import { NO_METRICS } from "#src/domain/records/metrics.ts";
import { parseSession } from "./sessionImport.ts";

const movie = { id: "f1", path: "day/a.tif", size: 9, lastModified: 5 };

describe("session.json", () => {
  it("comes back as it was written, and what it does not hold is filled up", () => {
    const session = parseSession(
      JSON.stringify({
        format: "cryoloupe-session",
        schema: 2,
        name: "grid 3",
        settings: { run: "paused" },
        records: [{ ...movie, hand: "accepted", metrics: { driftA: 4 } }],
      }),
      "session.json",
    );
    expect(session.name).toBe("grid 3");
    expect(session.settings?.run).toBe("paused");
    expect(session.records[0]).toMatchObject({
      ...movie,
      name: "a.tif",
      hand: "accepted",
      order: 0,
      steps: {},
      metrics: { ...NO_METRICS, driftA: 4 },
    });
  });

  it("is read in its first schema: choices, numbers and keys are kept", () => {
    const steps = { motion: { key: "k", at: 3, flags: ["jump"] } };
    const old = { ...movie, deselected: true, metrics: { gainSd: 0.03 }, steps };
    const { records } = parseSession(
      JSON.stringify({ format: "cryoloupe-session", schema: 1, name: "old", movies: [old] }),
      "session.json",
    );
    expect(records[0]).toMatchObject({
      id: "f1",
      name: "a.tif",
      hand: "rejected",
      metrics: { ...NO_METRICS, gainSd: 0.03 },
      steps: { motion: { key: "k", at: 3, flags: ["jump"], failure: null } },
    });
  });

  it("is refused with what was found", () => {
    const refused = (text: string): string => {
      try {
        parseSession(text, "a.json");
        return "";
      } catch (error) {
        return error instanceof Error ? error.message : "";
      }
    };
    expect(refused("x")).toContain("no JSON");
    expect(refused("{}")).toContain("another JSON file");
    expect(refused('{"format":"cryoloupe-session","schema":9}')).toContain("schema 9");
    expect(refused('{"format":"cryoloupe-session","schema":2,"records":[{}]}')).toContain(
      "place 1",
    );
  });
});
