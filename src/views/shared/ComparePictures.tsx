import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import { toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import { pictureId } from "#src/domain/picture.ts";
import type { PictureKey, PictureSummary, PixelReading } from "#src/domain/picture.ts";
import { useActions, useAppState, usePictures, usePictureVersion } from "../AppContext.tsx";
import { Choice, IconButton } from "./Choice.tsx";
import { ContrastControl } from "./ContrastControl.tsx";
import { PictureFailure } from "./PanelParts.tsx";
import { PictureCanvas } from "./PictureCanvas.tsx";
import { SwipeHandle } from "./SwipeHandle.tsx";
import { significant, integer } from "./format.ts";
import { useElementSize } from "./useElementSize.ts";
import { useShortcuts } from "./useShortcuts.ts";
import { useStable } from "./useStable.ts";
import { barPlace, lowerLeft, scaleBar, useViewport } from "./viewport.ts";

export interface ComparedPicture {
  readonly key: PictureKey;
  /** Word on the picture: "Before", "Estimate". */
  readonly label: string;
  /** Accessible name. */
  readonly name: string;
}

type Mode = "swipe" | "blink" | "side";

/** Summaries of both pictures; they share contrast limits. */
function useSummaries(keys: readonly PictureKey[]): {
  summaries: readonly PictureSummary[] | null;
  failure: Failure | null;
} {
  const pictures = usePictures();
  const [held, setHeld] = useState<readonly PictureSummary[] | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const version = usePictureVersion();
  const asked = useStable(keys, `${keys.map(pictureId).join("|")}|${version}`);
  useEffect(() => {
    let live = true;
    Promise.all(asked.map((key) => pictures.summary(key))).then(
      (found) => {
        if (!live) return;
        setHeld(found);
        setFailure(null);
      },
      (error: unknown) => {
        if (live) setFailure(toFailure(error));
      },
    );
    return () => {
      live = false;
    };
  }, [asked, pictures]);
  return { summaries: held, failure };
}

/**
 * Two pictures of one size against each other: swipe (handle, ← → on it), blink (hold B, or 2 Hz by the
 * button) or side by side with linked zoom. Both share contrast limits and carry a label.
 */
export function ComparePictures({
  left,
  right,
  caption,
  contrastGroup,
  unit,
  pixelSizeA,
  initialMode = "swipe",
  tools,
  moreTools,
  describePlace,
  onAgain,
}: {
  left: ComparedPicture;
  right: ComparedPicture;
  caption: string;
  contrastGroup: string;
  unit: string;
  pixelSizeA: number | null;
  initialMode?: Mode;
  tools?: ReactNode;
  moreTools?: ReactNode;
  /** What a place means besides its pixel: the resolution in a spectrum. */
  readonly describePlace?: (x: number, y: number) => string;
  /** Makes the pictures again, where they are kept nowhere. */
  onAgain?: () => void;
}) {
  const pictures = usePictures();
  const stageElement = useRef<HTMLDivElement>(null);
  const outer = useElementSize(stageElement);
  const [mode, setMode] = useState<Mode>(initialMode);
  const [split, setSplit] = useState(0.5);
  const [held, setHeld] = useState(false);
  const [beat, setBeat] = useState(false);
  const [readings, setReadings] = useState<readonly PixelReading[] | null>(null);
  const hovered = useRef("");
  const { inverted, turned, contrast } = useAppState((s) => s.view);
  const { setContrast, setView } = useActions();
  const { summaries, failure } = useSummaries([left.key, right.key]);
  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  const stage =
    mode === "side" ? { width: Math.floor(outer.width / 2) - 1, height: outer.height } : outer;
  const view = useViewport(summaries?.[0] ?? null, stage);
  const automatic =
    summaries === null
      ? { low: 0, high: 1 }
      : {
          low: Math.min(...summaries.map((s) => s.low)),
          high: Math.max(...summaries.map((s) => s.high)),
        };
  const limits = contrast[contrastGroup] ?? automatic;
  const paint = { ...limits, inverted, badColour: null };

  useEffect(() => {
    if (mode !== "blink" || reduced) return undefined;
    const timer = setInterval(() => setBeat((on) => !on), 500);
    return () => clearInterval(timer);
  }, [mode, reduced]);
  useEffect(() => {
    const release = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() === "b") setHeld(false);
    };
    window.addEventListener("keyup", release);
    return () => window.removeEventListener("keyup", release);
  }, []);
  useShortcuts({
    b: () => setHeld(true),
    f: () => view.fit(),
    "1": () => view.oneToOne(),
    "+": () => view.zoomCentre(1.5),
    "-": () => view.zoomCentre(1 / 1.5),
    a: () => setContrast(contrastGroup, null),
    i: () => setView({ inverted: !inverted }),
    y: () => setView({ turned: !turned }),
    "[": () => setSplit((s) => Math.max(0, s - 0.05)),
    "]": () => setSplit((s) => Math.min(1, s + 0.05)),
    Escape: () => setMode("swipe"),
  });

  const hover = (place: { x: number; y: number } | null): void => {
    if (place === null) {
      hovered.current = "";
      setReadings(null);
      return;
    }
    const asked = `${place.x},${place.y}`;
    hovered.current = asked;
    Promise.all([left, right].map(({ key }) => pictures.pixel(key, place.x, place.y))).then(
      (found) => {
        if (hovered.current === asked) setReadings(found);
      },
      () => undefined,
    );
  };

  const showRight = held || (mode === "blink" && beat);
  const bar =
    pixelSizeA === null || summaries === null ? null : scaleBar(view.scale, pixelSizeA, 120);
  const common = { view, stage, paint, turned, onHover: hover };
  return (
    <>
      <div className="viewer-bar" role="toolbar" aria-label="Picture">
        {tools}
        <Choice
          label="Comparison"
          value={mode}
          options={[
            { value: "swipe", label: "Swipe" },
            { value: "blink", label: "Blink" },
            { value: "side", label: "Side by side" },
          ]}
          onChange={setMode}
        />
        <span className="spacer" />
        {moreTools}
        <span className="caption hide-narrow">
          hold <kbd>B</kbd> to blink
        </span>
        <IconButton
          icon="invert"
          label="Invert"
          shortcut="I"
          pressed={inverted}
          onClick={() => setView({ inverted: !inverted })}
        />
        <IconButton icon="fit" label="Fit" shortcut="F" onClick={() => view.fit()} />
      </div>
      <div className="picture-caption">{caption}</div>
      <div className="stage" ref={stageElement}>
        {failure !== null && <PictureFailure failure={failure} onAgain={onAgain} />}
        {failure === null && summaries !== null && outer.width > 0 && (
          <>
            <div style={{ position: "absolute", left: 0, top: 0, ...stage }}>
              <PictureCanvas
                {...common}
                pictureKey={left.key}
                name={left.name}
                summary={summaries[0]}
              />
            </div>
            <div
              style={{
                position: "absolute",
                top: 0,
                left: mode === "side" ? stage.width + 2 : 0,
                ...stage,
                visibility: mode === "blink" && !showRight ? "hidden" : "visible",
              }}
            >
              <PictureCanvas
                {...common}
                pictureKey={right.key}
                name={right.name}
                summary={summaries[1]}
                {...(mode === "swipe" && !showRight
                  ? { clip: `inset(0 0 0 ${100 * split}%)` }
                  : {})}
              />
            </div>
            {mode === "swipe" && !held && (
              <SwipeHandle width={stage.width} split={split} onChange={setSplit} />
            )}
            <div className="over-picture" style={{ left: 12, top: 12 }}>
              <b className="strong">
                {(mode === "blink" || held) && showRight ? right.label : left.label}
              </b>
            </div>
            {mode !== "blink" && !held && (
              <div className="over-picture" style={{ right: 12, top: 12 }}>
                <b className="strong">{right.label}</b>
              </div>
            )}
            {bar !== null && (
              <div
                className="scale-bar"
                style={{ width: bar.px, ...barPlace(lowerLeft(view, stage, summaries[0])) }}
              >
                <i />
                {bar.label}
              </div>
            )}
          </>
        )}
      </div>
      <div className="viewer-foot">
        {summaries !== null && (
          <>
            <ContrastControl
              summary={summaries[0]}
              limits={limits}
              unit={unit}
              onChange={(next) => setContrast(contrastGroup, next)}
            />
            <div className="end">
              <div>
                {readings === null ? (
                  <span className="caption">move over the picture for a value</span>
                ) : (
                  <>
                    <span className="caption">x</span> {integer(readings[0].x)}{" "}
                    <span className="caption">y</span> {integer(readings[0].y)}{" "}
                    <span className="caption">{unit}</span> {significant(readings[0].value, 4)},{" "}
                    {significant(readings[1].value, 4)}
                    {describePlace === undefined
                      ? ""
                      : `, ${describePlace(readings[0].x, readings[0].y)}`}
                  </>
                )}
              </div>
              <div className="caption">
                {left.label}, {right.label.toLowerCase()}
              </div>
            </div>
          </>
        )}
      </div>
    </>
  );
}
