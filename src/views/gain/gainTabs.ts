import type { ComponentType } from "react";
import type { StatusKind } from "#src/domain/session.ts";
import type { AppState } from "#src/state/appTypes.ts";
import type { GainTabId } from "#src/state/gainSlice.ts";
import { BadPixelsTab } from "./BadPixelsTab.tsx";
import { EstimateTab } from "./EstimateTab.tsx";
import { GalleryTab } from "./GalleryTab.tsx";
import { GalleryViewer } from "./GalleryViewer.tsx";
import { OrientationTab } from "./OrientationTab.tsx";
import { OrientationViewer } from "./OrientationViewer.tsx";
import { orientationMark } from "./orientationText.ts";
import { OverTimeTab } from "./OverTimeTab.tsx";
import { ResidualTab } from "./ResidualTab.tsx";

/** A sub-tab of the gain workspace. It may bring a viewer and a panel width of its own. */
export interface GainTab {
  readonly id: GainTabId;
  readonly title: string;
  readonly Body: ComponentType;
  readonly Viewer?: ComponentType;
  readonly panelWidth?: number;
  readonly mark?: (state: AppState) => StatusKind | null;
}

export const gainTabs: readonly GainTab[] = [
  { id: "residual", title: "Residual check", Body: ResidualTab },
  { id: "estimate", title: "Estimate", Body: EstimateTab },
  {
    id: "orientation",
    title: "Orientation",
    Body: OrientationTab,
    Viewer: OrientationViewer,
    mark: orientationMark,
    panelWidth: 586,
  },
  { id: "bad", title: "Bad pixels", Body: BadPixelsTab },
  { id: "time", title: "Over time", Body: OverTimeTab },
  { id: "gallery", title: "Gallery", Body: GalleryTab, Viewer: GalleryViewer },
];
