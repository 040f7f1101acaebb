import { describe, expect, it } from "vitest";
import { NO_METRICS } from "./metrics.ts";
import { parseSessionFile, SESSION_FORMAT } from "./sessionFile.ts";

const movie = { id: "f1", path: "day/a.tif", size: 9, lastModified: 5 };

describe("session.json", () => {
  it("comes back as it was written, and what it does not hold is filled up", () => {
    const session = parseSessionFile(
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
    const { records } = parseSessionFile(
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

  const refused = (text: string): string => {
    try {
      parseSessionFile(text, "a.json");
      return "";
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
  };
  const head = SESSION_FORMAT;

  it("tells who wrote it, and that of two records of a movie the later counts", () => {
    const records = [movie, { ...movie, id: "f2" }, { ...movie, sampled: true }];
    const session = parseSessionFile(
      JSON.stringify({ ...head, version: "1.2", writtenBy: "command", records }),
      "session.json",
    );
    expect(session).toMatchObject({ writtenBy: "command", version: "1.2", name: "session.json" });
    expect(session.records.map(({ id, sampled, order }) => [id, sampled, order])).toEqual([
      ["f1", true, 0],
      ["f2", false, 1],
    ]);
    // The second schema knew the page only.
    const older = { ...head, schema: 2, records: [] };
    expect(parseSessionFile(JSON.stringify(older), "a").writtenBy).toBe("page");
  });

  it("leaves out what is of the wrong kind where nothing depends on it", () => {
    const odd = {
      ...movie,
      ...{ hand: "maybe", metrics: { driftA: "4", gainSd: 1 }, image: 3, failure: "no" },
      track: { x: [1, 2], y: [1] },
      steps: { motion: { key: "k", flags: "jump", files: [1, "a"] }, dance: { key: "x" } },
    };
    const { records, settings } = parseSessionFile(
      JSON.stringify({ ...head, settings: { plan: 3, gain: {}, run: "off" }, records: [odd] }),
      "session.json",
    );
    expect(settings).toEqual({ gain: {}, run: "off" });
    expect(records[0]).toMatchObject({ hand: null, image: null, failure: null, track: null });
    expect(records[0].metrics).toEqual({ ...NO_METRICS, gainSd: 1 });
    expect(records[0].steps).toEqual({
      motion: expect.objectContaining({
        key: "k",
        flags: [],
        files: ["a"],
        failure: null,
      }) as object,
    });
  });

  it("is refused with what was found", () => {
    expect(refused("x")).toContain("no JSON");
    expect(refused(" ")).toContain("an empty file");
    expect(refused("[1]")).toContain("a list or a single value");
    expect(refused("{}")).toContain("another JSON file");
    const whole = JSON.stringify({ ...head, records: [movie] });
    expect(refused(whole.slice(0, -9))).toMatch(/no JSON .* damaged/);
    expect(refused('{"format":"cryoloupe-session","schema":2,"records":[{}]}')).toContain(
      "place 1",
    );
    expect(refused('{"format":"cryoloupe-session","schema":3}')).toContain("without its list");
    const unkeyed = { ...movie, steps: { motion: {} } };
    expect(refused(JSON.stringify({ ...head, records: [unkeyed] }))).toContain("without its key");
  });

  it("is refused of a newer program, and of a command that kept no movies, with what to do", () => {
    const newer = { ...head, schema: SESSION_FORMAT.schema + 1, version: "9.1", records: [] };
    expect(refused(JSON.stringify(newer))).toMatch(/newer Cryoloupe \(9\.1\).*schema 4.*up to 3/);
    const summary = { program: "cryoloupe", version: "0.1", parameters: {}, estimates: [] };
    expect(refused(JSON.stringify(summary))).toMatch(/command of version 0\.1.*again/);
  });
});
