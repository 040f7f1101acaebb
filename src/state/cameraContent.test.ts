import { describe, expect, it } from "vitest";
import { contentsOf, withContents, withPose } from "./cameraContent.ts";

const NONE = { prints: {}, reference: null, dark: null, defects: null, files: [] } as const;

describe("files of the camera by what they hold", () => {
  it("are named so in keys, and by their ids until that is known", () => {
    const prints = { a: "ca" };
    expect(contentsOf({ prints }, { reference: "a", dark: "b" })).toEqual({
      ...{ reference: "ca", dark: "b", defects: null },
    });
  });

  it("are taken for the session's own where those are not open and hold the same", () => {
    const earlier = { ...NONE, prints: { old: "c1", dark: "c2" }, reference: "old", dark: "dark" };
    const opened = [{ id: "new", print: "c1" }, { id: "other", print: "c3" }, { id: "movie" }];
    expect(withContents(earlier, opened)).toEqual({
      prints: { old: "c1", dark: "c2", new: "c1", other: "c3" },
      ...{ reference: "new", dark: "dark", defects: null },
    });
    // One that is open stays, and nothing is taken where the session has none.
    const files = [{ id: "old" }] as never;
    expect(withContents({ ...earlier, files }, opened).reference).toBe("old");
    expect(withContents(NONE, opened).reference).toBeNull();
    expect(withContents(earlier, [{ id: "movie" }])).toEqual({});
  });

  it("keep the pose that was found for them", () => {
    const found = { report: { reference: "old" }, failure: null } as never;
    expect(withPose(found, "old", "new").report?.reference).toBe("new");
    expect(withPose(found, "old")).toBe(found);
    expect(withPose(found, "another", "new")).toBe(found);
  });
});
