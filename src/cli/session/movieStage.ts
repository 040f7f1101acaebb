import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ComputeBackend } from "#src/compute/backend.ts";
import { toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { MetricLimits, MetricValues } from "#src/domain/records/metrics.ts";
import type { MovieStepName } from "#src/domain/records/movieRecord.ts";
import type { PreprocessRecipe } from "#src/domain/preprocess.ts";
import { binnedSize } from "#src/math/fourierCrop.ts";
import { globalShifts, localRms } from "#src/math/motionField.ts";
import { motionPath } from "#src/math/motionPath.ts";
import { gainMetrics, motionMetrics } from "#src/math/movieMetrics.ts";
import { crossings } from "#src/math/overview/notices.ts";
import { preprocessBatch } from "#src/pipeline/preprocessBatch.ts";
import { micrographResult } from "#src/pipeline/preprocessOutputs.ts";
import type { MicrographResult } from "#src/domain/preprocessPreview.ts";
import { alignMovie } from "../alignMovie.ts";
import type { AlignedMovie } from "../alignMovie.ts";
import type { AlignRequest } from "../alignOptions.ts";
import type { CommandContext } from "../command.ts";
import type { CameraCorrections } from "../movieCorrections.ts";
import { openMovieInput } from "../movieInput.ts";
import { writeMicrograph } from "../preprocessCommand.ts";
import type { ResultFolder } from "../resultFolder.ts";
import type { ListedMovie } from "./movieFolder.ts";
import type { SessionGain } from "./gainStage.ts";
import type { MotionLine, PreprocessLine, SessionJournal } from "./sessionJournal.ts";

/** What is done with every movie of a session, once the gain is chosen. */
export interface MovieStages {
  readonly gain: SessionGain;
  /** null = movies are not aligned. */
  readonly align: {
    readonly key: string;
    readonly context: CommandContext;
    readonly request: AlignRequest;
    readonly camera: CameraCorrections;
    readonly folder: ResultFolder;
  } | null;
  readonly preprocess: {
    readonly key: string;
    readonly recipe: PreprocessRecipe;
    readonly folder: ResultFolder;
  } | null;
  readonly journal: SessionJournal;
  /** Limits of the session's numbers; those of residual gains hold where a reference is judged. */
  readonly limits: (residual: boolean) => MetricLimits;
  readonly say: (line: string) => void;
  /** A line of the event stream. */
  readonly emit: (event: Readonly<Record<string, unknown>>) => void;
}

/** A movie's turn: which of its steps are due, and under which name its results go. */
export interface MovieTurn {
  readonly movie: ListedMovie;
  readonly base: string;
  /** By the movie step. */
  readonly lookAtGain: boolean;
}

/**
 * All steps of one movie, each skipped when the journal has it with the same key. The failure of a step is
 * that movie's alone; what stands on it is left out.
 */
export async function runMovie(
  turn: MovieTurn,
  stages: MovieStages,
  backend: ComputeBackend,
  signal: AbortSignal,
): Promise<void> {
  const { movie, base } = turn;
  const { journal, emit, say } = stages;

  const attempt = async (of: MovieStepName, work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      if (signal.aborted) throw error;
      const failure: Failure = toFailure(error, { file: base });
      // No movie could be written: the session stops, and goes on here when there is room.
      if (failure.code === "disk-full") throw error;
      say(`${base} failed: ${failure.message} [${failure.code}]`);
      emit({ event: "failed", step: of, movie: movie.path, ...failure });
      await journal.add({ step: "failed", movie: movie.id, of, at: Date.now(), failure });
      return false;
    }
  };

  if (turn.lookAtGain)
    await attempt("gain", async () => {
      const looked = await stages.gain.look(movie, backend, signal);
      for (const { estimate } of looked)
        emit({
          event: estimate.residual ? "residual" : "gain",
          movie: movie.path,
          std: estimate.statistics.std,
          verdict: estimate.verdict.answer,
          text: estimate.verdict.text,
        });
      const last = looked.at(-1)?.estimate;
      if (last !== undefined) watch(turn, gainMetrics(last), last.residual, stages);
    });
  if (stages.align === null) return;
  const { align } = stages;
  let motion: MotionLine | null = journal.find("motion", movie.id, align.key);
  // Results that were deleted or changed are made again.
  const lost = motion === null ? null : lostResult(motion, align.folder.path);
  if (lost !== null) {
    say(`${base}: ${lost}, so its motion is corrected again.`);
    motion = null;
  }
  if (motion === null) {
    const done = await attempt("motion", async () => {
      motion = await alignOne(turn, stages, backend, signal);
    });
    if (!done) return;
  } else emit({ event: "resumed", step: "motion", movie: movie.path });
  const found: MotionLine | null = motion;
  if (stages.preprocess === null || found === null) return;
  const { key, folder } = stages.preprocess;
  const processed = journal.find("preprocess", movie.id, key);
  if (processed === null || !existsSync(join(folder.path, processed.result.output)))
    await attempt("preprocess", () => preprocessOne(turn, found, stages, backend, signal));
}

/** Why the files of a correction are not those that were written, in words; null = they are. */
function lostResult({ files, sizes }: MotionLine, folder: string): string | null {
  for (const [i, file] of files.entries()) {
    const found = statSync(join(folder, file), { throwIfNoEntry: false });
    if (found === undefined) return `${file} is gone`;
    if (sizes !== undefined && found.size !== sizes[i]) return `${file} has changed`;
  }
  return null;
}

/** The monitor: a line for every limit that the new numbers of a movie are beyond. */
function watch(
  { movie, base }: MovieTurn,
  metrics: Partial<MetricValues>,
  residual: boolean,
  { limits, say, emit }: MovieStages,
): void {
  for (const text of crossings(base, metrics, limits(residual))) {
    say(text);
    emit({ event: "beyond", movie: movie.path, text });
  }
}

async function alignOne(
  turn: MovieTurn,
  stages: MovieStages,
  backend: ComputeBackend,
  signal: AbortSignal,
): Promise<MotionLine | null> {
  const { movie, base } = turn;
  const { align, journal, emit } = stages;
  if (align === null) return null;
  const started = performance.now();
  const context = { ...align.context, signal };
  const aligned = await alignMovie(movie.path, base, {
    context,
    request: align.request,
    camera: align.camera,
    folder: align.folder,
    backend,
  });
  const line: MotionLine = {
    ...motionLine(movie, base, align.key, aligned, align.request, started),
    sizes: aligned.files.map((file) => statSync(join(align.folder.path, file)).size),
  };
  await journal.add(line);
  emit({ event: "motion", movie: movie.path, ...line.metrics, flags: line.flags });
  watch(turn, line.metrics, false, stages);
  return line;
}

function motionLine(
  movie: ListedMovie,
  base: string,
  key: string,
  { result, json, row, files, flags }: AlignedMovie,
  request: AlignRequest,
  started: number,
): MotionLine {
  const { field } = result.estimate;
  const { x, y } = globalShifts(field);
  const dose = request.dosePerFrame ?? movie.header.dosePerFrame;
  const path = motionPath(x, y, field.frameIndices, dose, request.preExposure);
  return {
    step: "motion",
    movie: movie.id,
    key,
    at: Date.now(),
    seconds: (performance.now() - started) / 1000,
    base,
    row,
    json,
    metrics: motionMetrics({
      pixelSizeA: movie.header.pixelSizeA,
      totalPx: path.total,
      earlyPx: path.early,
      localRmsPx: localRms(field),
    }),
    track: { x: x.map(thousandth), y: y.map(thousandth) },
    micrograph: {
      width: binnedSize(movie.header.width, request.binning),
      height: binnedSize(movie.header.height, request.binning),
      pixelSizeA: row.binnedPixelSizeA,
      doseWeighted: files.some((file) => file.endsWith("_aligned_DW.mrc")),
    },
    files,
    flags,
  };
}

const thousandth = (value: number): number => Math.round(value * 1000) / 1000;

async function preprocessOne(
  { movie, base }: MovieTurn,
  motion: MotionLine,
  { align, preprocess, journal, emit }: MovieStages,
  backend: ComputeBackend,
  signal: AbortSignal,
): Promise<void> {
  if (align === null || preprocess === null) return;
  const started = performance.now();
  const name = motion.files.find((f) => f.endsWith("_aligned_DW.mrc")) ?? `${base}_aligned.mrc`;
  const output = `${base}.mrc`;
  const failures: Failure[] = [];
  let result: MicrographResult | null = null;
  const path = join(align.folder.path, name);
  await preprocessBatch(
    [{ name: path, open: () => openMovieInput(path, { ...align.context, files: [path] }) }],
    preprocess.recipe,
    { backend, signal },
    {
      onDone: async (_, done) => {
        await writeMicrograph(preprocess.folder, output, done, preprocess.recipe);
        result = micrographResult(done, { fileId: path, input: path, output });
      },
      onFailed: (_, failure) => void failures.push(failure),
    },
  );
  const [failure] = failures;
  if (failure !== undefined) throw Object.assign(new Error(failure.message), failure);
  if (result === null) return;
  const line: PreprocessLine = {
    step: "preprocess",
    movie: movie.id,
    key: preprocess.key,
    at: Date.now(),
    seconds: (performance.now() - started) / 1000,
    result,
  };
  await journal.add(line);
  emit({ event: "preprocess", movie: movie.path, output });
}
