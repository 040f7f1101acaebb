import { CryoloupeError } from "#src/domain/errors.ts";
import type { Command, CommandContext, CommandResult } from "./command.ts";
import { runSession } from "./session/runSession.ts";
import { readSessionParameters } from "./session/sessionParameters.ts";
import { watchOptions } from "./watchPaths.ts";

/** `session DIR`: the whole chain over a folder of movies. */
export const sessionCommand: Command = {
  name: "session",
  operands: "DIR --out DIR",
  summary:
    "Runs the whole chain over a folder of movies: pose of the reference, gain, motion, spectra.",
  computes: true,
  details: `The steps are those of the Movie Gain protocol: orientation of the reference, gain, final gain,
residual gain; then motion and power spectra; on request also the operations on micrographs and
the defocus-balanced sample. Started again with the same folders it goes on where it stopped: what is done
with the same parameters stays. Without a reference the movies are aligned as they are; the estimated gain
is written, and applied only with "applyEstimate". FILE.json holds, all of it optional:
  {"gain": "reference.mrc", "defects": "defects.txt", "dark": "dark.mrc",
   "estimate": true, "orientation": true, "residual": true, "normalise": true, "movieStep": 250,
   "applyEstimate": false,
   "movies": {options that read movies}, "gainOptions": {options of gain},
   "align": {options of align} or false, "preprocess": {operations as in preprocess --ops},
   "ctf": "table.star", "sample": {options of sample}, "minimumForSampling": 100,
   "thresholds": {"driftA": {"high": 25}}, "combine": "any"}
Options have the names that these commands give them: {"align": {"dose": 1.2, "even-odd": true}}. Paths
start at the folder of FILE.json; thresholds are on the columns of movies.csv.`,
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
    ...watchOptions,
    {
      name: "jobs",
      value: "N",
      help: "Movies at a time; they share the cores and each holds its own memory.",
      fallback: "1",
    },
    { name: "json-lines", help: "A line of JSON on standard output for everything that happens." },
    { name: "restart", help: "Do everything again, whatever an earlier run has left." },
    {
      name: "no-hashes",
      help: "Leave the SHA-256 of the inputs out of session.json and report: each is read once more for it.",
    },
    { name: "out", value: "DIR", help: "Folder for the results." },
  ],
  run: async (context: CommandContext): Promise<CommandResult> => {
    const out = context.text("out");
    if (context.files.length !== 1 || out === undefined)
      throw new CryoloupeError(
        "bad-arguments",
        "session takes one folder of movies and --out DIR.",
      );
    const jobs = context.number("jobs") ?? 1;
    if (!Number.isInteger(jobs) || jobs < 1 || jobs > 64)
      throw new CryoloupeError("bad-arguments", "--jobs is a whole number from 1 to 64.");
    const parameters = await readSessionParameters(context);
    for (const note of parameters.notes) context.say(note);
    const { emit, ...quiet } = context;
    const told: CommandContext =
      context.flag("json-lines") && emit !== undefined ? { ...quiet, emit } : quiet;
    return await runSession(
      {
        directory: context.files[0],
        out,
        parameters,
        watch: context.flag("watch"),
        jobs,
        restart: context.flag("restart"),
        hashes: !context.flag("no-hashes"),
      },
      told,
    );
  },
};
