import type { Float32Pixels, PixelArray } from "#src/domain/movie.ts";
import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import { requireRunnable } from "#src/domain/preprocessCheck.ts";
import type { PreprocessPreview, Region } from "#src/domain/preprocessPreview.ts";
import { repairNonFinite } from "#src/math/preprocess/badPixels.ts";
import { STAGE_WORDS } from "#src/math/preprocess/plan.ts";
import type { StepContext } from "./stepContext.ts";

/** Two pictures of one field: as recorded, and after the operations. */
export interface PreviewPictures {
  readonly preview: PreprocessPreview;
  readonly before: Float32Pixels;
  readonly after: Float32Pixels;
}

/** A micrograph in memory, `[height, width]`. */
export interface PreviewSource {
  readonly width: number;
  readonly height: number;
  readonly data: PixelArray;
}

/**
 * The part of a region that cropping leaves, shifted inwards so that it keeps its size where the
 * micrograph allows.
 */
export function placeRegion(
  region: Region,
  size: { readonly width: number; readonly height: number },
  crop: number,
): Region {
  const fit = (from: number, extent: number, whole: number): readonly [number, number] => {
    const least = Math.min(extent, whole - 2 * crop);
    return [Math.round(Math.max(crop, Math.min(from, whole - crop - least))), least];
  };
  const [x, width] = fit(region.x, region.width, size.width);
  const [y, height] = fit(region.y, region.height, size.height);
  return { x, y, width, height };
}

function cut({ width, data }: PreviewSource, region: Region): Float32Pixels {
  const out = new Float32Array(region.width * region.height);
  for (let y = 0; y < region.height; y++) {
    const from = (region.y + y) * width + region.x;
    out.set(data.subarray(from, from + region.width), y * region.width);
  }
  return out;
}

/** What is known of a field from earlier previews. */
export interface KnownField {
  readonly known?: (place: Region) => Float32Pixels | undefined;
  readonly field?: (place: Region) => string;
  /** Iterations of the denoiser after which its first result is wanted; absent = all. */
  readonly enough?: number;
}

/**
 * Runs a recipe on a region alone (quick; statistics and Fourier filters see this region only), or on
 * the whole micrograph when `region` is null. Cropping only limits the field; everything else runs as
 * it will in earnest. `known` may give the picture before, where the same field was shown already; `field`
 * names it, so that what an earlier preview of this field computed can be taken again.
 */
export async function previewPreprocess(
  source: PreviewSource,
  region: Region | null,
  recipe: PreprocessRecipe,
  { backend, signal, onProgress }: StepContext,
  { known, field, enough }: KnownField = {},
): Promise<PreviewPictures> {
  const started = performance.now();
  requireRunnable(recipe, source);
  const crop = recipe.operations.crop?.pixels ?? 0;
  const whole = { x: 0, y: 0, width: source.width, height: source.height };
  const place = placeRegion(region ?? whole, source, crop);
  const shown = known?.(place);
  const recorded = cut(source, place);
  const running = backend.filters.preprocess(
    {
      pixels: shown === undefined ? recorded.slice() : recorded,
      width: place.width,
      height: place.height,
    },
    { ...recipe, operations: { ...recipe.operations, crop: null } },
    {
      ...(signal === undefined ? {} : { signal }),
      ...(field === undefined ? {} : { reuse: field(place) }),
      ...(enough === undefined ? {} : { enough }),
      onProgress: ({ stage, done: count, total }) => {
        if (stage !== "done") onProgress?.({ step: STAGE_WORDS[stage], done: count, total });
      },
    },
  );
  // While another core (or the device) works on the operations, the picture before is made here.
  if (shown === undefined) repairNonFinite(recorded, place.width, place.height);
  const { pixels: after, width, height, report } = await running;
  return {
    before: shown ?? recorded,
    after,
    preview: {
      scope: region === null ? "whole" : "region",
      region: place,
      coversAll:
        place.width === source.width - 2 * crop && place.height === source.height - 2 * crop,
      before: { width: place.width, height: place.height },
      after: { width, height },
      report,
      milliseconds: performance.now() - started,
    },
  };
}
