import { enabledOperations } from "./preprocess.ts";
import type {
  PreprocessOperationName,
  PreprocessOperations,
  PreprocessRecipe,
} from "./preprocess.ts";

const sentences: {
  readonly [Name in PreprocessOperationName]: (
    parameters: NonNullable<PreprocessOperations[Name]>,
  ) => string;
} = {
  crop: ({ pixels }) => `Cropped ${pixels} pixels per each border.`,
  log: ({ a, b, c }) => `Formula applied: ${a} - ${b} ln(x + ${c})`,
  badPixels: ({ stddev }) => `Multiple of standard deviation to remove pixels: ${stddev}`,
  invert: () => "Contrast inverted",
  downsample: ({ factor }) => `Downsampling factor: ${factor.toFixed(2)}`,
  denoise: ({ iterations }) => `Denoising applied with ${iterations} iterations`,
  gaussian: ({ sigma }) => `Gaussian filtered with sigma=${sigma} (px)`,
  highPass: ({ cutoff }) => `Highpass filtered with cutoff=${cutoff} (1/px)`,
  lowPass: ({ cutoff }) => `Lowpass filtered with cutoff=${cutoff} (1/px)`,
  normalize: () => "Normalized to mean 0 and variance 1",
};

/** The protocol's summary: one line for each operation that is on, in order. */
export function preprocessSummary({ operations }: PreprocessRecipe): readonly string[] {
  return enabledOperations(operations).map((name) =>
    (sentences[name] as (parameters: unknown) => string)(operations[name]),
  );
}
