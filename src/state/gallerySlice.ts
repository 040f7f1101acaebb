import type { Failure } from "#src/domain/errors.ts";
import type { OrientedGainReport } from "#src/domain/orientation.ts";
import type { ActionContext } from "./context.ts";
import type { GainSetKind } from "./gainSlice.ts";
import { saveText } from "./saving.ts";
import { moviesOf } from "./sessionState.ts";

/** The protocol's sets of gains: of the movies, and the one reference in its pose. */
export type GallerySet = GainSetKind | "oriented";

/** The gallery of gains over the movies of the session. */
export interface GalleryState {
  readonly set: GallerySet;
  /** The chosen one stands large in the place of the small ones. */
  readonly large: boolean;
  /** The reference in the pose in use; `key` tells which. */
  readonly oriented: { readonly key: string; readonly report: OrientedGainReport } | null;
  readonly failure: Failure | null;
}

export const initialGallery: GalleryState = {
  set: "estimated",
  large: false,
  oriented: null,
  failure: null,
};

export interface GalleryActions {
  readonly setGallery: (change: Partial<Pick<GalleryState, "set" | "large">>) => void;
  /** Makes picture and figures of the reference in the pose in use, once for each pose. */
  readonly loadOrientedGain: () => Promise<void>;
  /** Statistics of a set, a line for each movie: CSV. */
  readonly saveGainSet: (kind: GainSetKind) => Promise<void>;
}

export function createGalleryActions({
  store,
  client,
  update,
  log,
}: ActionContext): GalleryActions {
  return {
    setGallery: (change) => update("gallery", () => change),
    loadOrientedGain: async () => {
      const { session, gain, gallery } = store.getState();
      const { reference } = session;
      if (reference === null) return;
      const key = JSON.stringify([reference, gain.orientation]);
      if (gallery.oriented?.key === key) return;
      const outcome = await client.call((api) =>
        api.orientation.oriented(reference, gain.orientation),
      );
      if (outcome.ok)
        update("gallery", () => ({ oriented: { key, report: outcome.value }, failure: null }));
      else update("gallery", () => ({ failure: outcome.failure }));
    },
    saveGainSet: async (kind) => {
      const { session, gain } = store.getState();
      const names = moviesOf(session).flatMap(({ id }) => gain.sets[kind][id]?.kept ?? []);
      const outcome = await client.call((api) => api.gain.exportText(names, "csv"));
      if (outcome.ok) saveText(`${kind}_gains.csv`, outcome.value);
      else log(outcome.failure.message, { level: "error" });
    },
  };
}
