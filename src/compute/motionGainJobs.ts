import type { EncodedFrame, Float32Pixels } from "#src/domain/movie.ts";
import { decodeFrame } from "#src/formats/decodeFrame.ts";
import { createMotionWarper } from "#src/math/motionGain/warper.ts";
import type { CanvasPlace } from "#src/math/motionGain/warper.ts";
import { fillBadPixels } from "#src/math/motionGain/fillBadPixels.ts";
import type { JobDefinition } from "./pool.ts";

/** A frame of a movie and which half it belongs to: 0 for frames 0, 2, 4 …, 1 for the others. */
export interface HalfFrame {
  readonly frame: EncodedFrame;
  readonly half: 0 | 1;
}

export interface HalfSums {
  /** Σ R_t / mean(R_t) over each half, `[height, width]`. */
  readonly relative: readonly [Float32Pixels, Float32Pixels];
  /** Σ R_t over all frames. */
  readonly total: Float32Pixels;
  /** Σ (R_t / mean(R_t))² and the largest of these, over all frames: how a pixel changes over time. */
  readonly squares: Float32Pixels;
  readonly largest: Float32Pixels;
}

/** Sums of frames divided by their own mean, odd and even apart; each task answers the frame's mean. */
export const halfSumsJob: JobDefinition<{ readonly pixels: number }, HalfFrame, number, HalfSums> =
  {
    name: "halfSums",
    create: ({ pixels }) => {
      const relative: [Float32Pixels, Float32Pixels] = [
        new Float32Array(pixels),
        new Float32Array(pixels),
      ];
      const total = new Float32Array(pixels);
      const squares = new Float32Array(pixels);
      const largest = new Float32Array(pixels);
      return {
        run: async ({ frame, half }) => {
          const raw = await decodeFrame(frame);
          let sum = 0;
          for (let i = 0; i < pixels; i++) sum += raw[i];
          const mean = sum / pixels;
          const scale = mean !== 0 ? 1 / mean : 0;
          const target = relative[half];
          for (let i = 0; i < pixels; i++) {
            total[i] += raw[i];
            const r = raw[i] * scale;
            target[i] += r;
            squares[i] += r * r;
            if (r > largest[i]) largest[i] = r;
          }
          return { value: mean };
        },
        finish: () => ({
          value: { relative, total, squares, largest },
          transfer: [...relative, total, squares, largest].map((a) => a.buffer),
        }),
      };
    },
  };

export interface AlignTask extends HalfFrame {
  /** Position of the frame in the field's `frameIndices`. */
  readonly position: number;
  /** 1 / mean(R_t). */
  readonly scale: number;
}

/** Σ of warped frames and how many frames saw each place, for each half; canvas size. */
export interface AlignedSums {
  readonly sum: readonly [Float32Pixels, Float32Pixels];
  readonly seen: readonly [Uint16Array<ArrayBuffer>, Uint16Array<ArrayBuffer>];
}

/** Averages of the aligned specimen: frames corrected by `correction`, minus 1, moved back. */
export const alignedAverageJob: JobDefinition<
  CanvasPlace & { readonly correction: Float32Pixels; readonly bad: Uint8Array<ArrayBuffer> },
  AlignTask,
  null,
  AlignedSums
> = {
  name: "alignedAverage",
  create: (init) => {
    const { width, height, correction, bad } = init;
    const warper = createMotionWarper(init);
    const size = init.canvasWidth * init.canvasHeight;
    const sum: [Float32Pixels, Float32Pixels] = [new Float32Array(size), new Float32Array(size)];
    const seen: [Uint16Array<ArrayBuffer>, Uint16Array<ArrayBuffer>] = [
      new Uint16Array(size),
      new Uint16Array(size),
    ];
    const relative = new Float32Array(width * height);
    return {
      run: async ({ frame, half, position, scale }) => {
        const raw = await decodeFrame(frame);
        for (let i = 0; i < relative.length; i++) relative[i] = raw[i] * scale * correction[i] - 1;
        fillBadPixels(relative, bad, width, height);
        warper.addToCanvas(relative, position, sum[half], seen[half]);
        return { value: null };
      },
      finish: () => ({
        value: { sum, seen },
        transfer: [sum[0].buffer, sum[1].buffer, seen[0].buffer, seen[1].buffer],
      }),
    };
  },
};

/** The specimen's prediction P_t, summed over each half; `canvas` holds B-spline coefficients. */
export const predictSpecimenJob: JobDefinition<
  CanvasPlace & { readonly canvas: Float32Pixels },
  { readonly position: number; readonly half: 0 | 1 },
  null,
  readonly [Float32Pixels, Float32Pixels]
> = {
  name: "predictSpecimen",
  create: (init) => {
    const { width, height, canvas } = init;
    const warper = createMotionWarper(init);
    const sums: [Float32Pixels, Float32Pixels] = [
      new Float32Array(width * height),
      new Float32Array(width * height),
    ];
    return {
      run: ({ position, half }) => {
        warper.addPrediction(canvas, position, sums[half]);
        return { value: null };
      },
      finish: () => ({ value: sums, transfer: [sums[0].buffer, sums[1].buffer] }),
    };
  },
};
