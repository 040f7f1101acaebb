import { openFrameFiles } from "#src/formats/openFrameFiles.ts";
import { openMovie } from "#src/formats/openMovie.ts";
import type { OpenOptions } from "#src/formats/openOptions.ts";
import type { ByteSource } from "#src/domain/byteSource.ts";
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
  {
    name: "eer-grouping",
    value: "N",
    help: "Raw frames in each frame of an EER file, instead of their number.",
  },
  {
    name: "eer-upsampling",
    value: "1|2|4",
    help: "Pixels for each sensor pixel of an EER file along an axis (2 = 8k).",
    fallback: "1",
  },
  {
    name: "bytes",
    value: "signed|unsigned",
    help: "How to read bytes of MRC mode 0.",
    fallback: "judged by header and content",
  },
  {
    name: "as-one-movie",
    help: "The files are the frames of one movie, in the order given (K2 separate frames).",
  },
];

/** The movies that the operands mean: each file, or with `--as-one-movie` the first in place of all. */
export function movieOperands(
  paths: readonly string[],
  context: CommandContext,
): readonly string[] {
  return context.flag("as-one-movie") ? paths.slice(0, 1) : paths;
}

/** A whole number from 1, or undefined when the option is not given. */
function countOption(context: CommandContext, name: string): number | undefined {
  const value = context.number(name);
  if (value !== undefined && (!Number.isInteger(value) || value < 1))
    throw new CryoloupeError("bad-arguments", `--${name} needs a whole number from 1.`);
  return value;
}

function openOptions(context: CommandContext): OpenOptions {
  const fractions = countOption(context, "eer-fractions");
  const groupSize = countOption(context, "eer-grouping");
  if (fractions !== undefined && groupSize !== undefined)
    throw new CryoloupeError(
      "bad-arguments",
      "--eer-fractions and --eer-grouping say the same in two ways; give one of them.",
    );
  const upsampling = context.number("eer-upsampling") ?? 1;
  if (upsampling !== 1 && upsampling !== 2 && upsampling !== 4)
    throw new CryoloupeError("bad-arguments", "--eer-upsampling is 1, 2 or 4.");
  const bytes = context.text("bytes");
  if (bytes !== undefined && bytes !== "signed" && bytes !== "unsigned")
    throw new CryoloupeError("bad-arguments", "--bytes is signed or unsigned.");
  return {
    signal: context.signal,
    ...(bytes === undefined ? {} : { unsignedBytes: bytes === "unsigned" }),
    eer: {
      upsampling,
      ...(fractions === undefined ? {} : { fractions }),
      ...(groupSize === undefined ? {} : { groupSize }),
    },
  };
}

/**
 * Opens a movie with the options of the command line; `--pixel-size` wins over the header. With
 * `--as-one-movie` every operand is opened as the frames of one movie.
 */
export async function openMovieInput(path: string, context: CommandContext): Promise<MovieReader> {
  const pixelSizeA = context.number("pixel-size");
  if (pixelSizeA !== undefined && pixelSizeA <= 0)
    throw new CryoloupeError("bad-arguments", "--pixel-size needs a positive number of Å.");
  const options = openOptions(context);
  const paths = context.flag("as-one-movie") ? context.files : [path];
  const sources: ByteSource[] = [];
  try {
    for (const each of paths) sources.push(await openNodeFile(each));
    const reader =
      sources.length === 1
        ? await openMovie(sources[0], options)
        : await openFrameFiles(sources, options);
    if (pixelSizeA === undefined) return reader;
    return { ...reader, header: { ...reader.header, pixelSizeA, pixelSizeSource: "entered" } };
  } catch (error) {
    for (const source of sources) await source.close?.();
    throw error;
  }
}
