import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ComputeBackend } from "#src/compute/backend.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { parseAlignRequest } from "../alignOptions.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { openMovieInput } from "../movieInput.ts";
import { openBackend } from "../openBackend.ts";
import { optionLookup } from "../optionContext.ts";
import { openResultFolder, removeUnfinished } from "../resultFolder.ts";
import { lockFolder } from "./folderLock.ts";
import { openMovieFolder } from "./movieFolder.ts";
import type { FolderOptions } from "./movieFolder.ts";
import { createMovieQueue } from "./movieQueue.ts";
import { runMovie } from "./movieStage.ts";
import type { MovieStages, MovieTurn } from "./movieStage.ts";
import { NO_PAGE, readPageSession } from "./pageResults.ts";
import { JOURNAL, openJournal } from "./sessionJournal.ts";
import type { SessionParameters } from "./sessionParameters.ts";
import { alignContextOf } from "./sessionInputs.ts";
import { createSession } from "./sessionState.ts";

/** How a session is run. */
export interface SessionRun {
  readonly directory: string;
  readonly out: string;
  readonly parameters: SessionParameters;
  /** Also what comes, until the stream is closed. */
  readonly watch: boolean;
  /** Movies at a time. */
  readonly jobs: number;
  /** Do everything again, whatever an earlier run has left. */
  readonly restart: boolean;
  /** Hash the content of every input for the provenance. */
  readonly hashes: boolean;
}

/**
 * The whole chain over a folder of movies, now or as they arrive. What an earlier run into the same folder
 * has done with the same parameters is kept. One movie's failure stops nothing. Interrupted, it writes its
 * tables, and goes on from there the next time.
 */
export async function runSession(run: SessionRun, context: CommandContext): Promise<CommandResult> {
  const { directory, parameters } = run;
  const started = new Date();
  const movieContext: CommandContext = { ...context, ...optionLookup(parameters.movieValues) };
  const alignContext = alignContextOf(run, movieContext, null);
  // Wrong options are found before hours of work, not after.
  if (alignContext !== null) parseAlignRequest(alignContext);

  await requireFolder(directory);
  const inputs = [parameters.gain, parameters.defects, parameters.dark].filter((p) => p !== null);
  const folder = await openResultFolder(run.out, inputs);
  const lock = await lockFolder(folder.path);
  // What a killed run had begun is of no use to anybody.
  await removeUnfinished(folder.path);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  context.signal.addEventListener("abort", interrupt, { once: true });
  const backends: ComputeBackend[] = [];
  try {
    if (run.restart) await rm(join(folder.path, JOURNAL), { force: true });
    const journal = await openJournal(folder.path);
    const earlier = run.restart ? NO_PAGE : await readPageSession(folder.path, context.say);
    const session = createSession(run, movieContext, folder, journal, inputs, earlier);
    const queue = createMovieQueue<MovieTurn>();
    let failure: unknown = null;
    let lanes: Promise<void>[] = [];
    /** By the base of result names: no two lanes write the same files. */
    const busy = new Map<string, Promise<void>>();

    const lane = async (backend: ComputeBackend, stages: MovieStages): Promise<void> => {
      for (let turn = await queue.take(); turn !== null; turn = await queue.take()) {
        if (stop.signal.aborted) return;
        // Written anew while it waited: its next turn is in the queue too.
        if (!session.isCurrent(turn)) continue;
        await session.takeOver(turn);
        // Seen again, after its folder was away, while another lane is at it.
        while (busy.has(turn.base)) await busy.get(turn.base);
        const work = runMovie(turn, stages, backend, stop.signal);
        busy.set(
          turn.base,
          work.catch(() => undefined),
        );
        await work.finally(() => busy.delete(turn.base));
        await session.hash(turn);
        await session.writeNowAndThen();
      }
    };
    const guarded = (work: Promise<void>): Promise<void> =>
      work.catch((error: unknown) => {
        if (!stop.signal.aborted) failure = error;
        stop.abort();
      });

    const options: FolderOptions = {
      // A copy: the movies that join the inputs are still looked at when they change.
      files: [...inputs],
      except: folder.path,
      open: (path) => openMovieInput(path, { ...movieContext, files: [path] }),
    };
    const stream = openMovieFolder(directory, run.watch, options, {
      ...context,
      signal: stop.signal,
    });
    try {
      for await (const news of stream.news) {
        const turns = await session.take(news);
        if (turns.length > 0 && lanes.length === 0) {
          for (let i = 0; i < run.jobs; i++)
            backends.push(await openBackend(context.backendChoice, run.jobs));
          context.say(`${backends[0].info.name}: ${backends[0].info.reason}`);
          const stages = await session.prepare(backends[0], stop.signal);
          lanes = backends.map((backend) => guarded(lane(backend, stages)));
        }
        queue.put(turns);
      }
    } catch (error) {
      if (!stop.signal.aborted) failure = error;
      stop.abort();
    }
    queue.close();
    await Promise.all(lanes);
    if (failure !== null) {
      // What is done is kept even then.
      if (!session.isEmpty()) await session.write(started, "failed").catch(() => undefined);
      throw failure as Error;
    }
    const result = await session.write(started, context.signal.aborted ? "interrupted" : null);
    if (context.signal.aborted && !run.watch)
      throw new CryoloupeError("cancelled", "Cancelled. Run it again to go on from here.");
    return result;
  } finally {
    context.signal.removeEventListener("abort", interrupt);
    for (const backend of backends) await backend.dispose();
    await lock.release();
  }
}

/** Before anything is written: the movies' folder is one. */
async function requireFolder(directory: string): Promise<void> {
  const facts = await stat(directory).catch((error: unknown) => {
    throw new CryoloupeError(
      "bad-arguments",
      `The folder of movies ${directory} could not be opened: ${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    );
  });
  if (!facts.isDirectory())
    throw new CryoloupeError(
      "bad-arguments",
      `session works on a folder of movies, and ${directory} is a file. Give its folder; cryoloupe gain and align take single files.`,
    );
}
