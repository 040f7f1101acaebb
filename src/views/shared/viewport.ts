import { useCallback, useMemo, useState } from "react";

/** Where a picture lies on its stage: screen px per picture px, and the picture point in the middle. */
export interface Viewport {
  readonly scale: number;
  readonly centreX: number;
  readonly centreY: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A viewport that several canvases may share: linked zoom. */
export interface ViewportControl extends Viewport {
  /** Whole picture in the stage, following its size. */
  readonly fitted: boolean;
  /** Zooms about a point of the picture that stays where it is on screen. */
  readonly zoomAt: (x: number, y: number, factor: number) => void;
  readonly zoomCentre: (factor: number) => void;
  /** Moves by screen px. */
  readonly panBy: (dx: number, dy: number) => void;
  readonly fit: () => void;
  readonly oneToOne: () => void;
}

const MOST_SCALE = 64;

export function fitScale(picture: Size, stage: Size): number {
  return Math.max(1e-4, Math.min(stage.width / picture.width, stage.height / picture.height));
}

export function useViewport(picture: Size | null, stage: Size): ViewportControl {
  const [chosen, setChosen] = useState<Viewport | null>(null);
  const [size, setSize] = useState(picture);
  // Another picture of another size starts fitted again; one of the same size keeps the place.
  if (picture !== null && (size?.width !== picture.width || size.height !== picture.height)) {
    setSize(picture);
    setChosen(null);
  }
  const width = picture?.width ?? 1;
  const height = picture?.height ?? 1;
  const least = fitScale({ width, height }, stage);
  const view = useMemo<Viewport>(
    () => chosen ?? { scale: least, centreX: width / 2, centreY: height / 2 },
    [chosen, least, width, height],
  );
  const change = useCallback(
    (next: Viewport) => {
      const scale = Math.max(least / 2, Math.min(MOST_SCALE, next.scale));
      setChosen({
        scale,
        centreX: Math.max(0, Math.min(width, next.centreX)),
        centreY: Math.max(0, Math.min(height, next.centreY)),
      });
    },
    [least, width, height],
  );
  return {
    ...view,
    fitted: chosen === null,
    zoomAt: (x, y, factor) => {
      const scale = Math.max(least / 2, Math.min(MOST_SCALE, view.scale * factor));
      const keep = view.scale / scale;
      change({
        scale,
        centreX: x + (view.centreX - x) * keep,
        centreY: y + (view.centreY - y) * keep,
      });
    },
    zoomCentre: (factor) => change({ ...view, scale: view.scale * factor }),
    panBy: (dx, dy) =>
      change({
        ...view,
        centreX: view.centreX - dx / view.scale,
        centreY: view.centreY - dy / view.scale,
      }),
    fit: () => setChosen(null),
    oneToOne: () => change({ ...view, scale: 1 / window.devicePixelRatio }),
  };
}

/** Screen place of a picture point on a stage; `turned` puts row 0 at the bottom. */
export function toScreen(
  view: Viewport,
  stage: Size,
  turned: boolean,
  x: number,
  y: number,
): { x: number; y: number } {
  const dy = (y - view.centreY) * view.scale;
  return {
    x: stage.width / 2 + (x - view.centreX) * view.scale,
    y: stage.height / 2 + (turned ? -dy : dy),
  };
}

/** Picture point under a screen place. */
export function toPicture(
  view: Viewport,
  stage: Size,
  turned: boolean,
  x: number,
  y: number,
): { x: number; y: number } {
  const dy = (y - stage.height / 2) / view.scale;
  return {
    x: view.centreX + (x - stage.width / 2) / view.scale,
    y: view.centreY + (turned ? -dy : dy),
  };
}

/** Where a picture's lower left corner is seen, kept inside the stage: the place of its scale bar. */
export function lowerLeft(
  view: Viewport,
  stage: Size,
  picture: Size,
): { left: number; bottom: number } {
  const left = stage.width / 2 - view.centreX * view.scale;
  const below = stage.height / 2 - (picture.height - view.centreY) * view.scale;
  return { left: Math.max(0, left), bottom: Math.max(0, below) };
}

/** A scale bar stands 14 px inside the corner. */
export function barPlace(corner: { left: number; bottom: number }): {
  left: number;
  bottom: number;
} {
  return { left: corner.left + 14, bottom: corner.bottom + 12 };
}

/** A scale bar of a 1, 2 or 5 step that takes at most `most` screen px. */
export function scaleBar(
  viewScale: number,
  pixelSizeA: number,
  most: number,
): { px: number; label: string } {
  const nmPerScreenPx = pixelSizeA / 10 / viewScale;
  const limit = most * nmPerScreenPx;
  const decade = 10 ** Math.floor(Math.log10(limit));
  const step = [5, 2, 1].find((s) => s * decade <= limit) ?? 1;
  const nm = step * decade;
  const label =
    nm >= 1000
      ? `${nm / 1000} µm`
      : nm < 0.1
        ? `${(nm * 10).toPrecision(1)} Å`
        : `${Number(nm.toPrecision(1))} nm`;
  return { px: nm / nmPerScreenPx, label };
}

/** The same field on a picture of other pixel size. */
export function scaledView(
  view: ViewportControl,
  factorX: number,
  factorY: number,
): ViewportControl {
  return {
    ...view,
    scale: view.scale * factorX,
    centreX: view.centreX / factorX,
    centreY: view.centreY / factorY,
    zoomAt: (x, y, factor) => view.zoomAt(x * factorX, y * factorY, factor),
  };
}
