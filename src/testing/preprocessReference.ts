import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { parsePreprocessRecipe } from "#src/domain/preprocessCheck.ts";
import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import { imageStatistics } from "#src/math/preprocess/imageStatistics.ts";
import { sharedPath } from "./sharedData.ts";

/** What Xmipp 3.25.06 wrote for one recipe: sampled pixels, and all of them where ../shared lies. */
export interface ReferenceCase {
  readonly name: string;
  readonly recipe: PreprocessRecipe;
  readonly width: number;
  readonly height: number;
  /** Standard deviation of the whole result: the unit of the tolerances. */
  readonly std: number;
  readonly places: readonly number[];
  readonly values: readonly number[];
  readonly denoised: boolean;
}

const fixtures = join(import.meta.dirname, "fixtures/preprocess");
const SHARED = "reference/preprocess";

const band = { cutoff: 0.02, transition: 0.01 };
const low = { cutoff: 0.2, transition: 0.02 };

/** Xmipp 3.25.06 on a CPU: `xmipp_transform_window --crop 10` (5 px a side), `xmipp_transform_filter --log`,
 * `--bad_pixels outliers 5`, `--denoiseTV --maxIterTV 50`, `--fourier real_gaussian|high_pass|low_pass`,
 * `xmipp_transform_downsample --method fourier`, `xmipp_transform_normalize --method OldXmipp`. */
const recipes: Readonly<Record<string, Record<string, unknown>>> = {
  crop_10: { crop: { pixels: 5 } },
  log_default: { log: {} },
  badpixels_5: { badPixels: { stddev: 5 } },
  invert: { invert: {} },
  downsample_2: { downsample: { factor: 2 } },
  "downsample_1.6": { downsample: { factor: 1.6 } },
  denoise_50_after_badpixels: { badPixels: {}, denoise: { iterations: 50 } },
  gaussian_2_after_badpixels: { badPixels: {}, gaussian: { sigma: 2 } },
  "highpass_0.02_0.01_after_badpixels": { badPixels: {}, highPass: band },
  "lowpass_0.2_0.02_after_badpixels": { badPixels: {}, lowPass: low },
  normalize: { normalize: {} },
  all_but_log: {
    crop: { pixels: 5 },
    badPixels: {},
    invert: {},
    downsample: {},
    denoise: {},
    gaussian: {},
    highPass: band,
    lowPass: low,
    normalize: {},
  },
};

type Sampled = Pick<ReferenceCase, "width" | "height" | "std" | "places" | "values">;

export const referenceCases: readonly ReferenceCase[] = Object.entries(
  JSON.parse(readFileSync(join(fixtures, "expected.json"), "utf8")) as Record<string, Sampled>,
).map(([name, sampled]) => ({
  name,
  ...sampled,
  recipe: parsePreprocessRecipe({ ...recipes[name], parity: "xmipp" }),
  denoised: "denoise" in recipes[name],
}));

/** The synthetic micrograph of the cases, 200 rows of 320, with 25 outliers. */
export function referenceMicrograph(): {
  readonly pixels: Float32Pixels;
  readonly width: number;
  readonly height: number;
} {
  return readFloatMrc(join(fixtures, "mic.mrc"));
}

/** All pixels of a case, where ../shared is there. */
export function wholeReference(name: string): Float32Pixels | null {
  const path = sharedPath(`${SHARED}/${name}.mrc`);
  return path === null ? null : readFloatMrc(path).pixels;
}

function readFloatMrc(path: string): { pixels: Float32Pixels; width: number; height: number } {
  const bytes = readFileSync(path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const width = view.getInt32(0, true);
  const height = view.getInt32(4, true);
  const start = bytes.byteOffset + 1024 + view.getInt32(92, true);
  const content = bytes.buffer.slice(start, start + 4 * width * height);
  return { pixels: new Float32Array(content), width, height };
}

/** Differences in units of the expected standard deviation. */
export function deviations(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  std = imageStatistics(expected).std,
): { readonly max: number; readonly rms: number } {
  let max = 0;
  let squares = 0;
  for (let i = 0; i < expected.length; i++) {
    const d = Math.abs(found[i] - expected[i]) / std;
    // A NaN never passes for agreement.
    if (!(d <= max)) max = d;
    squares += d * d;
  }
  return { max, rms: Math.sqrt(squares / expected.length) };
}
