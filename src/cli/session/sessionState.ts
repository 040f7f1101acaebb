import { basename, join, relative, resolve } from "node:path";
import type { BackendInfo, ComputeBackend } from "#src/compute/backend.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { correctedMicrographsStar } from "#src/formats/motion/correctedMicrographsStar.ts";
import { DEFAULT_THRESHOLDS, RESIDUAL_THRESHOLDS } from "#src/domain/records/movieRecord.ts";
import type { SessionThresholds } from "#src/domain/records/movieRecord.ts";
import { RESULT_FILES } from "#src/domain/records/resultLayout.ts";
import { sessionReportHtml } from "#src/formats/report/sessionReport.ts";
import { moviesCsv } from "#src/formats/session/moviesCsv.ts";
import { stableKey } from "#src/math/stableKey.ts";
import { stabilityFindings } from "#src/math/stability.ts";
import { stabilityOf } from "#src/pipeline/gainProtocol.ts";
import { preprocessTexts } from "#src/pipeline/preprocessOutputs.ts";
import { parseAlignRequest } from "../alignOptions.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { openCameraCorrections } from "../movieCorrections.ts";
import { openResultFolder } from "../resultFolder.ts";
import type { ResultFolder } from "../resultFolder.ts";
import { gainLines, openSessionGain } from "./gainStage.ts";
import type { SessionGain } from "./gainStage.ts";
import { createBaseNames } from "./baseNames.ts";
import { createInputHashes } from "./inputHashes.ts";
import type { HashedInput } from "./inputHashes.ts";
import type { FolderNews } from "./movieFolder.ts";
import { createMovieList } from "./movieList.ts";
import type { MovieStages, MovieTurn } from "./movieStage.ts";
import type {
  FailedLine,
  MotionLine,
  MovieGainLine,
  PreprocessLine,
  SessionJournal,
} from "./sessionJournal.ts";
import { alignContextOf, identityOf, openReference } from "./sessionInputs.ts";
import { createSessionOutputs, shortNumbers } from "./sessionOutputs.ts";
import { sessionReportData } from "./sessionReport.ts";
import { sessionRows } from "./sessionRows.ts";
import { NO_SAMPLE, sampleSession } from "./sessionSampling.ts";
import type { SessionSample } from "./sessionSampling.ts";
import type { SessionRun } from "./runSession.ts";

/** A session while it runs: its movies, what was found of them, the tables that tell it. */
export interface Session {
  readonly isEmpty: () => boolean;
  /** Whether its file is still the one that the turn was made for. */
  readonly isCurrent: (turn: MovieTurn) => boolean;
  /** Takes the hash of its file for the provenance. */
  readonly hash: (turn: MovieTurn) => Promise<void>;
  /** Adds what a look at the folder brought; answers the movies among it. */
  take(news: FolderNews): readonly MovieTurn[];
  /** Chooses the gain from the movies that are there and opens what all movies need. */
  prepare(backend: ComputeBackend, signal: AbortSignal): Promise<MovieStages>;
  /** Writes the tables if the last time is a while ago. */
  writeNowAndThen(): Promise<void>;
  /** Writes the tables, and answers the result of the command. */
  write(started: Date, stopped: "interrupted" | "failed" | null): Promise<CommandResult>;
}

/** Raised when what a step makes of the same input changes: earlier results are then made anew. */
const RESULT_VERSION = 1;
/** Milliseconds between two writings of the tables while movies are done. */
const TABLES_EVERY = 5000;

export function createSession(
  run: SessionRun,
  movieContext: CommandContext,
  folder: ResultFolder,
  journal: SessionJournal,
  inputs: string[],
): Session {
  const { parameters, directory } = run;
  const { say, emit = () => undefined } = movieContext;
  const outputs = createSessionOutputs(folder, inputs, parameters);
  const baseOf = createBaseNames(journal);
  const movies = createMovieList({
    nameOf: (path) => relative(directory, path),
    baseOf,
    movieStep: parameters.movieStep,
  });
  const protectedPaths = new Set(inputs);
  let found = 0;
  const hashes = createInputHashes(journal, run.hashes);
  let gainKey = "";
  let gain: SessionGain | null = null;
  let stages: MovieStages | null = null;
  let backendInfo: BackendInfo | null = null;
  let lastTables = performance.now();
  let sample: SessionSample = NO_SAMPLE;
  let writing: Promise<void> = Promise.resolve();

  const take: Session["take"] = (news) => {
    for (const failure of news.failures) {
      say(`${failure.movie} failed: ${failure.message} [${failure.code}]`);
      emit({ event: "failed", step: "reading", ...failure });
    }
    const added = movies.take(news);
    for (const { path } of news.movies) {
      if (!protectedPaths.has(path)) inputs.push(path);
      protectedPaths.add(path);
      emit({ event: "found", movie: path, position: ++found });
    }
    return added;
  };

  const prepare: Session["prepare"] = async (backend, signal) => {
    const turns = movies.turns();
    say(
      `${turns.length} movies in the order of their names, ${movies.skipped().length} files passed over.`,
    );
    backendInfo = backend.info;
    const { header } = turns[0].movie;
    if (parameters.defects !== null && parameters.gain === null && header.format === "tiff")
      throw new CryoloupeError(
        "bad-arguments",
        "The rows of a defect list for TIFF movies are those of the reference it belongs to. Give that reference with --gain, or leave out --defects.",
      );
    const reference = await openReference(run, { ...movieContext, signal });
    gainKey = stableKey([
      RESULT_VERSION,
      parameters.switches,
      parameters.movieStep,
      [...parameters.gainValues],
      [...parameters.movieValues],
      await identityOf(parameters.gain),
      await identityOf(parameters.defects),
    ]);
    gain = await openSessionGain(
      turns.map((turn) => turn.movie),
      backend,
      {
        parameters,
        reference,
        key: gainKey,
        context: { ...movieContext, signal },
        journal,
        outputs,
        baseOf: (movie) => baseOf(movie.id, movie.path),
      },
    );
    const alignKey = stableKey([
      gain.key,
      parameters.alignValues === null ? null : [...parameters.alignValues],
      await identityOf(parameters.dark),
    ]);
    const align = alignContextOf(
      run,
      movieContext,
      gain.provenance === null ? null : outputs.finalGainPath(),
    );
    stages = {
      gain,
      journal,
      limits: limitsFor,
      say,
      emit,
      align:
        align === null
          ? null
          : {
              key: alignKey,
              context: align,
              request: parseAlignRequest(align),
              camera: await openCameraCorrections(align),
              folder: await openResultFolder(join(folder.path, "aligned"), inputs),
            },
      preprocess:
        parameters.recipe === null
          ? null
          : {
              key: stableKey([alignKey, parameters.recipe]),
              recipe: parameters.recipe,
              folder: await openResultFolder(join(folder.path, "micrographs"), inputs),
            },
    };
    return stages;
  };

  const lineOf = <T extends MotionLine | PreprocessLine>(
    step: T["step"],
    key: string | undefined,
  ): Map<string, T> => {
    const found = new Map<string, T>();
    if (key === undefined) return found;
    for (const { movie } of movies.turns()) {
      const line = journal.find(step, movie.id, key);
      if (line !== null) found.set(movie.id, line as T);
    }
    return found;
  };

  /** Failures that nothing has mended since. */
  const failedLines = (): Map<string, FailedLine> => {
    const failed = new Map<string, FailedLine>();
    for (const line of journal.all())
      if (line.step === "failed") failed.set(line.movie, line);
      else if ("movie" in line && failed.get(line.movie)?.of === line.step)
        failed.delete(line.movie);
    return failed;
  };

  const limitsFor = (residual: boolean): SessionThresholds["limits"] =>
    parameters.thresholds ?? (residual ? RESIDUAL_THRESHOLDS : DEFAULT_THRESHOLDS).limits;

  const thresholdsFor = (gains: readonly MovieGainLine[]): SessionThresholds => ({
    limits: limitsFor(gains.some((line) => line.estimate.residual)),
    combine: parameters.combine,
  });

  const facts = (gains = gainLines(journal, gainKey)) => ({
    turns: movies.turns(),
    unreadable: movies.unreadable(),
    gains,
    motions: lineOf<MotionLine>("motion", stages?.align?.key),
    aligning: parameters.alignValues !== null,
    failed: failedLines(),
    ctf: sample.ctf,
    sampled: sample.sampled,
    thresholds: thresholdsFor(gains),
  });

  /** Tables of what is done so far; names in them start where the command was started. */
  const writeTables = async (): Promise<void> => {
    const turns = movies.turns();
    if (turns.length === 0) return;
    const known = facts();
    const motions = turns.flatMap((turn) => known.motions.get(turn.movie.id) ?? []);
    if (stages?.align != null && motions.length > 0)
      await folder.write(
        RESULT_FILES.correctedMicrographs,
        correctedMicrographsStar(motions.map((line) => line.row)),
      );
    const processed = lineOf<PreprocessLine>("preprocess", stages?.preprocess?.key);
    if (stages?.preprocess != null && processed.size > 0) {
      const { recipe, folder: target } = stages.preprocess;
      const results = turns.flatMap((turn) => processed.get(turn.movie.id)?.result ?? []);
      const rows = results.map((result) => ({
        result,
        path: join(target.path, result.output),
        row: null,
      }));
      for (const [name, text] of preprocessTexts(rows, recipe, null, parameters.voltageKv))
        await target.write(name, text);
    }
    await outputs.writeTables(turns.map((turn) => turn.movie));
    await folder.write(RESULT_FILES.moviesCsv, moviesCsv(sessionRows(known)));
  };

  /** One after the other: two lanes may ask at the same time. */
  const serially = (work: () => Promise<void>): Promise<void> => {
    writing = writing.then(work);
    return writing;
  };

  return {
    isEmpty: () => movies.turns().length === 0,
    isCurrent: movies.isCurrent,
    hash: ({ movie }) => hashes.add(movie),
    take,
    prepare,
    writeNowAndThen: async () => {
      if (performance.now() - lastTables < TABLES_EVERY) return;
      lastTables = performance.now();
      await serially(writeTables);
    },
    write: async (started, stopped) => {
      const turns = movies.turns();
      const unreadable = movies.unreadable();
      if (turns.length === 0)
        throw new CryoloupeError(
          "not-enough-data",
          `${directory} holds no movie that can be read${unreadable.length > 0 ? `; ${unreadable.length} failed` : ""}. Movies are .mrc, .mrcs, .tif, .tiff, .eer, .dm3 and .dm4 files of at least 2 frames.`,
        );
      if (stopped === null) sample = await sampleSession(parameters, movieContext, folder.path);
      await serially(writeTables);
      const known = facts();
      const numbers = known.gains.map((line) => line.estimate);
      const residuals = numbers.filter((e) => e.residual);
      const estimates = numbers.filter((e) => !e.residual);
      const paths = new Map(turns.map(({ movie }) => [movie.id, movie.path]));
      const failures = [
        ...unreadable,
        ...(gain?.failures ?? []),
        ...[...known.failed.values()].flatMap((line) => {
          const path = paths.get(line.movie);
          return path === undefined
            ? []
            : [{ ...line.failure, step: line.of, movie: relative(directory, path) }];
        }),
        ...(sample.failure === null ? [] : [{ ...sample.failure, step: "sampling" }]),
      ];
      const named = (list: typeof numbers) =>
        list.map((e) => ({ file: e.name, ...shortNumbers(e) }));
      const json = {
        movies: turns.length,
        skipped: movies.skipped(),
        selected: turns.flatMap((t) => (t.lookAtGain ? [basename(t.movie.path)] : [])),
        ...gain?.summary,
        estimates: named(estimates),
        residuals: named(residuals),
        stability: stabilityFindings(
          (residuals.length > 0 ? residuals : estimates).map(stabilityOf),
        ),
        align:
          stages?.align == null
            ? null
            : {
                movies: [...known.motions.values()].map((line) => line.json),
                backend: backendInfo?.kind ?? null,
                out: stages.align.folder.path,
              },
        sample: sample.json,
        failures,
        stopped,
        out: folder.path,
        seconds: Math.round((Date.now() - started.getTime()) / 100) / 10,
      };
      const movieInputs = turns.map(({ movie }): HashedInput => ({
        path: movie.path,
        bytes: movie.size,
        modified: new Date(movie.modified).toISOString(),
        sha256: hashes.of(movie),
      }));
      const { gain: reference, defects, dark, sample: wished } = parameters;
      const others = await hashes.others(
        [reference, defects, dark, ...(wished?.tables ?? [])].filter((path) => path !== null),
      );
      const rows = sessionRows(known);
      const spent = (lines: Iterable<{ readonly seconds: number }>): number =>
        [...lines].reduce((sum, line) => sum + line.seconds, 0);
      const data = await sessionReportData({
        name: basename(resolve(directory)),
        folder: folder.path,
        parameters,
        turns,
        rows,
        gain,
        gains: known.gains,
        motions: turns.flatMap((turn) => known.motions.get(turn.movie.id) ?? []),
        sample,
        thresholds: known.thresholds,
        backend: backendInfo,
        inputs: [...movieInputs, ...others],
        seconds: {
          gain: spent(known.gains),
          motion: spent(known.motions.values()),
          ...(stages?.preprocess == null
            ? {}
            : {
                preprocess: spent(
                  lineOf<PreprocessLine>("preprocess", stages.preprocess.key).values(),
                ),
              }),
        },
      });
      await folder.write(RESULT_FILES.report, sessionReportHtml(data));
      await outputs.writeSession({
        started: started.toISOString(),
        inputs: [...movieInputs, ...others],
        ...json,
      });
      return { json, failed: failures.length > 0 };
    },
  };
}
