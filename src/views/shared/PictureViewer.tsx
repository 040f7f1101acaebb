import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import { toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import { pictureId } from "#src/domain/picture.ts";
import type { PictureKey, PictureSummary, PixelReading } from "#src/domain/picture.ts";
import { useActions, useAppState, usePictures, usePictureVersion } from "../AppContext.tsx";
import { IconButton } from "./Choice.tsx";
import { HeaderButton } from "./HeaderButton.tsx";
import { ContrastControl } from "./ContrastControl.tsx";
import { PictureFailure } from "./PanelParts.tsx";
import { PictureCanvas } from "./PictureCanvas.tsx";
import { ProfilePlots, PROFILE_SPACE } from "./ProfilePlots.tsx";
import { fixed, integer, significant } from "./format.ts";
import { useElementSize } from "./useElementSize.ts";
import { useStable } from "./useStable.ts";
import { useShortcuts } from "./useShortcuts.ts";
import { barPlace, lowerLeft, scaleBar, useViewport } from "./viewport.ts";
import type { Size, ViewportControl } from "./viewport.ts";

export interface PictureViewerProps {
  /** null = nothing to show yet; `empty` says why. */
  readonly pictureKey: PictureKey | null;
  readonly name: string;
  /** What, of what, how many, how drawn. */
  readonly caption: string;
  /** Pictures that are compared share limits: "counts", "G", "C". */
  readonly contrastGroup: string;
  /** Symbol or word of the value: "G", "counts". */
  readonly unit: string;
  readonly pixelSizeA: number | null;
  /** Left part of the tool row. */
  readonly tools?: ReactNode;
  /** Further tools at the right. */
  readonly moreTools?: ReactNode;
  readonly empty?: ReactNode;
  /** Makes the picture again, where it is kept nowhere. */
  readonly onAgain?: () => void;
  /** Told when the picture is kept nowhere. */
  readonly onMissing?: () => void;
  /** Controls of time between stage and foot. */
  readonly timeline?: ReactNode;
  /** Means of rows and columns along the edges. */
  readonly profiles?: boolean;
  /** SVG drawn over the picture, in screen px. */
  readonly overlay?: (view: ViewportControl, stage: Size, turned: boolean) => ReactNode;
  /** Decimals of the value under the cursor; automatic when absent. */
  readonly decimals?: number;
}

/** Bad pixels in the mask: a red that is neither grey nor a status colour. */
const BAD = [232, 62, 62] as const;

/** The summary of a picture; the previous one of the same group stays until the new one has come. */
function useSummary(key: PictureKey | null): {
  summary: PictureSummary | null;
  failure: Failure | null;
} {
  const pictures = usePictures();
  const [held, setHeld] = useState<{ id: string; summary: PictureSummary } | null>(null);
  const [failed, setFailed] = useState<{ id: string; failure: Failure } | null>(null);
  const id = key === null ? null : pictureId(key);
  const version = usePictureVersion();
  const asked = useStable(key === null ? null : { ...key }, `${id ?? ""}|${version}`);
  useEffect(() => {
    if (asked === null) return undefined;
    let live = true;
    const id = pictureId(asked);
    pictures.summary(asked).then(
      (summary) => {
        if (live) setHeld({ id, summary });
      },
      (error: unknown) => {
        if (live) setFailed({ id, failure: toFailure(error) });
      },
    );
    return () => {
      live = false;
    };
  }, [asked, pictures]);
  return {
    summary: id === null ? null : (held?.summary ?? null),
    failure: failed !== null && failed.id === id ? failed.failure : null,
  };
}

/** The viewer: tool row, stage with the picture, caption, time, contrast and readout. */
export function PictureViewer(props: PictureViewerProps) {
  const { pictureKey, contrastGroup, unit, pixelSizeA } = props;
  const pictures = usePictures();
  const stageElement = useRef<HTMLDivElement>(null);
  const outer = useElementSize(stageElement);
  const { inverted, turned, badMask, contrast } = useAppState((s) => s.view);
  const { setContrast, setView } = useActions();
  const { summary, failure } = useSummary(pictureKey);
  const missing = useRef(props.onMissing);
  useEffect(() => {
    missing.current = props.onMissing;
  }, [props.onMissing]);
  useEffect(() => {
    if (failure?.code === "not-kept") missing.current?.();
  }, [failure]);
  const [reading, setReading] = useState<PixelReading | null>(null);
  const [rasterFailure, setRasterFailure] = useState<Failure | null>(null);
  const hovered = useRef("");

  const withProfiles = props.profiles === true && outer.width >= 520 && outer.height >= 420;
  const inner = withProfiles
    ? {
        width: Math.max(64, outer.width - PROFILE_SPACE.left - PROFILE_SPACE.right),
        height: Math.max(64, outer.height - PROFILE_SPACE.top - PROFILE_SPACE.bottom),
      }
    : outer;
  // With profiles the stage is no higher than the fitted picture, so that they lie at its edge.
  const stage: Size =
    withProfiles && summary !== null
      ? {
          width: inner.width,
          height: Math.min(
            inner.height,
            Math.max(240, Math.ceil((inner.width * summary.height) / summary.width)),
          ),
        }
      : inner;
  const view = useViewport(summary, stage);
  const automatic =
    summary === null ? { low: 0, high: 1 } : { low: summary.low, high: summary.high };
  const limits = contrast[contrastGroup] ?? automatic;

  useShortcuts({
    f: () => view.fit(),
    "1": () => view.oneToOne(),
    "+": () => view.zoomCentre(1.5),
    "=": () => view.zoomCentre(1.5),
    "-": () => view.zoomCentre(1 / 1.5),
    a: () => setContrast(contrastGroup, null),
    r: () =>
      summary === null
        ? undefined
        : setContrast(contrastGroup, {
            low: summary.min,
            high: Math.max(summary.max, summary.min + 1e-9),
          }),
    i: () => setView({ inverted: !inverted }),
    y: () => setView({ turned: !turned }),
    m: () => setView({ badMask: !badMask }),
  });

  const hover = (place: { x: number; y: number } | null): void => {
    if (place === null || pictureKey === null) {
      hovered.current = "";
      setReading(null);
      return;
    }
    const asked = `${place.x},${place.y}`;
    hovered.current = asked;
    pictures.pixel(pictureKey, place.x, place.y).then(
      (found) => {
        if (hovered.current === asked) setReading(found);
      },
      () => undefined,
    );
  };

  const badColour = badMask ? BAD : null;
  const failed = failure ?? rasterFailure;
  const valueText = (value: number): string =>
    props.decimals === undefined
      ? summary?.integer === true
        ? integer(value)
        : significant(value, 5)
      : fixed(value, props.decimals);
  const bar =
    pixelSizeA === null || summary === null ? null : scaleBar(view.scale, pixelSizeA, 120);

  return (
    <>
      <div className="viewer-bar" role="toolbar" aria-label="Picture">
        {props.tools}
        <span className="spacer" />
        {props.moreTools}
        <HeaderButton />
        <IconButton
          icon="invert"
          label="Invert"
          shortcut="I"
          pressed={inverted}
          onClick={() => setView({ inverted: !inverted })}
        />
        <IconButton
          icon="turn"
          label="Turn display over"
          shortcut="Y"
          pressed={turned}
          onClick={() => setView({ turned: !turned })}
        />
        <IconButton icon="fit" label="Fit" shortcut="F" onClick={() => view.fit()} />
        <button
          type="button"
          className="text-button hide-narrow"
          title="One screen pixel per image pixel  1"
          onClick={() => view.oneToOne()}
        >
          1:1
        </button>
      </div>
      {pictureKey !== null && (
        <div className="picture-caption">
          {props.caption}
          {turned ? "; row 0 at the bottom, display turned over" : ""}
        </div>
      )}
      <div className={withProfiles ? "stage paper" : "stage"} ref={stageElement}>
        {pictureKey === null ? (
          (props.empty ?? null)
        ) : failed !== null ? (
          <PictureFailure failure={failed} onAgain={props.onAgain} />
        ) : summary === null || outer.width === 0 ? null : (
          <div
            style={{
              position: "absolute",
              left: withProfiles ? PROFILE_SPACE.left : 0,
              top: withProfiles ? PROFILE_SPACE.top : 0,
              width: stage.width,
              height: stage.height,
              overflow: "hidden",
            }}
          >
            <PictureCanvas
              pictureKey={pictureKey}
              name={props.name}
              summary={summary}
              view={view}
              stage={stage}
              turned={turned}
              paint={{ ...limits, inverted, badColour }}
              onHover={hover}
              onFailure={setRasterFailure}
            />
            {props.overlay !== undefined && (
              <svg
                className="overlay"
                width={stage.width}
                height={stage.height}
                style={{ position: "absolute", inset: 0, pointerEvents: "none" }}
                aria-hidden
              >
                {props.overlay(view, stage, turned)}
              </svg>
            )}
            {bar !== null && (
              <div
                className="scale-bar"
                style={{ width: bar.px, ...barPlace(lowerLeft(view, stage, summary)) }}
              >
                <i />
                {bar.label}
              </div>
            )}
          </div>
        )}
        {withProfiles && summary !== null && pictureKey !== null && failed === null && (
          <ProfilePlots
            pictureKey={pictureKey}
            summary={summary}
            view={view}
            stage={stage}
            turned={turned}
            unit={unit}
          />
        )}
      </div>
      {props.timeline}
      <div className="viewer-foot">
        {summary !== null && (
          <>
            <ContrastControl
              summary={summary}
              limits={limits}
              unit={unit}
              onChange={(next) => setContrast(contrastGroup, next)}
            />
            <div className="hide-narrow">
              <div>
                Contrast {significant(limits.low, 3)} – {significant(limits.high, 3)}
              </div>
              <div className="caption">
                {contrast[contrastGroup] === undefined ? "0.5 – 99.5 % of pixels" : "set by hand"}
              </div>
            </div>
            <div className="end">
              <div data-testid="reading">
                {reading === null ? (
                  <span className="caption">move over the picture for a value</span>
                ) : (
                  <>
                    <span className="caption">x</span> {integer(reading.x)}{" "}
                    <span className="caption">y</span> {integer(reading.y)}{" "}
                    <span className="caption">{unit}</span>{" "}
                    {reading.bad ? "bad pixel" : valueText(reading.value)}
                  </>
                )}
              </div>
              <div className="caption">
                {integer(summary.width)} × {integer(summary.height)} px, shown at{" "}
                {significant(100 * view.scale * window.devicePixelRatio, 2)} %
              </div>
            </div>
          </>
        )}
      </div>
    </>
  );
}
