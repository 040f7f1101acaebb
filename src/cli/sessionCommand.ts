import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { CryoloupeError, toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { MovieHeader } from "#src/domain/movie.ts";
import { readReference } from "#src/pipeline/readReference.ts";
import type { OrientReference } from "#src/pipeline/orientGain.ts";
import { runGainProtocol } from "#src/pipeline/gainProtocol.ts";
import type { GainProtocolResult } from "#src/pipeline/gainProtocol.ts";
import { alignCommand } from "./alignCommand.ts";
import type { Command, CommandContext, CommandResult } from "./command.ts";
import { gainParameters } from "./gainOptions.ts";
import { openDefects } from "./movieCorrections.ts";
import { openMovieInput } from "./movieInput.ts";
import { openNodeFile } from "./nodeByteSource.ts";
import { openBackend } from "./openBackend.ts";
import { optionLookup } from "./optionContext.ts";
import { createProgressLine } from "./progressLine.ts";
import { openResultFolder } from "./resultFolder.ts";
import { createSessionOutputs } from "./sessionOutputs.ts";
import { readSessionParameters } from "./sessionParameters.ts";
import type { SessionParameters } from "./sessionParameters.ts";

/** `session DIR`: the whole chain over a folder of movies. */
export const sessionCommand: Command = {
  name: "session",
  operands: "DIR --out DIR",
  summary: `Runs the Movie Gain protocol over a folder of movies and aligns them: orientation of the reference,
gain, final gain, residual gain, motion, power spectra. FILE.json holds, all of it optional:
  {"gain": "reference.mrc", "defects": "defects.txt", "dark": "dark.mrc",
   "estimate": true, "orientation": true, "residual": true, "normalise": true, "movieStep": 250,
   "movies": {options that read movies}, "gainOptions": {options of gain},
   "align": {options of align} or false}
Options have the names that these commands give them: {"align": {"dose": 1.2, "even-odd": true}}. Paths
start at the folder of FILE.json.`,
  options: [
    { name: "parameters", value: "FILE.json", help: "The parameters.", fallback: "the defaults" },
    { name: "gain", value: "REF", help: "Gain reference, instead of the file's." },
    { name: "defects", value: "FILE", help: "Bad pixels, in the rows of the reference." },
    { name: "dark", value: "FILE", help: "Dark reference, subtracted before the gain." },
    {
      name: "movie-step",
      value: "N",
      help: "Look at the gain of every N-th movie, from the first.",
      fallback: "250",
    },
    { name: "out", value: "DIR", help: "Folder for the results." },
  ],
  run: runSession,
};

/** A movie that can be read. */
export interface ListedMovie {
  readonly path: string;
  readonly header: MovieHeader;
}

async function runSession(context: CommandContext): Promise<CommandResult> {
  const out = context.text("out");
  if (context.files.length !== 1 || out === undefined)
    throw new CryoloupeError("bad-arguments", "session takes one folder of movies and --out DIR.");
  const started = new Date();
  const parameters = await readSessionParameters(context);
  for (const note of parameters.notes) context.say(note);
  const movieContext: CommandContext = { ...context, ...optionLookup(parameters.movieValues) };
  // Wrong options of align are found before hours of work, not after.
  const { movies, failures, skipped } = await listMovies(
    context.files[0],
    parameters,
    movieContext,
  );
  if (movies.length === 0)
    throw new CryoloupeError(
      "not-enough-data",
      `${context.files[0]} holds no movie that can be read${failures.length > 0 ? `; ${failures.length} failed` : ""}. Movies are .mrc, .mrcs, .tif, .tiff, .eer, .dm3 and .dm4 files of at least 2 frames.`,
    );
  if (parameters.defects !== null && parameters.gain === null && movies[0].header.format === "tiff")
    throw new CryoloupeError(
      "bad-arguments",
      "The rows of a defect list for TIFF movies are those of the reference it belongs to. Give that reference with --gain, or leave out --defects.",
    );
  context.say(
    `${movies.length} movies in the order of their names, ${skipped.length} files passed over.`,
  );
  const inputs = [
    ...movies.map((m) => m.path),
    ...[parameters.gain, parameters.defects, parameters.dark].filter((p) => p !== null),
  ];
  const folder = await openResultFolder(out, inputs);
  const outputs = createSessionOutputs(folder, inputs, parameters);
  const protocol = await runProtocol(movies, parameters, movieContext, outputs);
  const aligned = await align(movies, parameters, protocol, outputs.finalGainPath(), context, out);
  const json = {
    movies: movies.length,
    skipped,
    switches: protocol.switches,
    selected: protocol.selected.map((i) => basename(movies[i].path)),
    ...outputs.summary(protocol),
    align: aligned?.json ?? null,
    failures: [
      ...failures,
      ...protocol.failures,
      ...(Array.isArray(aligned?.json.failures) ? (aligned.json.failures as unknown[]) : []),
    ],
    out: folder.path,
    seconds: Math.round((Date.now() - started.getTime()) / 100) / 10,
  };
  await outputs.writeTables(movies);
  await outputs.writeSession({ started: started.toISOString(), ...json });
  return { json, failed: json.failures.length > 0 };
}

const MOVIE_NAMES = /\.(?:mrcs?|st|tiff?|eer|dm[34])$/i;

/** Movies of a folder in natural order of their names, which is that of acquisition. */
async function listMovies(
  directory: string,
  { gain, defects, dark }: SessionParameters,
  context: CommandContext,
): Promise<{
  readonly movies: ListedMovie[];
  readonly failures: (Failure & { readonly movie: string })[];
  readonly skipped: string[];
}> {
  const names = await readdir(directory).catch((error: unknown) => {
    throw new CryoloupeError(
      "bad-arguments",
      `The folder ${directory} could not be read: ${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    );
  });
  const others = new Set([gain, defects, dark].flatMap((p) => (p === null ? [] : [resolve(p)])));
  const movies: ListedMovie[] = [];
  const failures: (Failure & { movie: string })[] = [];
  const skipped: string[] = [];
  for (const name of names.sort(new Intl.Collator("en", { numeric: true }).compare)) {
    const path = join(directory, name);
    if (others.has(resolve(path)) || !MOVIE_NAMES.test(name) || !(await stat(path)).isFile()) {
      if (!others.has(resolve(path))) skipped.push(name);
      continue;
    }
    try {
      const reader = await openMovieInput(path, context);
      await reader.close();
      if (reader.header.frames < 2) skipped.push(name);
      else movies.push({ path, header: reader.header });
    } catch (error) {
      const failure = toFailure(error, { file: name });
      if (failure.code === "cancelled" || failure.code === "bad-arguments") throw error;
      context.say(`${name} failed: ${failure.message} [${failure.code}]`);
      failures.push({ ...failure, movie: name });
    }
  }
  return { movies, failures, skipped };
}

async function runProtocol(
  movies: readonly ListedMovie[],
  parameters: SessionParameters,
  context: CommandContext,
  outputs: ReturnType<typeof createSessionOutputs>,
): Promise<GainProtocolResult> {
  const method = gainParameters({ ...context, ...optionLookup(parameters.gainValues) });
  const reference = await openReference(parameters, context);
  const { defects } = parameters;
  const maskOf = defects === null ? null : await openDefects(defects, context);
  const backend = await openBackend(context.backendChoice);
  try {
    context.say(`${backend.info.name}: ${backend.info.reason}`);
    return await runGainProtocol(
      {
        movies: movies.map(({ path }) => ({
          name: basename(path),
          open: () => openMovieInput(path, context),
        })),
        movieStep: parameters.movieStep,
        reference,
        ...(maskOf === null
          ? {}
          : {
              badPixels: ({ width, height, format }) => {
                const bad = Uint8Array.from(maskOf(width, height, format === "tiff"));
                const correction = Float32Array.from(bad, (b) => 1 - b);
                return Promise.resolve({ width, height, bad, correction });
              },
            }),
        switches: parameters.switches,
        parameters: method,
      },
      {
        backend,
        signal: context.signal,
        log: context.say,
        onProgress: createProgressLine(context.say, "gain"),
      },
      outputs.hooks(backend, reference),
    );
  } finally {
    await backend.dispose();
  }
}

/** The reference with the defects of the list among its bad pixels. */
async function openReference(
  { gain, defects }: SessionParameters,
  context: CommandContext,
): Promise<OrientReference | null> {
  if (gain === null) return null;
  const reference = await readReference(await openNodeFile(gain), { signal: context.signal });
  if (defects === null) return reference;
  const maskOf = await openDefects(defects, context);
  const mask = maskOf(reference.width, reference.height, /\.tiff?$/i.test(gain));
  return { ...reference, bad: Uint8Array.from(mask, (v, i) => v | (reference.bad?.[i] ?? 0)) };
}

/** Motion and power spectra of every movie, with the final gain. */
async function align(
  movies: readonly ListedMovie[],
  parameters: SessionParameters,
  { final }: GainProtocolResult,
  finalGainPath: string,
  context: CommandContext,
  out: string,
): Promise<CommandResult | null> {
  if (parameters.alignValues === null) return null;
  const values = new Map([...parameters.movieValues, ...parameters.alignValues]);
  values.set("out", join(out, "aligned"));
  if (final !== null) values.set("gain", finalGainPath);
  // With a reference its defects are among the bad pixels of the final gain.
  if (parameters.defects !== null && parameters.gain === null)
    values.set("defects", parameters.defects);
  if (parameters.dark !== null) values.set("dark", parameters.dark);
  return await alignCommand.run({
    ...context,
    ...optionLookup(values),
    files: movies.map((m) => m.path),
  });
}
