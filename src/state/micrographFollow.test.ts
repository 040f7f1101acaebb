import { describe, expect, it } from "vitest";
import { createStore } from "zustand/vanilla";
import type { AppState } from "./appState.ts";
import type { ActionContext } from "./context.ts";
import { followMicrographs } from "./micrographFollow.ts";
import { initialMicrograph } from "./micrographSlice.ts";
import { initialMotion } from "./motionSlice.ts";
import { initialSession } from "./sessionState.ts";

const image = (id: string): AppState["session"]["files"][number] =>
  ({
    ...{ id, name: `${id}.mrc`, path: `${id}.mrc`, size: 1, lastModified: 0, kind: "image" },
    header: { width: 8, height: 8, frames: 1, pixelSizeA: 1, pixelSizeSource: null },
    ...{ failure: null, simulated: false },
  }) as unknown as AppState["session"]["files"][number];

function world() {
  const store = createStore<AppState>(
    () =>
      ({
        session: initialSession,
        motion: initialMotion,
        micrograph: { ...initialMicrograph, follow: true, folder: "results" },
      }) as unknown as AppState,
  );
  const batches: (readonly string[])[] = [];
  const ends: (() => void)[] = [];
  followMicrographs({ store } as ActionContext, (ids) => {
    batches.push(ids);
    return new Promise((end) => ends.push(end));
  });
  const come = (...ids: string[]): void =>
    store.setState((s) => ({
      session: { ...s.session, files: [...s.session.files, ...ids.map(image)] },
    }));
  const end = async (): Promise<void> => {
    ends.shift()?.();
    await new Promise((done) => setTimeout(done, 0));
  };
  return { store, batches, come, end };
}

describe("micrographs that are followed", () => {
  it("are taken once each, and those that come meanwhile together after", async () => {
    const { batches, come, end } = world();
    come("a", "b");
    expect(batches).toEqual([["a", "b"]]);
    come("c");
    come("d");
    expect(batches).toHaveLength(1);
    await end();
    expect(batches[1]).toEqual(["c", "d"]);
    await end();
    expect(batches).toHaveLength(2);
  });

  it("are those that motion correction makes, and makes anew", async () => {
    const { store, batches, end } = world();
    const movie = { ...image("m"), kind: "movie" as const, header: { frames: 12 } };
    store.setState((s) => ({
      session: { ...s.session, files: [movie] as unknown as AppState["session"]["files"] },
    }));
    expect(batches).toEqual([]);
    const aligned = (madeWith: string): void =>
      store.setState((s) => ({
        motion: {
          ...s.motion,
          madeWith: { m: madeWith },
          reports: {
            m: { micrograph: { width: 8, height: 8, pixelSizeA: 1, doseWeighted: false } },
          } as unknown as AppState["motion"]["reports"],
        },
      }));
    aligned("12 Å");
    expect(batches).toEqual([["m"]]);
    await end();
    aligned("30 Å");
    expect(batches).toEqual([["m"], ["m"]]);
  });

  it("wait for the switch and for a folder", () => {
    const { store, batches, come } = world();
    store.setState((s) => ({ micrograph: { ...s.micrograph, follow: false } }));
    come("a");
    store.setState((s) => ({ micrograph: { ...s.micrograph, follow: true, folder: null } }));
    expect(batches).toEqual([]);
    store.setState((s) => ({ micrograph: { ...s.micrograph, folder: "results" } }));
    expect(batches).toEqual([["a"]]);
  });
});
