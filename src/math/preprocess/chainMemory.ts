import type { Float32Pixels } from "#src/domain/movie.ts";
import type { DenoiseReport } from "#src/domain/preprocess.ts";
import type { Denoiser } from "./denoise.ts";
import type { ImageSize } from "./fourierFilter.ts";

/** An image between two stages, with what was found on the way to it. */
export interface ChainState {
  readonly image: Float32Pixels;
  readonly size: ImageSize;
  readonly nonFinitePixels: number;
  readonly undefinedLogarithms: number | null;
  readonly badPixels: number | null;
  readonly denoise: DenoiseReport | null;
}

/** A half-spectrum with the mean taken off: pixel = mean + range · inverse(coefficients). */
export interface CentredSpectrum {
  readonly mean: number;
  readonly range: number;
  readonly coefficients: Float32Pixels;
}

/**
 * What chains over the same pixels leave for the next one, for a preview in which one number changes at a time:
 * the images between stages, the spectra that filters started from, a denoiser that can go on. Everything is
 * named by the words of the stages before it (`trail`), so that nothing is taken that was made in another way.
 * Results are the same numbers as without memory. It holds one field at a time.
 */
export interface ChainMemory {
  /** Begins a chain over the pixels named `key`; another key forgets all. Returns the chain's number. */
  begin(key: string): number;
  /** Whether no other chain has begun since. */
  isLatest(chain: number): boolean;
  image(trail: string): ChainState | null;
  keepImage(trail: string, state: ChainState): void;
  /** Drops what lies on no trail that `trails` names. */
  keepOnly(trails: ReadonlySet<string>): void;
  spectrum(trail: string): CentredSpectrum | null;
  keepSpectrum(trail: string, spectrum: CentredSpectrum): void;
  /** Iterations that the denoiser at this place has done; 0 = there is none. */
  iterationsAt(trail: string): number;
  /** Hands the denoiser over: it is no longer remembered. */
  takeDenoiser(trail: string): Denoiser | null;
  keepDenoiser(trail: string, denoiser: Denoiser): void;
}

export function createChainMemory(): ChainMemory {
  let held = "";
  let latest = 0;
  const images = new Map<string, ChainState>();
  const spectra = new Map<string, CentredSpectrum>();
  let denoiser: { readonly trail: string; readonly denoiser: Denoiser } | null = null;
  return {
    begin: (key) => {
      if (key !== held) {
        images.clear();
        spectra.clear();
        denoiser = null;
        held = key;
      }
      return ++latest;
    },
    isLatest: (chain) => chain === latest,
    image: (trail) => images.get(trail) ?? null,
    keepImage: (trail, state) => void images.set(trail, state),
    keepOnly: (trails) => {
      for (const map of [images, spectra])
        for (const trail of map.keys()) if (!trails.has(trail)) map.delete(trail);
      if (denoiser !== null && !trails.has(denoiser.trail)) denoiser = null;
    },
    spectrum: (trail) => spectra.get(trail) ?? null,
    keepSpectrum: (trail, spectrum) => void spectra.set(trail, spectrum),
    iterationsAt: (trail) =>
      denoiser?.trail === trail ? denoiser.denoiser.report().iterations : 0,
    takeDenoiser: (trail) => {
      if (denoiser?.trail !== trail) return null;
      const taken = denoiser.denoiser;
      denoiser = null;
      return taken;
    },
    keepDenoiser: (trail, one) => {
      denoiser = { trail, denoiser: one };
    },
  };
}
