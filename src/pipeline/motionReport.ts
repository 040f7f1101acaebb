import type { CorrectedRow } from "#src/domain/records/correctedRow.ts";
import type { LocalTrack, MotionReport } from "#src/domain/motionReport.ts";
import type { MovieHeader } from "#src/domain/movie.ts";
import type { ProcessedMovie } from "#src/domain/processedMovie.ts";
import type { SpectrumPair } from "#src/domain/powerSpectrum.ts";
import { globalShifts, localRms, sampleField } from "#src/math/motionField.ts";
import { motionPath } from "#src/math/motionPath.ts";
import { fitRelionMotionModel } from "#src/math/relionMotionModel.ts";
import type { OutputFile, OutputOptions } from "./motionFiles.ts";

/** Places along the longer side at which trajectories are drawn. */
const TRACKS = 7;

/** Trajectories on a grid with square cells, in the geometry of the reference frame. */
function sampleTracks({ estimate }: ProcessedMovie): LocalTrack[] {
  const { field } = estimate;
  const { width, height } = field;
  const cell = Math.max(width, height) / TRACKS;
  const places = (size: number): number[] => {
    const n = Math.max(1, Math.round(size / cell));
    return Array.from({ length: n }, (_, i) => ((i + 0.5) * size) / n - 0.5);
  };
  const gridX = places(width);
  const gridY = places(height);
  const { x, y } = sampleField(field, "gatherFromReference", gridX, gridY);
  return gridY.flatMap((v, j) =>
    gridX.map((u, i) => {
      const k = j * gridX.length + i;
      const dx = x.map((plane) => plane[k]);
      const dy = y.map((plane) => plane[k]);
      const square = varianceOf(dx, field.globalX) + varianceOf(dy, field.globalY);
      return { x: u, y: v, dx, dy, localRmsPx: Math.sqrt(square) };
    }),
  );
}

/** Variance over frames of a track less the global one. */
function varianceOf(track: readonly number[], global: Float64Array): number {
  const local = track.map((v, t) => v - global[t]);
  const mean = local.reduce((sum, v) => sum + v, 0) / local.length;
  return local.reduce((sum, v) => sum + (v - mean) ** 2, 0) / local.length;
}

/** The largest of 1, 2, 5, 10, 20, 50, 100 at which no track, less what is given, is longer than 0.7 of the distance between two. */
function magnificationOf(
  tracks: readonly LocalTrack[],
  { width, height }: { readonly width: number; readonly height: number },
  { x, y }: { readonly x: readonly number[]; readonly y: readonly number[] } = { x: [], y: [] },
): number {
  const reach = Math.max(
    1e-6,
    ...tracks.flatMap(({ dx, dy }) =>
      dx.map((v, t) => Math.hypot(v - (x[t] ?? 0), dy[t] - (y[t] ?? 0))),
    ),
  );
  const room = (0.7 * Math.max(width, height)) / TRACKS / reach;
  return [100, 50, 20, 10, 5, 2].find((factor) => factor <= room) ?? 1;
}

/** The numbers and tracks that the page shows of a corrected movie. */
export function motionReport(
  movie: { readonly id: string; readonly name: string; readonly header: MovieHeader },
  processed: ProcessedMovie,
  options: OutputOptions,
  { files, row }: { readonly files: readonly OutputFile[]; readonly row: CorrectedRow },
): MotionReport {
  const { estimate, corrected, spectra } = processed;
  const { field, quality } = estimate;
  const { header } = movie;
  const global = globalShifts(field);
  const dose = options.dosePerFrame ?? header.dosePerFrame;
  const tracks = sampleTracks(processed);
  const relion = fitRelionMotionModel(field);
  const path = motionPath(global.x, global.y, field.frameIndices, dose, options.preExposure);
  const curves = ({ after, radialBefore, radialAfter }: SpectrumPair) => ({
    size: after.size,
    before: radialBefore,
    after: radialAfter,
  });
  return {
    id: movie.id,
    name: movie.name,
    width: field.width,
    height: field.height,
    pixelSizeA: header.pixelSizeA,
    framesInMovie: header.frames,
    frameIndices: [...field.frameIndices],
    referenceFrame: field.referenceFrame,
    dosePerFrame: dose,
    preExposure: options.preExposure,
    globalX: global.x,
    globalY: global.y,
    step: path.step,
    totalPx: path.total,
    earlyPx: path.early,
    localRmsPx: localRms(field),
    expectedErrorPx: Number.isFinite(quality.expectedErrorPx) ? quality.expectedErrorPx : null,
    fallbackReason: quality.fallbackReason,
    flags: processed.flags,
    chosen: estimate.chosen,
    diagnostics: estimate.diagnostics,
    tracks,
    magnify: magnificationOf(tracks, field),
    magnifyLocal: magnificationOf(tracks, field, global),
    relionFitRmsPx: relion.fitRmsPx,
    relionFitMaxPx: relion.fitMaxPx,
    micrograph: {
      width: corrected.width,
      height: corrected.height,
      pixelSizeA: corrected.pixelSizeA,
      frames: corrected.frames,
      result: options.result,
      doseWeighted: corrected.doseWeighted !== null,
      halves: corrected.even !== null,
      badPixels: corrected.badPixels,
      tile: corrected.tile,
      doseRank: corrected.dosePlan?.rank ?? null,
    },
    spectra:
      spectra === null
        ? null
        : { reading: curves(spectra.reading), protocol: curves(spectra.protocol) },
    files: files.map(({ name, title }) => ({ name, title })),
    corrected: row,
    seconds: processed.seconds,
  };
}
