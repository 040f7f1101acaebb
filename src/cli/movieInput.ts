import { openMovie } from "#src/formats/openMovie.ts";
import type { OpenOptions } from "#src/formats/openOptions.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { CommandContext, OptionSpec } from "./command.ts";
import { openNodeFile } from "./nodeByteSource.ts";

/** Options of every command that reads movies. */
export const movieOptions: readonly OptionSpec[] = [
  { name: "pixel-size", value: "Å", help: "Pixel size; overrides the header's." },
  {
    name: "eer-fractions",
    value: "N",
    help: "Frames to make of the raw frames of an EER file.",
    fallback: "about 40",
  },
];

/** Opens a movie with the options of the command line; `--pixel-size` wins over the header. */
export async function openMovieInput(path: string, context: CommandContext): Promise<MovieReader> {
  const fractions = context.number("eer-fractions");
  if (fractions !== undefined && (!Number.isInteger(fractions) || fractions < 1))
    throw new CryoloupeError("bad-arguments", "--eer-fractions needs a whole number from 1.");
  const pixelSizeA = context.number("pixel-size");
  if (pixelSizeA !== undefined && pixelSizeA <= 0)
    throw new CryoloupeError("bad-arguments", "--pixel-size needs a positive number of Å.");
  const options: OpenOptions = {
    signal: context.signal,
    ...(fractions === undefined ? {} : { eer: { fractions } }),
  };
  const source = await openNodeFile(path);
  try {
    const reader = await openMovie(source, options);
    if (pixelSizeA === undefined) return reader;
    return { ...reader, header: { ...reader.header, pixelSizeA, pixelSizeSource: "entered" } };
  } catch (error) {
    await source.close?.();
    throw error;
  }
}
