import { basename, extname, join } from "node:path";
import { CryoloupeError, toFailure } from "#src/domain/errors.ts";
import type { ComputeBackend } from "#src/compute/backend.ts";
import { correctedMicrographsStar } from "#src/formats/motion/correctedMicrographsStar.ts";
import type { CorrectedRow } from "#src/formats/motion/correctedMicrographsStar.ts";
import { binnedSize } from "#src/math/fourierCrop.ts";
import { globalShifts, localRms } from "#src/math/motionField.ts";
import { motionFiles } from "#src/pipeline/motionFiles.ts";
import { processMovie } from "#src/pipeline/processMovie.ts";
import { alignOptions, movieOptionsOf, parseAlignRequest } from "./alignOptions.ts";
import type { AlignRequest } from "./alignOptions.ts";
import { openAlignedMovie } from "./alignedMovieFile.ts";
import type { Command, CommandContext, CommandResult } from "./command.ts";
import { correctionOptions, openCameraCorrections } from "./movieCorrections.ts";
import type { CameraCorrections } from "./movieCorrections.ts";
import { movieOperands, movieOptions, openMovieInput } from "./movieInput.ts";
import { openBackend } from "./openBackend.ts";
import { openResultFolder } from "./resultFolder.ts";
import type { ResultFolder } from "./resultFolder.ts";

/** `align MOVIE…`: global and local motion correction. */
export const alignCommand: Command = {
  name: "align",
  operands: "MOVIE… --out DIR",
  summary: "Estimates the motion of each movie, corrects it and writes what RELION and Xmipp read.",
  options: [
    ...movieOptions,
    ...correctionOptions,
    ...alignOptions,
    { name: "out", value: "DIR", help: "Folder for the results." },
  ],
  run: runAlign,
};

interface Tools {
  readonly context: CommandContext;
  readonly request: AlignRequest;
  readonly camera: CameraCorrections;
  readonly folder: ResultFolder;
  readonly backend: ComputeBackend;
}

async function runAlign(context: CommandContext): Promise<CommandResult> {
  const out = context.text("out");
  if (context.files.length === 0 || out === undefined)
    throw new CryoloupeError("bad-arguments", "align takes movies and --out DIR.");
  const request = parseAlignRequest(context);
  const camera = await openCameraCorrections(context);
  for (const warning of camera.warnings) context.say(warning);
  const inputs = [context.text("gain"), context.text("dark"), context.text("defects")];
  const folder = await openResultFolder(out, [
    ...context.files,
    ...inputs.flatMap((path) => (path === undefined ? [] : [path])),
  ]);
  const backend = await openBackend(context.backendChoice);
  const movies: Record<string, unknown>[] = [];
  const rows: CorrectedRow[] = [];
  const failures: unknown[] = [];
  try {
    context.say(`${backend.info.name}: ${backend.info.reason}`);
    const paths = movieOperands(context.files, context);
    const bases = uniqueBases(paths);
    for (const [i, path] of paths.entries()) {
      try {
        const { json, row } = await alignOne(path, bases[i], {
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

async function alignOne(
  path: string,
  base: string,
  { context, request, camera, folder, backend }: Tools,
): Promise<{ readonly json: Record<string, unknown>; readonly row: CorrectedRow }> {
  const started = performance.now();
  const reader = await openMovieInput(path, context);
  try {
    const { header } = reader;
    const { motion, correction } = movieOptionsOf(context, request, header, path);
    const width = binnedSize(header.width, request.binning);
    const stack = request.alignedMovie
      ? await openAlignedMovie(
          folder,
          base,
          {
            width,
            height: binnedSize(header.height, request.binning),
            frames: correction.sumFrames.length,
            pixelSizeA:
              header.pixelSizeA === null ? null : (header.pixelSizeA * header.width) / width,
          },
          request,
        )
      : null;
    try {
      const result = await processMovie(
        {
          reader,
          gain: camera.gainFor(reader),
          dark: camera.dark,
          motion,
          correction,
          spectra: request.spectra,
          ...(stack === null ? {} : { onAlignedFrame: (image) => stack.add(image) }),
        },
        {
          backend,
          signal: context.signal,
          log: context.say,
          onProgress: progressLines(context, base),
        },
      );
      await stack?.commit();
      const movie = {
        path,
        base,
        header,
        gainPath: camera.gainPath,
        defectsPath: camera.defectsPath,
        prefix: join(folder.path, "/"),
      };
      const { row, files } = motionFiles(movie, result, request);
      for (const file of files) await folder.write(file.name, await file.make());
      const { field, quality, chosen } = result.estimate;
      const global = globalShifts(field);
      const flags = [...result.flags];
      if (quality.fallbackReason !== null && !flags.includes(quality.fallbackReason))
        flags.push(quality.fallbackReason);
      for (const flag of flags) context.say(`${base}: ${flag}`);
      return {
        row,
        json: {
          file: path,
          globalShifts: global.x.map((x, t) => [round(x), round(global.y[t])]),
          localRmsPx: round(localRms(field)),
          expectedErrorPx: round(quality.expectedErrorPx),
          seconds: round((performance.now() - started) / 1000),
          stages: result.seconds,
          flags,
          chosen,
          width: result.corrected.width,
          height: result.corrected.height,
          pixelSizeA: result.corrected.pixelSizeA,
          frames: result.corrected.frames,
          files: files.map((file) => file.name),
        },
      };
    } finally {
      await stack?.discard();
    }
  } finally {
    await reader.close();
  }
}

/** Base names without extension; the second movie of a name becomes name_2. */
function uniqueBases(paths: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return paths.map((path) => {
    const base = basename(path, extname(path));
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    return count === 1 ? base : `${base}_${count}`;
  });
}

/** A line at the start of every step and at every quarter of it. */
function progressLines(
  context: CommandContext,
  base: string,
): (progress: { step: string; done: number; total: number }) => void {
  let last = "";
  return ({ step, done, total }) => {
    const quarter = total > 0 ? Math.floor((4 * done) / total) : 0;
    const key = `${step} ${quarter}`;
    if (key === last) return;
    last = key;
    context.say(`${base}: ${step}${total > 0 ? ` ${done} of ${total}` : ""}`);
  };
}

/** Four decimals; what is not known is null in JSON. */
function round(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value * 1e4) / 1e4 : null;
}
