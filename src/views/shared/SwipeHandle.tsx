import type { KeyboardEvent, PointerEvent } from "react";

/** The line between two pictures, moved by drag or ← →. */
export function SwipeHandle({
  width,
  split,
  onChange,
}: {
  width: number;
  split: number;
  onChange: (split: number) => void;
}) {
  return (
    <div
      className="swipe-handle"
      style={{ left: width * split - 15 }}
      role="slider"
      tabIndex={0}
      aria-label="Swipe"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * split)}
      aria-valuetext={`${Math.round(100 * split)} % left picture`}
      onPointerDown={(event: PointerEvent<HTMLDivElement>) =>
        event.currentTarget.setPointerCapture(event.pointerId)
      }
      onPointerMove={(event: PointerEvent<HTMLDivElement>) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        onChange(Math.max(0, Math.min(1, split + event.movementX / width)));
      }}
      onKeyDown={(event: KeyboardEvent) => {
        const step = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        onChange(Math.max(0, Math.min(1, split + step)));
      }}
    >
      <svg width="30" height="30" viewBox="-15 -15 30 30" aria-hidden>
        <circle r="14" fill="#fff" stroke="#000" strokeOpacity=".3" />
        <path d="M-3 -5l-5 5 5 5M3 -5l5 5-5 5" fill="none" stroke="#161b22" strokeWidth="1.600" />
      </svg>
    </div>
  );
}
