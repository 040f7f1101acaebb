import { basename, extname } from "node:path";
import { CryoloupeError, toFailure } from "#src/domain/errors.ts";
import { correctedMicrographsStar } from "#src/formats/motion/correctedMicrographsStar.ts";
import type { CorrectedRow } from "#src/formats/motion/correctedMicrographsStar.ts";
import { alignMovie } from "./alignMovie.ts";
import { alignOptions, parseAlignRequest } from "./alignOptions.ts";
import type { Command, CommandContext, CommandResult } from "./command.ts";
import { correctionOptions, openCameraCorrections } from "./movieCorrections.ts";
import { movieOperands, movieOptions } from "./movieInput.ts";
import { openBackend } from "./openBackend.ts";
import { openResultFolder } from "./resultFolder.ts";

/** `align MOVIE…`: global and local motion correction. */
export const alignCommand: Command = {
  name: "align",
  computes: true,
  operands: "MOVIE… --out DIR",
  summary: "Estimates the motion of each movie, corrects it and writes what RELION and Xmipp read.",
  options: [
    ...movieOptions,
    ...correctionOptions,
    ...alignOptions,
    {
      name: "memory",
      value: "GiB",
      help: "Memory budget. What does not fit is left out with a sentence, or refused, with both numbers.",
      fallback: "2",
    },
    { name: "out", value: "DIR", help: "Folder for the results." },
  ],
  run: runAlign,
};

async function runAlign(context: CommandContext): Promise<CommandResult> {
  const out = context.text("out");
  if (context.files.length === 0 || out === undefined)
    throw new CryoloupeError("bad-arguments", "align takes movies and --out DIR.");
  const request = parseAlignRequest(context);
  const memory = context.number("memory");
  if (memory !== undefined && !(memory > 0))
    throw new CryoloupeError("bad-arguments", "--memory is a positive number of GiB.");
  const camera = await openCameraCorrections(context);
  for (const warning of camera.warnings) context.say(warning);
  const inputs = [context.text("gain"), context.text("dark"), context.text("defects")];
  const folder = await openResultFolder(out, [
    ...context.files,
    ...inputs.flatMap((path) => (path === undefined ? [] : [path])),
  ]);
  const backend = await openBackend(
    context.backendChoice,
    1,
    memory === undefined ? undefined : memory * 2 ** 30,
  );
  const movies: unknown[] = [];
  const rows: CorrectedRow[] = [];
  const failures: unknown[] = [];
  try {
    context.say(`${backend.info.name}: ${backend.info.reason}`);
    const paths = movieOperands(context.files, context);
    const bases = uniqueBases(paths);
    for (const [i, path] of paths.entries()) {
      try {
        const { json, row } = await alignMovie(path, bases[i], {
          context,
          request,
          camera,
          folder,
          backend,
        });
        movies.push(json);
        rows.push(row);
        // After every movie, so that what is done can be used while others run.
        await folder.write("corrected_micrographs.star", correctedMicrographsStar(rows));
      } catch (error) {
        const failure = toFailure(error, { file: basename(path) });
        // Arguments that are wrong for one movie (a frame it has not) are that movie's failure.
        const general = error instanceof CryoloupeError && error.file === undefined;
        if (failure.code === "cancelled" || (failure.code === "bad-arguments" && general))
          throw error;
        context.say(`${path} failed: ${failure.message} [${failure.code}]`);
        failures.push({ ...failure, file: path });
      }
    }
  } finally {
    await backend.dispose();
  }
  return {
    json: { movies, failures, backend: backend.info.kind, out: folder.path },
    failed: failures.length > 0,
  };
}

/** Base names without extension; the second movie of a name becomes name_2. */
export function uniqueBases(paths: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return paths.map((path) => {
    const base = basename(path, extname(path));
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    return count === 1 ? base : `${base}_${count}`;
  });
}
