import { CryoloupeError } from "#src/domain/errors.ts";
import type { MovieHeader } from "#src/domain/movie.ts";
import type { Command } from "./command.ts";
import { movieOperands, movieOptions, openMovieInput } from "./movieInput.ts";

/** `info FILE…`: what the headers say. */
export const infoCommand: Command = {
  name: "info",
  computes: false,
  operands: "FILE…",
  summary: "Reads the headers of a movie or image.",
  options: movieOptions,
  async run(context) {
    if (movieOperands(context.files, context).length !== 1)
      throw new CryoloupeError(
        "bad-arguments",
        "info takes one file, or the frames of one movie with --as-one-movie.",
      );
    const reader = await openMovieInput(context.files[0], context);
    try {
      return { json: describe(reader.name, reader.size, reader.header) };
    } finally {
      await reader.close();
    }
  },
};

function describe(file: string, bytes: number, header: MovieHeader): Record<string, unknown> {
  const { fields, ...rest } = header;
  return {
    file,
    bytes,
    ...rest,
    fields: Object.fromEntries(fields.map(({ name, value }) => [name, value])),
  };
}
