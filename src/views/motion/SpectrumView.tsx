import { useEffect, useRef, useState } from "react";
import type { PointerEvent } from "react";
import { pictureId } from "#src/domain/picture.ts";
import type { PictureKey, PictureSummary } from "#src/domain/picture.ts";
import type { MotionReport } from "#src/domain/motionReport.ts";
import { toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import { useActions, useAppState, usePictures } from "../AppContext.tsx";
import { PictureCanvas } from "../shared/PictureCanvas.tsx";
import { PictureFailure } from "../shared/PanelParts.tsx";
import { fixed } from "../shared/format.ts";
import { useStable } from "../shared/useStable.ts";
import { useViewport } from "../shared/viewport.ts";

/** Resolution of a frequency in cycles per px of the micrograph. */
export function resolutionText(frequency: number, pixelSizeA: number | null): string {
  return pixelSizeA === null
    ? `${fixed(1 / frequency, 1)} px`
    : `${fixed(pixelSizeA / frequency, 1)} Å`;
}

function useSummaries(
  keys: readonly PictureKey[],
): readonly PictureSummary[] | { readonly failure: Failure } | null {
  const pictures = usePictures();
  const [held, setHeld] = useState<
    readonly PictureSummary[] | { readonly failure: Failure } | null
  >(null);
  const asked = useStable(keys, keys.map(pictureId).join("|"));
  useEffect(() => {
    let live = true;
    Promise.all(asked.map((key) => pictures.summary(key))).then(
      (found) => {
        if (live) setHeld(found);
      },
      (error: unknown) => {
        if (live) setHeld({ failure: toFailure(error) });
      },
    );
    return () => {
      live = false;
    };
  }, [asked, pictures]);
  return held;
}

/**
 * Power spectra before and after: left and right half of one picture, side by side, or blinking. A ring
 * follows the cursor; the resolution there is told to the parent, which marks it in the curve.
 */
export function SpectrumView({
  report,
  side,
  ring,
  onRing,
}: {
  report: MotionReport;
  /** Screen px. */
  side: number;
  /** Cycles per px, or null. */
  ring: number | null;
  readonly onRing: (frequency: number | null) => void;
}) {
  const { spectrum, spectrumView } = useAppState((s) => s.motion);
  const { correctMotion } = useActions();
  const [beat, setBeat] = useState(false);
  const split = useRef<HTMLDivElement>(null);
  const key = (which: string): PictureKey => ({
    kind: "stored",
    id: `motion/${report.id}/psd/${spectrum}/${which}`,
  });
  const found = useSummaries([key("before"), key("after")]);
  const summaries = found !== null && "failure" in found ? null : found;
  const beside = spectrumView === "side";
  const shown = beside ? Math.floor(side / 2) - 2 : side;
  const stage = { width: shown, height: shown };
  const view = useViewport(summaries?.[0] ?? null, stage);
  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  useEffect(() => {
    if (spectrumView !== "blink" || reduced) return undefined;
    const timer = setInterval(() => setBeat((on) => !on), 500);
    return () => clearInterval(timer);
  }, [spectrumView, reduced]);
  if (summaries === null)
    return (
      <div className="spectrum-missing" style={{ width: side, height: shown }}>
        {found !== null && "failure" in found && (
          <PictureFailure failure={found.failure} onAgain={() => void correctMotion([report.id])} />
        )}
      </div>
    );
  const paint = {
    low: Math.min(...summaries.map((s) => s.low)),
    high: Math.max(...summaries.map((s) => s.high)),
    inverted: false,
    badColour: null,
  };
  const common = { view, stage, paint, turned: false };
  // The whole picture is fitted: half its side is Nyquist.
  const radius = ring === null ? null : (ring / 0.5) * (shown / 2);
  const move = (event: PointerEvent<HTMLDivElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = ((event.clientX - box.left) % (shown + 4)) - shown / 2;
    const y = event.clientY - box.top - shown / 2;
    const frequency = (0.5 * Math.hypot(x, y)) / (shown / 2);
    onRing(frequency > 0.004 && frequency <= 0.5 ? frequency : null);
  };
  const label = `Power spectrum of ${report.name}`;
  return (
    <div
      ref={split}
      className="spectrum"
      style={{ width: beside ? 2 * shown + 4 : shown, height: shown }}
      onPointerMove={move}
      onPointerLeave={() => onRing(null)}
      data-testid="spectrum"
    >
      <div className="spectrum-half" style={{ left: 0, width: shown, height: shown }}>
        <PictureCanvas
          {...common}
          pictureKey={key("before")}
          name={`${label}, before`}
          summary={summaries[0]}
        />
      </div>
      <div
        className="spectrum-half"
        style={{
          left: beside ? shown + 4 : 0,
          width: shown,
          height: shown,
          visibility: spectrumView === "blink" && !beat ? "hidden" : "visible",
        }}
      >
        <PictureCanvas
          {...common}
          pictureKey={key("after")}
          name={`${label}, after`}
          summary={summaries[1]}
          {...(spectrumView === "split" ? { clip: "inset(0 0 0 50%)" } : {})}
        />
      </div>
      <svg
        className="spectrum-marks"
        width={beside ? 2 * shown + 4 : shown}
        height={shown}
        aria-hidden
      >
        {spectrumView === "split" && (
          <path d={`M${shown / 2} 0V${shown}`} stroke="#fff" strokeWidth={1.4} />
        )}
        {radius !== null &&
          [shown / 2, ...(beside ? [1.5 * shown + 4] : [])].map((cx) => (
            <g key={cx} fill="none">
              <circle
                cx={cx}
                cy={shown / 2}
                r={radius}
                stroke="#000"
                strokeOpacity={0.6}
                strokeWidth={3}
              />
              <circle cx={cx} cy={shown / 2} r={radius} stroke="#fff" strokeDasharray="3 2" />
            </g>
          ))}
      </svg>
      {spectrumView === "blink" && (
        <div className="over-picture" style={{ left: 6, top: 6 }}>
          {beat ? "After" : "Before"}
        </div>
      )}
    </div>
  );
}
