import type { ActionContext } from "./context.ts";

/** What the gain workspace remembers: parameters, results by movie, choices of the view. */
export interface GainState {
  readonly tab: "residual" | "estimate" | "orientation" | "bad" | "time";
  readonly picture: "frame" | "sum" | "G" | "C";
}

export const initialGain: GainState = { tab: "residual", picture: "frame" };

export interface GainActions {
  readonly setGainView: (change: Partial<Pick<GainState, "tab" | "picture">>) => void;
}

export function createGainActions({ update }: ActionContext): GainActions {
  return { setGainView: (change) => update("gain", () => change) };
}
