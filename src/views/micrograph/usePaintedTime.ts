import { useCallback, useRef } from "react";
import { pictureId } from "#src/domain/picture.ts";
import type { ShownPreview } from "#src/state/micrographSlice.ts";

/** Name of the measures, in the browser's performance timeline. */
export const PREVIEW_MEASURE = "micrograph preview";

/**
 * Measures how long a preview took from the user's act to the frame with its picture: one entry of
 * `performance.getEntriesByName("micrograph preview")` for each, with what was computing and what was left of the
 * denoiser. The callback is called with the id of the picture that a canvas has just drawn.
 */
export function usePaintedTime(shown: ShownPreview): (id: string) => void {
  const measured = useRef("");
  return useCallback(
    (id: string) => {
      const { preview, missingIterations, askedAt } = shown;
      if (id === measured.current || id !== pictureId({ kind: "stored", id: preview.afterId }))
        return;
      measured.current = id;
      const detail = { missingIterations, computingMs: preview.milliseconds };
      requestAnimationFrame(() => {
        // This task runs behind the painting of the frame.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          performance.measure(PREVIEW_MEASURE, { start: askedAt, end: performance.now(), detail });
          port1.close();
        };
        port2.postMessage(null);
      });
    },
    [shown],
  );
}
