import { useEffect, useRef } from "react";
import type { KeyboardEvent, PointerEvent } from "react";
import { pictureId } from "#src/domain/picture.ts";
import type { Region } from "#src/domain/preprocessPreview.ts";
import { useActions, useAppState, usePictures } from "../AppContext.tsx";
import { integer } from "../shared/format.ts";
import { useStable } from "../shared/useStable.ts";
import { useMicrograph } from "./useMicrograph.ts";

const SIDE = 84;

/** Where the region lies: a small whole micrograph; click, drag or arrow keys move it. */
export function RegionMap({ region }: { region: Region }) {
  const file = useMicrograph();
  const at = useAppState((s) => s.micrograph.regionAt);
  const { setMicrographView } = useActions();
  const pictures = usePictures();
  const canvas = useRef<HTMLCanvasElement>(null);
  const wholeWidth = file?.width ?? 1;
  const wholeHeight = file?.height ?? 1;
  const scale = SIDE / Math.max(wholeWidth, wholeHeight);
  const width = Math.round(wholeWidth * scale);
  const height = Math.round(wholeHeight * scale);
  const key = useStable(
    file?.source ?? null,
    file === null ? "" : `${pictureId(file.source)} ${file.version}`,
  );

  useEffect(() => {
    if (key === null) return undefined;
    let live = true;
    const part = { x: 0, y: 0, width: wholeWidth, height: wholeHeight };
    Promise.all([
      pictures.summary(key),
      pictures.raster({ key, ...part, columns: width, rows: height }),
    ]).then(
      ([{ low, high }, raster]) => {
        const context = canvas.current?.getContext("2d");
        if (!live || context == null) return;
        const image = context.createImageData(raster.columns, raster.rows);
        const span = Math.max(1e-30, (high - low) / 2);
        raster.values.forEach((value, i) => {
          // Means over many pixels spread less than pixels: half of the contrast range.
          image.data.fill(128 + (127 * (value - (low + high) / 2)) / span, 4 * i, 4 * i + 3);
          image.data[4 * i + 3] = 255;
        });
        context.putImageData(image, 0, 0);
      },
      () => undefined,
    );
    return () => {
      live = false;
    };
  }, [key, pictures, width, height, wholeWidth, wholeHeight]);

  if (file === null || (region.width >= file.width && region.height >= file.height)) return null;
  const move = (event: PointerEvent<HTMLDivElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (value: number, extent: number): number =>
      Math.max(0, Math.min(1, value / extent));
    setMicrographView({
      regionAt: {
        x: share(event.clientX - box.left, box.width),
        y: share(event.clientY - box.top, box.height),
      },
    });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const to = (value: number, by: number): number => Math.max(0, Math.min(1, value + by * 0.05));
    setMicrographView({ regionAt: { x: to(at.x, step[0]), y: to(at.y, step[1]) } });
  };
  return (
    <div
      className="region-map"
      style={{ width, height }}
      tabIndex={0}
      role="application"
      aria-label={`Region at ${integer(region.x)}, ${integer(region.y)}; arrow keys move it`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        move(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) move(event);
      }}
      onKeyDown={onKeyDown}
    >
      <canvas ref={canvas} width={width} height={height} />
      <i
        style={{
          left: region.x * scale,
          top: region.y * scale,
          width: region.width * scale,
          height: region.height * scale,
        }}
      />
    </div>
  );
}
