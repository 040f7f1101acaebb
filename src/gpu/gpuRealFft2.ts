import { halfWidth } from "#src/math/fft.ts";
import type { GpuContext } from "./device.ts";
import { gpuFft } from "./gpuFft.ts";
import { createFftRealRows } from "./kernels/fftRealRows.ts";

/** Real 2-D FFT of one size on the device; conventions and twin: src/math/realFft2.ts. */
export interface GpuRealFft2 {
  readonly width: number;
  readonly height: number;
  /** Bytes that `pairs`, and each of the spectra of `columns` columns, need. */
  readonly pairsBytes: number;
  spectrumBytes(columns: number): number;
  /**
   * Half spectrum of `image`, its first `columns` columns only (default all), by way of two buffers of
   * `pairsBytes` and two of `spectrumBytes`; returns that of `spectra` which holds it.
   */
  encodeForward(encoder: GPUCommandEncoder, buffers: RealFft2Buffers, columns?: number): GPUBuffer;
  /** Image from the half spectrum in `spectra[0]`, whose contents are lost. */
  encodeInverse(encoder: GPUCommandEncoder, buffers: RealFft2Buffers): void;
}

export interface RealFft2Buffers {
  readonly image: GPUBuffer;
  readonly pairs: readonly [GPUBuffer, GPUBuffer];
  readonly spectra: readonly [GPUBuffer, GPUBuffer];
}

export async function createGpuRealFft2(
  gpu: GpuContext,
  width: number,
  height: number,
): Promise<GpuRealFft2> {
  const [alongRows, alongColumns, rows] = await Promise.all([
    gpuFft(gpu, width),
    gpuFft(gpu, height),
    createFftRealRows(gpu),
  ]);
  const all = halfWidth(width);
  const rowBatch = {
    batch: Math.ceil(height / 2),
    firstBatch: 0,
    batchStride: width,
    elementStride: 1,
  };
  const size = { width, height };
  return {
    width,
    height,
    pairsBytes: 8 * width * rowBatch.batch,
    spectrumBytes: (columns) => 8 * columns * height,
    encodeForward: (encoder, { image, pairs, spectra }, columns = all) => {
      const columnBatch = { batch: columns, firstBatch: 0, batchStride: 1, elementStride: columns };
      const [a, b] = pairs;
      rows.encode(encoder, { ...size, stage: "pack", columns, image, pairs: a, spectrum: null });
      const z = alongRows.encode(encoder, { ...rowBatch, data: a, spare: b, inverse: false });
      const [data, spare] = spectra;
      rows.encode(encoder, {
        ...size,
        stage: "split",
        columns,
        image: null,
        pairs: z,
        spectrum: data,
      });
      return alongColumns.encode(encoder, { ...columnBatch, data, spare, inverse: false });
    },
    encodeInverse: (encoder, { image, pairs, spectra }) => {
      const columnBatch = { batch: all, firstBatch: 0, batchStride: 1, elementStride: all };
      const [data, spare] = spectra;
      const spectrum = alongColumns.encode(encoder, { ...columnBatch, data, spare, inverse: true });
      const [a, b] = pairs;
      rows.encode(encoder, {
        ...size,
        stage: "join",
        columns: all,
        image: null,
        pairs: a,
        spectrum,
      });
      const z = alongRows.encode(encoder, { ...rowBatch, data: a, spare: b, inverse: true });
      rows.encode(encoder, {
        ...size,
        stage: "unpack",
        columns: all,
        image,
        pairs: z,
        spectrum: null,
      });
    },
  };
}
