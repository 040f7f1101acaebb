import { join } from "node:path";
import type { ComputeBackend } from "#src/compute/backend.ts";
import type { ProcessedMovie } from "#src/domain/processedMovie.ts";
import type { CorrectedRow } from "#src/formats/motion/correctedMicrographsStar.ts";
import { binnedSize } from "#src/math/fourierCrop.ts";
import { globalShifts, localRms } from "#src/math/motionField.ts";
import { motionFiles } from "#src/pipeline/motionFiles.ts";
import { processMovie } from "#src/pipeline/processMovie.ts";
import { movieOptionsOf } from "./alignOptions.ts";
import type { AlignRequest } from "./alignOptions.ts";
import { openAlignedMovie } from "./alignedMovieFile.ts";
import type { CommandContext } from "./command.ts";
import type { CameraCorrections } from "./movieCorrections.ts";
import { openMovieInput } from "./movieInput.ts";
import type { ResultFolder } from "./resultFolder.ts";

/** What movies are aligned with. */
export interface AlignTools {
  readonly context: CommandContext;
  readonly request: AlignRequest;
  readonly camera: CameraCorrections;
  readonly folder: ResultFolder;
  readonly backend: ComputeBackend;
}

/** What is told of an aligned movie: its line of JSON, its row of RELION's table, the result itself. */
export interface AlignedMovie {
  readonly json: Readonly<Record<string, unknown>>;
  readonly row: CorrectedRow;
  readonly result: ProcessedMovie;
  readonly files: readonly string[];
  readonly flags: readonly string[];
}

/** Aligns one movie and writes its files. */
export async function alignMovie(
  path: string,
  base: string,
  { context, request, camera, folder, backend }: AlignTools,
): Promise<AlignedMovie> {
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
        result,
        flags,
        files: files.map((file) => file.name),
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
