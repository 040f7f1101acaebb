import { useEffect, useRef, useState } from "react";
import type { PointerEvent, WheelEvent as ReactWheelEvent } from "react";
import { toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import { pictureId } from "#src/domain/picture.ts";
import type { PictureKey, PictureSummary, Raster } from "#src/domain/picture.ts";
import { paintRaster } from "#src/state/paintRaster.ts";
import type { Paint } from "#src/state/paintRaster.ts";
import { usePictures, usePictureVersion } from "../AppContext.tsx";
import { useStable } from "./useStable.ts";
import { toPicture, toScreen } from "./viewport.ts";
import type { Size, ViewportControl } from "./viewport.ts";

interface Shown {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly raster: Raster;
}

/** Part of the picture that the stage shows, and the cells wanted for it. */
function visiblePart(view: ViewportControl, stage: Size, summary: PictureSummary, turned: boolean) {
  const a = toPicture(view, stage, turned, 0, 0);
  const b = toPicture(view, stage, turned, stage.width, stage.height);
  const x0 = Math.max(0, Math.floor(a.x));
  const x1 = Math.min(summary.width, Math.ceil(b.x));
  const y0 = Math.max(0, Math.floor(Math.min(a.y, b.y)));
  const y1 = Math.min(summary.height, Math.ceil(Math.max(a.y, b.y)));
  if (x1 <= x0 || y1 <= y0) return null;
  const cells = Math.min(1, view.scale * window.devicePixelRatio);
  return {
    x: x0,
    y: y0,
    width: x1 - x0,
    height: y1 - y0,
    columns: Math.max(1, Math.round((x1 - x0) * cells)),
    rows: Math.max(1, Math.round((y1 - y0) * cells)),
  };
}

/**
 * A picture of the compute worker on a 2-D canvas that fills its stage. Cells come at screen
 * resolution; contrast, inversion and mask are applied here, so that they act at once. While new cells
 * are on their way the old ones are drawn in their place.
 */
export function PictureCanvas({
  pictureKey,
  name,
  summary,
  view,
  stage,
  paint,
  turned,
  clip,
  onHover,
  onFailure,
  onShown,
}: {
  pictureKey: PictureKey;
  /** Accessible name: what, of what. */
  name: string;
  summary: PictureSummary;
  view: ViewportControl;
  stage: Size;
  paint: Paint;
  turned: boolean;
  /** CSS clip-path, for swiping between two. */
  clip?: string;
  /** Pixel under the pointer, null when it has left. */
  readonly onHover?: (place: { x: number; y: number } | null) => void;
  readonly onFailure?: (failure: Failure) => void;
  readonly onShown?: (id: string) => void;
}) {
  const pictures = usePictures();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  const [panning, setPanning] = useState(false);
  const pending = useRef<{ busy: boolean; next: (() => void) | null }>({ busy: false, next: null });
  const id = pictureId(pictureKey);
  const version = usePictureVersion();
  const part = visiblePart(view, stage, summary, turned);
  const request = useStable(
    part === null ? null : { key: pictureKey, ...part },
    part === null ? "" : `${id}|${version}|${Object.values(part).join(",")}`,
  );
  const report = useRef({ onFailure, onShown });
  useEffect(() => {
    report.current = { onFailure, onShown };
  });

  useEffect(() => {
    if (request === null) return undefined;
    let live = true;
    const queue = pending.current;
    const ask = (): void => {
      queue.busy = true;
      pictures
        .raster(request)
        .then(
          (raster) => {
            if (live) setShown({ ...request, id: pictureId(request.key), raster });
          },
          (error: unknown) => {
            if (live) report.current.onFailure?.(toFailure(error));
          },
        )
        .finally(() => {
          queue.busy = false;
          const { next } = queue;
          queue.next = null;
          next?.();
        });
    };
    // One request at a time; of those that come meanwhile only the latest is made.
    if (queue.busy) queue.next = ask;
    else ask();
    return () => {
      live = false;
      if (queue.next === ask) queue.next = null;
    };
  }, [request, pictures]);

  const { low, high, inverted, badColour } = paint;
  const { scale, centreX, centreY } = view;
  const { width: stageWidth, height: stageHeight } = stage;
  // Of another picture there are no cells yet: what is drawn stays, not in the new one's greys.
  const waiting = shown !== null && request !== null && shown.id !== id;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context == null || waiting) return;
    const ratio = window.devicePixelRatio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    if (shown === null) return;
    const { raster } = shown;
    const cells = new OffscreenCanvas(raster.columns, raster.rows);
    const inner = cells.getContext("2d");
    if (inner === null) return;
    const image = inner.createImageData(raster.columns, raster.rows);
    paintRaster(raster, { low, high, inverted, badColour }, image.data);
    inner.putImageData(image, 0, 0);
    const place = { scale, centreX, centreY };
    const size = { width: stageWidth, height: stageHeight };
    const from = toScreen(place, size, turned, shown.x, shown.y);
    const to = toScreen(place, size, turned, shown.x + shown.width, shown.y + shown.height);
    context.scale(ratio, ratio);
    context.imageSmoothingEnabled = raster.columns < shown.width;
    context.imageSmoothingQuality = "high";
    if (turned) {
      context.translate(0, from.y);
      context.scale(1, -1);
      context.drawImage(cells, from.x, 0, to.x - from.x, from.y - to.y);
    } else context.drawImage(cells, from.x, from.y, to.x - from.x, to.y - from.y);
    report.current.onShown?.(shown.id);
  }, [
    shown,
    waiting,
    low,
    high,
    inverted,
    badColour,
    scale,
    centreX,
    centreY,
    stageWidth,
    stageHeight,
    turned,
  ]);

  const place = (event: PointerEvent | ReactWheelEvent | WheelEvent): { x: number; y: number } => {
    const box = canvas.current?.getBoundingClientRect();
    return toPicture(
      view,
      stage,
      turned,
      event.clientX - (box?.left ?? 0),
      event.clientY - (box?.top ?? 0),
    );
  };
  const hover = (event: PointerEvent): void => {
    const { x, y } = place(event);
    const inside = x >= 0 && y >= 0 && x < summary.width && y < summary.height;
    onHover?.(inside ? { x: Math.floor(x), y: Math.floor(y) } : null);
  };

  // React's own wheel listener is passive and could not keep the page from scrolling.
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const at = place(event);
      view.zoomAt(at.x, at.y, Math.exp(-Math.max(-80, Math.min(80, event.deltaY)) / 200));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  });

  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={name}
      className={`picture ${panning ? "panning" : ""}`}
      width={Math.round(stage.width * window.devicePixelRatio)}
      height={Math.round(stage.height * window.devicePixelRatio)}
      style={{
        width: stage.width,
        height: stage.height,
        ...(clip === undefined ? {} : { clipPath: clip }),
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setPanning(true);
      }}
      onPointerMove={(event) => {
        if (panning) view.panBy(event.movementX, turned ? -event.movementY : event.movementY);
        hover(event);
      }}
      onPointerUp={() => setPanning(false)}
      onPointerCancel={() => setPanning(false)}
      onPointerLeave={() => onHover?.(null)}
      onDoubleClick={() => view.fit()}
    />
  );
}
