import { createStore } from "zustand/vanilla";
import { describe, expect, it } from "vitest";
import type { OrientationReport, PoseTile } from "#src/domain/orientation.ts";
import { initialState } from "./appState.ts";
import type { AppState } from "./appState.ts";
import type { ActionContext } from "./context.ts";
import { applySettings, settingsOf, writtenSettings } from "./sessionSettings.ts";
import type { SessionSettings } from "./sessionSettings.ts";

const TILE: PoseTile = { columns: 240, rows: 225, grey: new Uint8Array(240 * 225).fill(110) };

function withBoard(): AppState {
  const state = initialState({} as Parameters<typeof initialState>[0], 2 ** 31);
  const report = { reference: "r", movie: "m", tiles: [TILE, null] } as Partial<OrientationReport>;
  return { ...state, orientation: { ...state.orientation, report: report as OrientationReport } };
}

/** The report of the pose search after settings were put back. */
function putBack(settings: Partial<SessionSettings>): OrientationReport | null {
  const store = createStore(() => initialState({} as Parameters<typeof initialState>[0], 2 ** 31));
  const update: ActionContext["update"] = (slice, change) =>
    store.setState((s) => ({ [slice]: { ...s[slice], ...change(s[slice]) } }));
  applySettings({ store, update }, settings);
  return store.getState().orientation.report;
}

describe("settings of a session", () => {
  it("keep the pictures of the pose search in the browser", () => {
    expect(putBack(structuredClone(settingsOf(withBoard())))?.tiles).toEqual([TILE, null]);
  });

  it("leave them out of files, which stay small", () => {
    const text = JSON.stringify(writtenSettings(withBoard()));
    expect(text.length).toBeLessThan(20_000);
    expect(putBack(JSON.parse(text) as SessionSettings)?.tiles).toEqual([null, null]);
  });

  it("pass over pictures that an older file holds as lists", () => {
    const text = JSON.stringify(settingsOf(withBoard()));
    const report = putBack(JSON.parse(text) as SessionSettings);
    expect(report).toMatchObject({ reference: "r", tiles: [null, null] });
  });
});
