import { createPairComparison } from "#src/math/pixelSignal.ts";
import type { PatchSignal, SplitPatch } from "#src/math/pixelSignal.ts";
import type { JobDefinition } from "./pool.ts";

/** What runs of frames have in common at the same pixel; one task for each patch. */
export const pixelSignalJob: JobDefinition<null, SplitPatch, PatchSignal, null> = {
  name: "pixelSignal",
  create: () => {
    const compare = createPairComparison();
    return { run: (patch) => ({ value: compare(patch) }), finish: () => ({ value: null }) };
  },
};
