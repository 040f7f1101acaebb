import type { Float32Pixels } from "#src/domain/movie.ts";
import type { MovieSpectra, PowerSpectrum, SpectrumKind } from "#src/domain/powerSpectrum.ts";
import { spectrumJob } from "#src/compute/spectrumJob.ts";
import { spectrumCurve } from "#src/math/powerSpectrum.ts";
import type { StepContext } from "./stepContext.ts";

export interface SpectraRequest {
  /** Plain sum and corrected micrograph, `[height, width]`, same scale. */
  readonly before: Float32Pixels;
  readonly after: Float32Pixels;
  readonly width: number;
  readonly height: number;
  readonly pixelSizeA: number | null;
}

/** Power spectra before and after the correction, FlexAlign's and ours for reading, with radial curves. */
export async function computeSpectra(
  request: SpectraRequest,
  { backend, signal, onProgress }: StepContext,
): Promise<MovieSpectra> {
  const { width, height, pixelSizeA } = request;
  const job = await backend.pool.open(spectrumJob, null);
  let done = 0;
  const make = async (kind: SpectrumKind, source: Float32Pixels): Promise<PowerSpectrum> => {
    const image = source.slice();
    const { values, size, pieces } = await job.run(
      { kind, image, width, height },
      { transfer: [image.buffer], ...(signal === undefined ? {} : { signal }) },
    );
    onProgress?.({ step: "Power spectra", done: ++done, total: 4 });
    return { kind, size, values, pieces, pixelSizeA };
  };
  try {
    const [a, b, c, d] = await Promise.all([
      make("protocol", request.before),
      make("protocol", request.after),
      make("reading", request.before),
      make("reading", request.after),
    ]);
    const pair = (before: PowerSpectrum, after: PowerSpectrum): MovieSpectra["protocol"] => ({
      before,
      after,
      radialBefore: spectrumCurve(before.values, before.size),
      radialAfter: spectrumCurve(after.values, after.size),
    });
    return { protocol: pair(a, b), reading: pair(c, d) };
  } finally {
    job.close();
  }
}
