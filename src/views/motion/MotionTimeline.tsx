import { Button, Slider, Switch } from "@mantine/core";
import { useEffect } from "react";
import type { MotionReport } from "#src/domain/motionReport.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Icon } from "../shared/Icon.tsx";
import { fixed, integer } from "../shared/format.ts";
import { useShortcuts } from "../shared/useShortcuts.ts";
import { DoubtedKey } from "./CellMapPicture.tsx";
import { isDoubted } from "./cellMaps.ts";
import { magnificationOf } from "./motionSelect.ts";
import { VIRIDIS_GRADIENT } from "./viridis.ts";

const FRAMES_PER_SECOND = 12;

/** Below the picture: time and magnification of the trajectories, or the key of the residuals. */
export function MotionTimeline({
  report,
  overlay,
  frame,
  largest,
}: {
  report: MotionReport;
  overlay: "trajectories" | "residuals" | "off";
  /** Position among the aligned frames. */
  frame: number;
  /** Largest residual, px. */
  largest: number;
}) {
  return (
    <div className="timeline motion-timeline">
      {overlay === "trajectories" && <TimeControls report={report} frame={frame} />}
      {overlay === "residuals" && (
        <>
          <span className="caption">
            Size and colour: how far a patch lies from the field. Click one for its course.
          </span>
          <span className="spacer" />
          {report.diagnostics?.patchTrust?.some(isDoubted) === true && <DoubtedKey />}
          <ColourKey from="0" to={`${fixed(largest, 2)} px`} />
        </>
      )}
      {overlay === "off" && <span className="caption">Nothing is drawn over the picture.</span>}
    </div>
  );
}

function ColourKey({ from, to }: { from: string; to: string }) {
  return (
    <span className="colour-key">
      {from}
      <i style={{ background: VIRIDIS_GRADIENT }} />
      {to}
    </span>
  );
}

function TimeControls({ report, frame }: { report: MotionReport; frame: number }) {
  const magnify = useAppState((s) => magnificationOf(s, report));
  const localOnly = useAppState((s) => s.motion.localOnly);
  const playing = useAppState((s) => s.view.playing);
  const { setMotionView, setView } = useActions();
  const last = report.frameIndices.length - 1;
  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setTimeout(() => {
      if (frame < last) setMotionView({ upTo: frame + 1 });
      else setView({ playing: false });
    }, 1000 / FRAMES_PER_SECOND);
    return () => clearTimeout(timer);
  }, [playing, frame, last, setMotionView, setView]);
  const go = (next: number): void => {
    setMotionView({ upTo: Math.max(0, Math.min(last, next)) });
    setView({ playing: false });
  };
  const play = (): void => {
    if (reduced) return;
    if (!playing && frame === last) setMotionView({ upTo: 0 });
    setView({ playing: !playing });
  };
  useShortcuts({
    ArrowLeft: () => go(frame - 1),
    ArrowRight: () => go(frame + 1),
    Home: () => go(0),
    End: () => go(last),
    p: play,
    ...(playing ? { Escape: () => setView({ playing: false }) } : {}),
  });
  const number = report.frameIndices[frame] + 1;
  const dose =
    report.dosePerFrame === null
      ? ""
      : `, ${fixed(report.preExposure + number * report.dosePerFrame, 1)} e⁻/Å²`;
  return (
    <>
      <div className="motion-play">
        {!reduced && (
          <Button
            variant="default"
            leftSection={<Icon name={playing ? "pause" : "play"} />}
            onClick={play}
          >
            {playing ? "Pause" : "Play motion"}
          </Button>
        )}
        {report.localRmsPx > 0 && (
          <Switch
            size="xs"
            checked={localOnly}
            label="Local part only"
            onChange={(event) =>
              setMotionView({ localOnly: event.currentTarget.checked, magnify: null })
            }
          />
        )}
      </div>
      <div className="motion-sliders">
        <span>
          Frame {integer(number)} of {integer(report.framesInMovie)}
          {dose}
        </span>
        <Slider
          size={2}
          thumbSize={14}
          min={0}
          max={Math.max(1, last)}
          value={frame}
          label={null}
          thumbLabel="Frame"
          onChange={go}
        />
        <span>Magnify × {integer(magnify)}</span>
        <Slider
          size={2}
          thumbSize={14}
          min={1}
          max={100}
          value={magnify}
          label={null}
          thumbLabel="Magnify"
          onChange={(value) => setMotionView({ magnify: value })}
        />
      </div>
      <ColourKey
        from={`frame ${integer(report.frameIndices[0] + 1)}`}
        to={integer(report.frameIndices[last] + 1)}
      />
    </>
  );
}
