import { CryoloupeError, toFailure } from "#src/domain/errors.ts";
import type { BackendKind, ComputeBackend } from "#src/compute/backend.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import type { BenchResult } from "#src/pipeline/bench/benchStage.ts";
import { benchStages } from "#src/pipeline/bench/benchStages.ts";
import { createDemo, DEMO_MOVIE_NAME } from "#src/simulation/demo.ts";
import type { Command, CommandContext } from "./command.ts";
import { movieOperands, movieOptions, openMovieInput } from "./movieInput.ts";
import { openBackend } from "./openBackend.ts";

type Line = BenchResult & { readonly backend: BackendKind };

/** `bench [MOVIE]`: times primitives and whole steps, on both backends unless one is chosen. */
export const benchCommand: Command = {
  name: "bench",
  computes: true,
  operands: "[MOVIE]",
  summary: "Times each stage on both backends (or one), on a movie or on the demo.",
  options: [
    ...movieOptions,
    { name: "stages", value: "WORDS", help: "Only stages whose name holds one of these words." },
  ],
  async run(context) {
    if (movieOperands(context.files, context).length > 1)
      throw new CryoloupeError("bad-arguments", "bench takes one movie at most.");
    const movie =
      context.files.length > 0
        ? await openMovieInput(context.files[0], context)
        : await demoMovie();
    const kinds: readonly BackendKind[] =
      context.backendChoice === "auto" ? ["cpu", "webgpu"] : [context.backendChoice];
    const lines: Line[] = [];
    const adapters: string[] = [];
    const failures: unknown[] = [];
    try {
      for (const kind of kinds) {
        const backend = await openOrSkip(kind, context);
        if (backend === null) continue;
        adapters.push(`${kind}: ${backend.info.name}`);
        context.say(`${kind}: ${backend.info.name}`);
        try {
          await runStages(movie, backend, kind, context, lines, failures);
        } finally {
          await backend.dispose();
        }
      }
    } finally {
      await movie.close();
    }
    return {
      json: {
        adapter: adapters.join("; "),
        movie: movie.name,
        stages: lines,
        total: lines.reduce((sum, { seconds }) => sum + seconds, 0),
        failures,
      },
      failed: failures.length > 0,
    };
  },
};

/** The demo with its frames made beforehand, so that their making is not timed. */
async function demoMovie(): Promise<MovieReader> {
  const reader = createDemo().reader(DEMO_MOVIE_NAME, { keep: true });
  for (let t = 0; t < reader.header.frames; t++) await reader.readEncoded(t);
  return reader;
}

/** A machine without WebGPU still has its CPU timed, unless WebGPU was asked for. */
async function openOrSkip(
  kind: BackendKind,
  context: CommandContext,
): Promise<ComputeBackend | null> {
  try {
    return await openBackend(kind);
  } catch (error) {
    if (context.backendChoice !== "auto") throw error;
    context.say(`${kind} is left out: ${toFailure(error).message}`);
    return null;
  }
}

async function runStages(
  movie: MovieReader,
  backend: ComputeBackend,
  kind: BackendKind,
  context: CommandContext,
  lines: Line[],
  failures: unknown[],
): Promise<void> {
  const words =
    context
      .text("stages")
      ?.toLowerCase()
      .split(/[\s,]+/) ?? null;
  const wanted = benchStages.filter(
    ({ name }) => words === null || words.some((word) => name.toLowerCase().includes(word)),
  );
  for (const stage of wanted) {
    try {
      const step = { backend, signal: context.signal };
      for (const line of await stage.run({ movie }, step)) {
        lines.push({ ...line, backend: kind });
        const rate = line.megapixels / line.seconds;
        context.say(
          `${kind.padEnd(6)} ${line.name.padEnd(56)} ${line.seconds.toFixed(3).padStart(9)} s ${rate.toFixed(1).padStart(8)} Mpx/s`,
        );
      }
    } catch (error) {
      const failure = toFailure(error);
      if (failure.code === "cancelled") throw error;
      context.say(`${kind} ${stage.name} failed: ${failure.message}`);
      failures.push({ backend: kind, name: stage.name, ...failure });
    }
  }
}
