import { halfWidth } from "#src/math/fft.ts";
import { filterResponse } from "#src/math/preprocess/fourierFilter.ts";
import type { PreprocessStage } from "#src/math/preprocess/plan.ts";
import { fourierRange } from "#src/math/preprocess/runStages.ts";
import type { GpuContext } from "./device.ts";
import { gpuRealFft2 } from "./gpuFourier.ts";
import { gpuStatistics, submitWork, withBuffers } from "./gpuImage.ts";
import { createFilterSpectrum } from "./kernels/filterSpectrum.ts";
import { createScaleOffset } from "./kernels/scaleOffset.ts";

/**
 * Downsampling and filters in one transform, the twin of `filterImage` in
 * src/math/preprocess/runStages.ts: the mean is taken off before and put back after.
 * @param pixels [from.height, from.width]; changed
 * @returns a new buffer [to.height, to.width]
 */
export async function filterOnDevice(
  gpu: GpuContext,
  pixels: GPUBuffer,
  { from, to, filter }: Omit<PreprocessStage & { readonly kind: "fourier" }, "kind">,
): Promise<GPUBuffer> {
  const count = from.width * from.height;
  const small = to.width * to.height;
  const { mean, min, max } = await gpuStatistics(gpu, pixels, count);
  const range = fourierRange(mean, min, max);
  const [scaler, kernel, there, back] = await Promise.all([
    createScaleOffset(gpu),
    createFilterSpectrum(gpu),
    gpuRealFft2(gpu, from),
    gpuRealFft2(gpu, to),
  ]);
  const columns = halfWidth(to.width);
  const result = await gpu.buffers.acquire(4 * small, "filtered micrograph");
  try {
    await withBuffers(
      gpu,
      [
        [back.spectrumBytes(columns), "filtered spectrum"],
        [back.spectrumBytes(columns), "filtered spectrum"],
      ],
      async (filtered, spare) => {
        await withBuffers(
          gpu,
          [
            [there.pairsBytes, "rows"],
            [there.pairsBytes, "rows"],
            [there.spectrumBytes(columns), "spectrum"],
            [there.spectrumBytes(columns), "spectrum"],
          ],
          async (pairsA, pairsB, spectrumA, spectrumB) =>
            await submitWork(gpu, "a Fourier filter", (encoder) => {
              scaler.encode(encoder, { pixels, count, scale: 1 / range, offset: -mean / range });
              const spectrum = there.encodeForward(
                encoder,
                { image: pixels, pairs: [pairsA, pairsB], spectra: [spectrumA, spectrumB] },
                columns,
              );
              kernel.encode(encoder, {
                ...{ spectrum, filtered, fromColumns: columns, from, to, filter },
                scale: small / count,
              });
            }),
        );
        await withBuffers(
          gpu,
          [
            [back.pairsBytes, "rows"],
            [back.pairsBytes, "rows"],
          ],
          async (pairsA, pairsB) =>
            await submitWork(gpu, "a Fourier filter", (encoder) => {
              back.encodeInverse(encoder, {
                image: result,
                pairs: [pairsA, pairsB],
                spectra: [filtered, spare],
              });
              const zero = filter === null ? 1 : filterResponse(filter, 0);
              scaler.encode(encoder, {
                ...{ pixels: result, count: small, scale: range, offset: mean * zero },
              });
            }),
        );
      },
    );
    return result;
  } catch (error) {
    gpu.buffers.release(result);
    throw error;
  }
}
