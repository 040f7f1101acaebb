import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { PictureKey, PictureSummary } from "#src/domain/picture.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { PreprocessPreview } from "#src/domain/preprocessPreview.ts";
import { formKey, operationsOn } from "#src/state/micrographSlice.ts";
import type { ShownPreview } from "#src/state/micrographSlice.ts";
import { robustContrast } from "#src/state/robustContrast.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice, IconButton } from "../shared/Choice.tsx";
import { Empty, FailureNote, PictureFailure } from "../shared/PanelParts.tsx";
import { PictureCanvas } from "../shared/PictureCanvas.tsx";
import { SwipeHandle } from "../shared/SwipeHandle.tsx";
import { counted, integer } from "../shared/format.ts";
import { useElementSize } from "../shared/useElementSize.ts";
import { useShortcuts } from "../shared/useShortcuts.ts";
import { useStable } from "../shared/useStable.ts";
import { scaleBar, scaledView, useViewport } from "../shared/viewport.ts";
import { PreviewPlots } from "./PreviewPlots.tsx";
import { RegionMap } from "./RegionMap.tsx";
import { useMicrograph } from "./useMicrograph.ts";
import { usePaintedTime } from "./usePaintedTime.ts";

interface Sides {
  readonly beforeId: string;
  readonly afterId: string;
  readonly before: PictureSummary;
  readonly after: PictureSummary;
}

const keyOf = (id: string): PictureKey => ({ kind: "stored", id });

function sidesOf({ preview }: ShownPreview): Sides {
  const { beforeId, afterId, beforeSummary, afterSummary } = preview;
  return { beforeId, afterId, before: beforeSummary, after: afterSummary };
}

function caption(shown: ShownPreview, name: string, stale: boolean): string {
  const { preview, missingIterations } = shown;
  const { region, coversAll } = preview;
  const field = coversAll
    ? `The whole of ${name}, filtered as one; a region is cut from the filtered whole by zooming in`
    : `Region ${integer(region.width)} × ${integer(region.height)} px at ${integer(region.x)}, ${integer(region.y)} of ${name}, filtered alone: statistics are those of the region`;
  const state = stale
    ? "; operations have changed since"
    : missingIterations > 0
      ? `; first result, ${counted(missingIterations, "iteration")} of the denoiser still to come`
      : "";
  return `${field}. Each side at its own 0.5 – 99.5 %, at most 5 sd of its middle${state}.`;
}

/** Before and after of the selected micrograph, with histogram and radial power below. */
export function MicrographViewer() {
  const file = useMicrograph();
  const state = useAppState((s) => s.micrograph);
  const { setMicrographView, previewWhole, correctMotion } = useActions();
  const { scope, compare, previewing, previewFailure } = state;
  const key = formKey(state.form);
  const candidate = scope === "region" ? state.region : state.whole;
  const shown = candidate?.fileId === file?.fileId ? candidate : null;
  const stale = shown !== null && shown.madeWith !== key;
  const [blink, setBlink] = useState(false);
  return (
    <main className="column" aria-label="Picture">
      <div className="viewer-bar" role="toolbar" aria-label="Picture">
        <Choice
          label="Comparison"
          value={compare}
          options={[
            { value: "swipe", label: "Swipe" },
            { value: "blink", label: "Blink" },
          ]}
          onChange={(value) => setMicrographView({ compare: value })}
        />
        <Choice
          label="Field"
          value={scope}
          options={[
            { value: "region", label: "Region" },
            { value: "whole", label: "Whole" },
          ]}
          onChange={(value) => setMicrographView({ scope: value })}
        />
        {scope === "whole" && file !== null && (shown === null || stale) && (
          <Button variant="default" onClick={() => void previewWhole()}>
            {shown === null ? "Compute the whole" : "Redo the whole"}
          </Button>
        )}
        <span className="spacer" />
        <span className="caption hide-narrow" role="status">
          {previewing && scope === "region"
            ? "computing"
            : shown === null
              ? ""
              : `preview ${integer(shown.preview.after.width)} × ${integer(shown.preview.after.height)} px, ${integer(shown.preview.milliseconds)} ms`}
        </span>
        <IconButton
          icon="eye"
          label="Show before"
          shortcut="B"
          pressed={blink}
          onClick={() => setBlink(!blink)}
        />
      </div>
      {file === null ? (
        <div className="stage">
          <Empty>
            Choose a micrograph in the table. Movies become micrographs by aligning them.
          </Empty>
        </div>
      ) : shown === null ? (
        <div className="stage">
          {previewFailure !== null ? (
            <PictureFailure
              failure={previewFailure}
              {...(file.source.kind === "stored"
                ? { onAgain: () => void correctMotion([file.fileId]) }
                : {})}
            />
          ) : (
            <Empty
              {...(scope === "whole"
                ? {
                    action: (
                      <Button variant="default" onClick={() => void previewWhole()}>
                        Compute the whole
                      </Button>
                    ),
                  }
                : {})}
            >
              {scope === "whole"
                ? "The whole micrograph takes a few seconds; the region follows the sliders."
                : operationsOn(state.form) === 0
                  ? "Switch an operation on to see what it does."
                  : "Computing the first preview."}
            </Empty>
          )}
        </div>
      ) : (
        <>
          <div className="picture-caption">{caption(shown, file.name, stale)}</div>
          <ComparedStage
            shown={shown}
            name={file.name}
            pixelSizeA={file.pixelSizeA}
            blinking={blink}
            onBlink={setBlink}
          />
          <PreviewPlots compared={shown.curves?.compared ?? null} pixelSizeA={file.pixelSizeA} />
        </>
      )}
    </main>
  );
}

function ComparedStage({
  shown,
  name,
  pixelSizeA,
  blinking,
  onBlink,
}: {
  shown: ShownPreview;
  name: string;
  pixelSizeA: number | null;
  blinking: boolean;
  readonly onBlink: (on: boolean) => void;
}) {
  const stageElement = useRef<HTMLDivElement>(null);
  const stage = useElementSize(stageElement);
  const [split, setSplit] = useState(0.5);
  const [beat, setBeat] = useState(false);
  const [failure, setFailure] = useState<{ id: string; failure: Failure } | null>(null);
  const compare = useAppState((s) => s.micrograph.compare);
  const scope = useAppState((s) => s.micrograph.scope);
  const { inverted, turned } = useAppState((s) => s.view);
  const { setView, setMicrographView } = useActions();
  const sides = sidesOf(shown);
  const size = useStable(
    { width: shown.preview.before.width, height: shown.preview.before.height },
    `${shown.preview.before.width}x${shown.preview.before.height}`,
  );
  const view = useViewport(size, stage);
  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  useEffect(() => {
    if (compare !== "blink" || reduced) return undefined;
    const timer = setInterval(() => setBeat((on) => !on), 500);
    return () => clearInterval(timer);
  }, [compare, reduced]);
  useEffect(() => {
    const release = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() === "b") onBlink(false);
    };
    window.addEventListener("keyup", release);
    return () => window.removeEventListener("keyup", release);
  }, [onBlink]);
  useShortcuts({
    b: () => onBlink(true),
    f: () => view.fit(),
    "1": () => view.oneToOne(),
    "+": () => view.zoomCentre(1.5),
    "-": () => view.zoomCentre(1 / 1.5),
    i: () => setView({ inverted: !inverted }),
    y: () => setView({ turned: !turned }),
    "[": () => setSplit((s) => Math.max(0, s - 0.05)),
    "]": () => setSplit((s) => Math.min(1, s + 0.05)),
    Escape: () => setMicrographView({ compare: "swipe" }),
  });
  const onlyBefore = blinking || (compare === "blink" && beat);
  const bar = pixelSizeA === null ? null : scaleBar(view.scale, pixelSizeA, 120);
  const common = {
    stage,
    turned,
    onFailure: (f: Failure) => setFailure({ id: shown.preview.afterId, failure: f }),
  };
  const painted = usePaintedTime(shown);
  const paint = (side: PictureSummary) => ({ ...robustContrast(side), inverted, badColour: null });
  const factors = factorsOf(shown.preview);
  const failed = failure !== null && failure.id === shown.preview.afterId ? failure.failure : null;
  return (
    <div className="stage" ref={stageElement} data-preview={shown.preview.afterId}>
      {failed !== null && <FailureNote failure={failed} />}
      {failed === null && stage.width > 0 && (
        <>
          <PictureCanvas
            {...common}
            pictureKey={keyOf(sides.beforeId)}
            name={`Before, ${name}`}
            summary={sides.before}
            view={view}
            paint={paint(sides.before)}
          />
          <div style={{ visibility: onlyBefore ? "hidden" : "visible" }}>
            <PictureCanvas
              {...common}
              pictureKey={keyOf(sides.afterId)}
              name={`After ${counted(operationCount(shown), "operation")}, ${name}`}
              summary={sides.after}
              view={scaledView(view, factors.x, factors.y)}
              paint={paint(sides.after)}
              onShown={painted}
              {...(compare === "swipe" ? { clip: `inset(0 0 0 ${100 * split}%)` } : {})}
            />
          </div>
          {compare === "swipe" && !blinking && (
            <SwipeHandle width={stage.width} split={split} onChange={setSplit} />
          )}
          {(compare === "swipe" || onlyBefore) && (
            <div className="over-picture" style={{ left: 12, top: 12 }}>
              <b className="strong">Before</b>
            </div>
          )}
          {!onlyBefore && (
            <div className="over-picture" style={{ right: 12, top: 12 }}>
              <b className="strong">After</b> {counted(operationCount(shown), "operation")}
            </div>
          )}
          {scope === "region" && !shown.preview.coversAll && (
            <RegionMap region={shown.preview.region} />
          )}
          {bar !== null && (
            <div className="scale-bar" style={{ width: bar.px }}>
              <i />
              {bar.label}
            </div>
          )}
        </>
      )}
      <span className="visually-hidden" aria-live="polite" data-testid="shown-preview">
        {previewWords(sides.afterId)}
      </span>
    </div>
  );
}

/** "micrograph/region/7", read aloud. */
function previewWords(id: string): string {
  const [, scope, number] = id.split("/");
  return `Preview ${number} of the ${scope}`;
}

function factorsOf({ before, after }: PreprocessPreview): { x: number; y: number } {
  return { x: before.width / after.width, y: before.height / after.height };
}

/** Operations that made the picture, from the text of its form. */
function operationCount({ madeWith }: ShownPreview): number {
  return Object.keys(JSON.parse(madeWith) as object).filter((name) => name !== "parity").length;
}
