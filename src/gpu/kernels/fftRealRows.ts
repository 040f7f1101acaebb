import code from "#shaders/fftRealRows.wgsl?raw";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { GpuContext } from "../device.ts";
import { createKernel, gridOf } from "../kernel.ts";

const STAGES = { pack: 0, split: 1, join: 2, unpack: 3 } as const;

export interface FftRealRows {
  /** Real rows to pairs and back, half spectra from pairs and back; twin: src/math/realFft2.ts. */
  encode(
    encoder: GPUCommandEncoder,
    args: {
      readonly stage: keyof typeof STAGES;
      readonly width: number;
      readonly height: number;
      /** Columns of the half spectrum. */
      readonly columns: number;
      /** `[height, width]` floats; null where the stage does not use it. */
      readonly image: GPUBuffer | null;
      readonly pairs: GPUBuffer;
      /** `[height, columns]` complex; null where the stage does not use it. */
      readonly spectrum: GPUBuffer | null;
    },
  ): void;
}

export async function createFftRealRows(gpu: GpuContext): Promise<FftRealRows> {
  const kernel = await createKernel(gpu, { label: "fftRealRows", code });
  // A binding may not be absent nor the same writable buffer twice: small ones stand in.
  const none = [0, 1].map((i) =>
    gpu.device.createBuffer({
      label: `fftRealRows unused ${i}`,
      size: 16,
      usage: GPUBufferUsage.STORAGE,
    }),
  );
  return {
    encode: (encoder, { stage, width, height, columns, image, pairs, spectrum }) => {
      const pairCount = Math.ceil(height / 2);
      if (
        (image?.size ?? Infinity) < 4 * width * height ||
        (spectrum?.size ?? Infinity) < 8 * columns * height ||
        pairs.size < 8 * pairCount * width
      )
        throw new CryoloupeError(
          "internal",
          `fftRealRows: a buffer is too small for ${width} × ${height}.`,
        );
      const length = stage === "pack" || stage === "unpack" ? width : columns;
      kernel.encode(encoder, {
        uniforms: { stage: STAGES[stage], width, height, columns },
        buffers: { real: image ?? none[0], pairs, spectrum: spectrum ?? none[1] },
        groups: gridOf(Math.ceil((pairCount * length) / 64)),
      });
    },
  };
}
