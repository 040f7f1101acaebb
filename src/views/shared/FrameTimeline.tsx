import { Button, Slider } from "@mantine/core";
import { useEffect } from "react";
import { useActions, useAppState } from "../AppContext.tsx";
import { Icon } from "./Icon.tsx";
import { integer } from "./format.ts";
import { useShortcuts } from "./useShortcuts.ts";

const FRAMES_PER_SECOND = 12;

/** Frame scrubber and play; frames count from 1 on screen. Play stops at the last frame. */
export function FrameTimeline({ frames, label }: { frames: number; label: string }) {
  const frame = useAppState((s) => Math.min(s.view.frame, frames - 1));
  const playing = useAppState((s) => s.view.playing);
  const { setView } = useActions();
  const go = (next: number): void =>
    setView({ frame: Math.max(0, Math.min(frames - 1, next)), playing: false });
  useShortcuts({
    ArrowLeft: () => go(frame - 1),
    ArrowRight: () => go(frame + 1),
    Home: () => go(0),
    End: () => go(frames - 1),
    p: () => setView({ playing: !playing, ...(frame === frames - 1 ? { frame: 0 } : {}) }),
  });
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setTimeout(
      () => setView(frame + 1 < frames ? { frame: frame + 1 } : { playing: false }),
      1000 / FRAMES_PER_SECOND,
    );
    return () => clearTimeout(timer);
  }, [playing, frame, frames, setView]);
  return (
    <div className="timeline">
      <Button
        variant="default"
        leftSection={<Icon name={playing ? "pause" : "play"} />}
        onClick={() =>
          setView({ playing: !playing, ...(frame === frames - 1 && !playing ? { frame: 0 } : {}) })
        }
      >
        {playing ? "Pause" : "Play"}
      </Button>
      <span className="timeline-label">
        {label} {integer(frame + 1)} of {integer(frames)}
      </span>
      <Slider
        className="timeline-slider"
        size={2}
        thumbSize={14}
        min={1}
        max={frames}
        value={frame + 1}
        label={null}
        thumbLabel={label}
        onChange={(value) => go(value - 1)}
      />
    </div>
  );
}
