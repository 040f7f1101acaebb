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
import { alignKeyOf, gainKeyOf } from "./journalKeys.ts";
import { createMovieCopies } from "./movieCopies.ts";
import type { FolderNews } from "./movieFolder.ts";
import { createMovieList } from "./movieList.ts";
import type { MovieStages, MovieTurn } from "./movieStage.ts";
import { openPageLink, openPageWords, takeOverGains } from "./pageLink.ts";
import type { PageLink } from "./pageLink.ts";
import { NO_PAGE } from "./pageResults.ts";
import type { PageSession } from "./pageResults.ts";
import { sessionRecords } from "./sessionRecords.ts";
import { failedLines } from "./sessionJournal.ts";
import type {
  MotionLine,
  MovieGainLine,
  PreprocessLine,
  SessionJournal,
} from "./sessionJournal.ts";
import { alignContextOf, openReference } from "./sessionInputs.ts";
import { createSessionOutputs } from "./sessionOutputs.ts";
import { sessionReportData } from "./sessionReport.ts";
import { sessionRows } from "./sessionRows.ts";
import { NO_SAMPLE, sampleSession } from "./sessionSampling.ts";
import type { SessionSample } from "./sessionSampling.ts";
import { sessionSummary } from "./sessionSummary.ts";
import type { Stopped } from "./sessionSummary.ts";
import type { SessionRun } from "./runSession.ts";

/** A session while it runs: its movies, what was found of them, the tables that tell it. */
export interface Session {
  readonly isEmpty: () => boolean;
  /** Whether its file is still the one that the turn was made for. */
  readonly isCurrent: (turn: MovieTurn) => boolean;
  /** Takes up what the page has made of a movie that came after the others. */
  readonly takeOver: (turn: MovieTurn) => Promise<void>;
  /** Notes what its file holds, and takes its hash for the provenance. */
  readonly hash: (turn: MovieTurn) => Promise<void>;
  /** Adds what a look at the folder brought; answers the movies among it. */
  take(news: FolderNews): Promise<readonly MovieTurn[]>;
  /** Chooses the gain from the movies that are there and opens what all movies need. */
  prepare(backend: ComputeBackend, signal: AbortSignal): Promise<MovieStages>;
  /** Writes the tables if the last time is a while ago. */
  writeNowAndThen(): Promise<void>;
  /** Writes the tables, and answers the result of the command. */
  write(started: Date, stopped: "interrupted" | "failed" | null): Promise<CommandResult>;
}

/** Milliseconds between two writings of the tables while movies are done. */
const TABLES_EVERY = 5000;
/** And of session.json, which holds every movie. */
const SESSION_EVERY = 60_000;

export function createSession(
  run: SessionRun,
  movieContext: CommandContext,
  folder: ResultFolder,
  journal: SessionJournal,
  inputs: string[],
  earlier: PageSession = NO_PAGE,
): Session {
  const { parameters, directory } = run;
  const { say, emit = () => undefined } = movieContext;
  const outputs = createSessionOutputs(folder, inputs, parameters);
  const bases = createBaseNames(journal, say);
  const movies = createMovieList({
    nameOf: (path) => relative(directory, path),
    baseOf: bases.of,
    movieStep: parameters.movieStep,
  });
  const protectedPaths = new Set(inputs);
  /** Of movies as they were told of, by path: one that is back has its own. */
  const positions = new Map<string, number>();
  const hashes = createInputHashes(journal, run.hashes, say);
  const copies = createMovieCopies(directory, journal, earlier, say);
  let gainKey = "";
  let gain: SessionGain | null = null;
  let stages: MovieStages | null = null;
  let backendInfo: BackendInfo | null = null;
  const began = new Date();
  const name = basename(resolve(directory));
  let lastTables = performance.now();
  let lastSession = performance.now();
  let sample: SessionSample = NO_SAMPLE;
  let writing: Promise<void> = Promise.resolve();
  let page: PageLink | null = null;
  let stepKeys: { readonly motion: string; readonly preprocess: string | null } | null = null;
  const lookedAt = new Set<string>();

  const take: Session["take"] = async (news) => {
    await copies.meet(news.movies);
    for (const failure of news.failures) {
      say(`${failure.movie} failed: ${failure.message} [${failure.code}]`);
      emit({ event: "failed", step: "reading", ...failure });
    }
    // What the page has made keeps its names.
    for (const movie of news.movies) {
      const base = copies.recordOf(movie)?.base;
      if (base !== undefined) bases.adopt(movie.id, base);
    }
    // Back after their folder was away: only what failed meanwhile is due.
    const known = new Set(movies.turns().map((turn) => turn.movie.id));
    const failed = failedLines(journal);
    const due = news.movies.filter(({ id }) => !known.has(id) || failed.has(id));
    const added = movies.take({ ...news, movies: due });
    for (const { path } of due) {
      if (!protectedPaths.has(path)) inputs.push(path);
      protectedPaths.add(path);
      const position = positions.get(path) ?? positions.size + 1;
      positions.set(path, position);
      emit({ event: "found", movie: path, position });
    }
    return added;
  };

  /** What the page has made of movies, each looked at once. */
  const takeOver = async (turns: readonly MovieTurn[]): Promise<void> => {
    const fresh = turns.filter(({ movie }) => !lookedAt.has(movie.id));
    for (const { movie } of fresh) lookedAt.add(movie.id);
    if (page === null || stepKeys === null || fresh.length === 0) return;
    await page.takeOver(fresh, { journal, earlier, copies, keys: stepKeys, say });
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
    const { gain: given, defects, dark } = parameters;
    await hashes.hold([given, defects, dark].filter((path) => path !== null));
    const words = await openPageWords(run, movieContext);
    const reference = await openReference(run, { ...movieContext, signal });
    gainKey = gainKeyOf(parameters, words.camera);
    await takeOverGains(run, words, turns, {
      ...{ journal, earlier, copies, key: gainKey, folder: folder.path, say },
    });
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
        baseOf: (movie) => bases.of(movie.id),
      },
    );
    const applied = gain.provenance?.source !== "estimated" || parameters.applyEstimate;
    const alignKey = alignKeyOf(parameters, words.camera, applied ? gain.key : null);
    const align = alignContextOf(
      run,
      movieContext,
      gain.provenance === null || !applied ? null : outputs.finalGainPath(),
    );
    const request = align === null ? null : parseAlignRequest(align);
    page = openPageLink({ run, words, request, gain, folder: folder.path });
    const preprocessKey = stableKey([alignKey, parameters.recipe]);
    stepKeys = {
      motion: alignKey,
      preprocess: parameters.recipe === null ? null : preprocessKey,
    };
    await takeOver(turns);
    stages = {
      gain,
      journal,
      limits: limitsFor,
      say,
      emit,
      align:
        align === null || request === null
          ? null
          : {
              key: alignKey,
              context: align,
              request,
              camera: await openCameraCorrections(align),
              folder: await openResultFolder(join(folder.path, "aligned"), inputs),
            },
      preprocess:
        parameters.recipe === null
          ? null
          : {
              key: preprocessKey,
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
    failed: failedLines(journal),
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

  /** Writes session.json; answers what it tells. */
  const writeSession = async (started: Date, stopped: Stopped) => {
    const known = facts();
    const { turns } = known;
    const { json, failures } = sessionSummary({
      ...{ directory, out: folder.path, facts: known, gain, sample, stopped, started },
      unreadable: movies.unreadable(),
      skipped: movies.skipped(),
      gainApplied: page?.gainApplied ?? null,
      align:
        stages?.align == null
          ? null
          : { out: stages.align.folder.path, backend: backendInfo?.kind ?? null },
    });
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
    const all = [...movieInputs, ...others];
    const processed = lineOf<PreprocessLine>("preprocess", stages?.preprocess?.key);
    const terms = page?.terms(known.thresholds, turns) ?? null;
    const told = {
      name,
      written: new Date().toISOString(),
      backend: backendInfo === null ? null : `${backendInfo.kind}: ${backendInfo.name}`,
      settings: terms?.settings ?? null,
      started: started.toISOString(),
      inputs: all,
      ...json,
    };
    const records =
      terms === null
        ? []
        : sessionRecords({
            ...known,
            ...{
              directory,
              terms,
              processed,
              backend: backendInfo,
              sha256: hashes.of,
              print: copies.printOf,
            },
          });
    await outputs.writeSession(told, records);
    return { json, failures, known, inputs: all, processed };
  };

  /** One after the other: two lanes may ask at the same time. What fails once may succeed the next time. */
  const serially = (work: () => Promise<void>): Promise<void> => {
    const done = writing.then(work);
    writing = done.catch(() => undefined);
    return done;
  };

  return {
    isEmpty: () => movies.turns().length === 0,
    isCurrent: movies.isCurrent,
    hash: async ({ movie }) => {
      await copies.note(movie);
      await hashes.add(movie);
    },
    takeOver: (turn) => takeOver([turn]),
    take,
    prepare,
    writeNowAndThen: async () => {
      const now = performance.now();
      if (now - lastTables < TABLES_EVERY) return;
      lastTables = now;
      const whole = now - lastSession >= SESSION_EVERY;
      if (whole) lastSession = now;
      await serially(async () => {
        await writeTables();
        if (whole) await writeSession(began, "running");
      });
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
      const {
        json,
        failures,
        known,
        inputs: all,
        processed,
      } = await writeSession(started, stopped);
      const spent = (lines: Iterable<{ readonly seconds: number }>): number =>
        [...lines].reduce((sum, line) => sum + line.seconds, 0);
      const data = await sessionReportData({
        ...{ name, folder: folder.path, parameters, turns, gain, gains: known.gains, sample },
        gainApplied: page?.gainApplied ?? null,
        rows: sessionRows(known),
        motions: turns.flatMap((turn) => known.motions.get(turn.movie.id) ?? []),
        thresholds: known.thresholds,
        backend: backendInfo,
        inputs: all,
        seconds: {
          gain: spent(known.gains),
          motion: spent(known.motions.values()),
          ...(stages?.preprocess == null ? {} : { preprocess: spent(processed.values()) }),
        },
      });
      await folder.write(RESULT_FILES.report, sessionReportHtml(data));
      return { json, failed: failures.length > 0 };
    },
  };
}
