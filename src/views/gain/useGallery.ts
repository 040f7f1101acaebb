import { useEffect, useMemo } from "react";
import type { GainReport } from "#src/domain/gainReport.ts";
import type { OrientedGainReport } from "#src/domain/orientation.ts";
import type { GallerySet } from "#src/state/gallerySlice.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { distinctNames } from "../shared/format.ts";

/** A gain of a set with what tells its movie from the others. */
export interface GalleryItem {
  readonly report: GainReport;
  readonly name: string;
  /** Place in the order of acquisition, from 1. */
  readonly at: number;
}

/** What the gallery shows. */
export function useGallery(): {
  readonly set: GallerySet;
  readonly items: readonly GalleryItem[];
  readonly counts: Readonly<Record<"estimated" | "residual", number>>;
  /** The one that is selected in the table. */
  readonly chosen: GainReport | null;
  readonly oriented: OrientedGainReport | null;
  readonly reference: boolean;
} {
  const session = useAppState((s) => s.session);
  const sets = useAppState((s) => s.gain.sets);
  const orientation = useAppState((s) => s.gain.orientation);
  const { set, oriented } = useAppState((s) => s.gallery);
  const { loadOrientedGain } = useActions();
  const { reference } = session;
  useEffect(() => {
    if (set === "oriented" && reference !== null) void loadOrientedGain();
  }, [set, reference, orientation, loadOrientedGain]);
  const { files } = session;
  const movies = useMemo(() => files.filter((f) => f.kind === "movie"), [files]);
  const items = useMemo(() => {
    if (set === "oriented") return [];
    const names = distinctNames(movies.map((m) => m.name));
    return movies.flatMap(({ id }, i) => {
      const report = sets[set][id];
      return report === undefined ? [] : [{ report, name: names[i], at: i + 1 }];
    });
  }, [set, sets, movies]);
  const own = (kind: "estimated" | "residual"): number =>
    movies.filter(({ id }) => sets[kind][id] !== undefined).length;
  const current = oriented !== null && oriented.report.reference === reference;
  return {
    set,
    items,
    counts: { estimated: own("estimated"), residual: own("residual") },
    chosen:
      set === "oriented" || session.selected === null
        ? null
        : (sets[set][session.selected] ?? null),
    oriented: current ? oriented.report : null,
    reference: reference !== null,
  };
}
