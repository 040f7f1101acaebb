import type { Float32Pixels } from "#src/domain/movie.ts";
import type { SpectrumKind } from "#src/domain/powerSpectrum.ts";
import { protocolSpectrum, readingSpectrum } from "#src/math/powerSpectrum.ts";
import type { SpectrumSum } from "#src/math/powerSpectrum.ts";
import type { JobDefinition } from "./pool.ts";

export interface SpectrumTask {
  readonly kind: SpectrumKind;
  readonly image: Float32Pixels;
  readonly width: number;
  readonly height: number;
}

/** Power spectra of micrographs; keeps nothing. */
export const spectrumJob: JobDefinition<null, SpectrumTask, SpectrumSum, null> = {
  name: "spectrum",
  create: () => ({
    run: ({ kind, image, width, height }) => {
      const make = kind === "protocol" ? protocolSpectrum : readingSpectrum;
      const value = make(image, width, height);
      return { value, transfer: [value.values.buffer] };
    },
    finish: () => ({ value: null }),
  }),
};
