import { describe, expect, it } from "vitest";
import { appendLog, initialLog, logText, MOST_LINES } from "./logSlice.ts";
import type { LogLevel, LogState } from "./logSlice.ts";

const filled = (count: number, levelOf: (i: number) => LogLevel): LogState =>
  Array.from({ length: count }, (_, i) => i).reduce(
    (log, i) => appendLog(log, { time: i, level: levelOf(i), file: null, text: `line ${i}` }),
    initialLog,
  );

describe("the log", () => {
  it("keeps warnings longer than what merely informs, within its bound", () => {
    const log = filled(3 * MOST_LINES, (i) => (i % 30 === 0 ? "warning" : "info"));
    expect(log.entries).toHaveLength(MOST_LINES);
    const warnings = log.entries.filter(({ level }) => level === "warning");
    // All hundred of them; of the others the latest.
    expect(warnings).toHaveLength(100);
    expect(log.entries.at(-1)?.text).toBe(`line ${3 * MOST_LINES - 1}`);
    expect(log.entries.filter(({ level }) => level === "info")[0].time).toBeGreaterThan(2000);
  });

  it("lets go of old warnings too when there is nothing else", () => {
    const log = filled(2 * MOST_LINES, () => "warning");
    expect(log.entries).toHaveLength(MOST_LINES);
    expect(log.entries[0].text).toBe(`line ${MOST_LINES}`);
  });

  it("follows the latest steps however many warnings there were", () => {
    const log = filled(3 * MOST_LINES, (i) => (i < 2 * MOST_LINES ? "error" : "info"));
    expect(log.entries).toHaveLength(MOST_LINES);
    const latest = log.entries.filter(({ level }) => level === "info");
    expect(latest.length).toBeGreaterThanOrEqual(MOST_LINES / 2 - 1);
    expect(latest.at(-1)?.time).toBe(3 * MOST_LINES - 1);
  });

  it("numbers its lines and reads as text", () => {
    const log = filled(2, () => "info");
    expect(log.entries.map(({ serial }) => serial)).toEqual([1, 2]);
    expect(logText(log)).toBe(
      "1970-01-01T00:00:00.000Z  info  line 0\n1970-01-01T00:00:00.001Z  info  line 1",
    );
  });
});
