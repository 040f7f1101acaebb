import { join } from "node:path";
import type { Float32Pixels, MovieHeader } from "#src/domain/movie.ts";
import type { ProcessedMovie } from "#src/domain/processedMovie.ts";
import type { SpectrumPair } from "#src/domain/powerSpectrum.ts";
import { APP_VERSION } from "#src/domain/version.ts";
import type { CorrectedRow } from "#src/formats/motion/correctedMicrographsStar.ts";
import { motionJson } from "#src/formats/motion/motionJson.ts";
import { relionMovieStar } from "#src/formats/motion/relionMovieStar.ts";
import { shiftPlot } from "#src/formats/motion/shiftPlot.ts";
import { shiftTable } from "#src/formats/motion/shiftTable.ts";
import { spectrumTable } from "#src/formats/motion/spectrumTable.ts";
import { xmippShifts } from "#src/formats/motion/xmippShifts.ts";
import { createMrcWriter, encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import type { MrcWriter } from "#src/formats/mrc/writeMrc.ts";
import { globalShifts } from "#src/math/motionField.ts";
import { compositeSpectrum } from "#src/math/powerSpectrum.ts";
import type { AlignRequest } from "./alignOptions.ts";
import type { ResultFile, ResultFolder } from "./resultFolder.ts";

export interface OutputMovie {
  /** Path as given on the command line. */
  readonly path: string;
  /** Base of the result names. */
  readonly base: string;
  readonly header: MovieHeader;
  readonly gainPath: string | null;
  readonly defectsPath: string | null;
}

/** Motion up to this dose counts as early in RELION's job table, e⁻/Å². */
const EARLY_DOSE = 4;

function labelsOf(what: string): string[] {
  return [`Cryoloupe ${APP_VERSION}: ${what}`.slice(0, 80)];
}

function flipRows(image: Float32Pixels, width: number): Float32Pixels {
  const height = image.length / width;
  const out = new Float32Array(image.length);
  for (let y = 0; y < height; y++)
    out.set(image.subarray(y * width, (y + 1) * width), (height - 1 - y) * width);
  return out;
}

/** The stack of moved frames, written while they come. */
export interface AlignedMovieFile {
  add(image: Float32Pixels): Promise<void>;
  commit(): Promise<void>;
  discard(): Promise<void>;
}

export async function openAlignedMovie(
  folder: ResultFolder,
  base: string,
  size: {
    readonly width: number;
    readonly height: number;
    readonly frames: number;
    readonly pixelSizeA: number | null;
  },
  request: AlignRequest,
): Promise<AlignedMovieFile> {
  const file: ResultFile = await folder.create(`${base}_aligned.mrcs`);
  const writer: MrcWriter = await createMrcWriter(file, {
    ...size,
    sampleType: request.float16 ? "float16" : "float32",
    labels: labelsOf("aligned frames"),
  });
  return {
    add: (image) => writer.write(request.flipRows ? flipRows(image, size.width) : image),
    commit: async () => {
      await writer.finish();
      await file.commit();
    },
    discard: () => file.discard(),
  };
}

/** Writes everything of one movie; gives its row of the job table. */
export async function writeMovieResults(
  folder: ResultFolder,
  movie: OutputMovie,
  result: ProcessedMovie,
  request: AlignRequest,
): Promise<{ readonly row: CorrectedRow; readonly files: readonly string[] }> {
  const { corrected, estimate, spectra } = result;
  const { base, header } = movie;
  const files: string[] = [];
  const put = async (
    name: string,
    content: Parameters<ResultFolder["write"]>[1],
  ): Promise<void> => {
    await folder.write(name, content);
    files.push(name);
  };
  const putImage = async (name: string, image: Float32Pixels, what: string): Promise<void> => {
    const pixels = request.flipRows ? flipRows(image, corrected.width) : image;
    await put(
      name,
      await encodeMrc([pixels], {
        width: corrected.width,
        height: corrected.height,
        sampleType: request.float16 ? "float16" : "float32",
        pixelSizeA: corrected.pixelSizeA,
        labels: labelsOf(what),
      }),
    );
  };
  const kind = request.result === "mean" ? "average" : "sum";
  if (request.writeAverage)
    await putImage(
      `${base}_aligned.mrc`,
      corrected.average,
      `${kind} of ${corrected.frames} aligned frames`,
    );
  if (corrected.doseWeighted !== null)
    await putImage(`${base}_aligned_DW.mrc`, corrected.doseWeighted, `dose-weighted ${kind}`);
  if (corrected.even !== null)
    await putImage(`${base}_EVN.mrc`, corrected.even, `${kind} of even frames`);
  if (corrected.odd !== null)
    await putImage(`${base}_ODD.mrc`, corrected.odd, `${kind} of odd frames`);
  if (spectra !== null) {
    const map = async (name: string, maps: Float32Pixels[], of: SpectrumPair, what: string) =>
      put(
        name,
        await encodeMrc(maps, {
          width: of.after.size,
          height: of.after.size,
          sampleType: "float32",
          pixelSizeA: null,
          labels: labelsOf(what),
        }),
      );
    const { protocol, reading } = spectra;
    const size = protocol.after.size;
    const [before, after] = [protocol.before.values, protocol.after.values];
    await map(`${base}_psd_before.mrc`, [before], protocol, "sum of |F|, not aligned");
    await map(`${base}_psd_after.mrc`, [after], protocol, "sum of |F|, aligned");
    await map(
      `${base}_psd.mrc`,
      [compositeSpectrum(before, after, size)],
      protocol,
      "sum of |F|: left not aligned, right aligned",
    );
    const decibels = (p: Float32Pixels): Float32Pixels =>
      p.map((v) => 10 * Math.log10(Math.max(v, 1e-30)));
    await map(
      `${base}_psd_reading.mrcs`,
      [decibels(reading.before.values), decibels(reading.after.values)],
      reading,
      "10 log10 of mean power: not aligned, aligned",
    );
    await put(`${base}_psd_radial.csv`, spectrumTable(spectra.reading, corrected.pixelSizeA));
  }

  const global = globalShifts(estimate.field);
  const track = {
    frameIndices: estimate.field.frameIndices,
    ...global,
    pixelSizeA: header.pixelSizeA,
    dosePerFrame: request.dosePerFrame ?? header.dosePerFrame,
    preExposure: request.preExposure,
  };
  await put(`${base}_shifts.svg`, shiftPlot(track, `Motion of ${base}`));
  await put(`${base}_shifts.csv`, shiftTable(track));
  await put(
    `${base}_shifts.xmd`,
    xmippShifts(estimate.field, {
      movieName: movie.path,
      frames: header.frames,
      binning: request.binning,
      patches: patchesOf(estimate.chosen),
      flipRows: request.flipRows,
    }),
  );
  const star = relionMovieStar(estimate.field, {
    movieName: movie.path,
    gainName: movie.gainPath,
    defectName: movie.defectsPath,
    frames: header.frames,
    binning: request.binning,
    pixelSizeA: header.pixelSizeA,
    dosePerFrame: request.dosePerFrame ?? header.dosePerFrame,
    preExposure: request.preExposure,
    voltageKv: request.voltageKv,
    eer:
      header.eer === undefined
        ? null
        : { upsampling: Math.log2(header.eer.upsampling) + 1, grouping: header.eer.groupSize },
    hotPixels: result.hotPixels,
  });
  await put(`${base}.star`, star.text);
  await put(
    `${base}_motion.json`,
    `${JSON.stringify(
      motionJson(
        estimate,
        { file: movie.path, pixelSizeA: header.pixelSizeA },
        {
          model: { relionFitRmsPx: star.model.fitRmsPx, relionFitMaxPx: star.model.fitMaxPx },
          quality: { flags: result.flags, hotPixels: result.hotPixels.length, ...result.seconds },
        },
      ),
    )}\n`,
  );

  const average = join(folder.path, `${base}_aligned.mrc`);
  const weighted =
    corrected.doseWeighted === null ? null : join(folder.path, `${base}_aligned_DW.mrc`);
  const dose = track.dosePerFrame ?? 1;
  return {
    files,
    row: {
      micrographName: weighted ?? average,
      unweightedName: weighted !== null && request.writeAverage ? average : null,
      metadataName: join(folder.path, `${base}.star`),
      pixelSizeA: header.pixelSizeA,
      binnedPixelSizeA: corrected.pixelSizeA,
      voltageKv: request.voltageKv,
      globalX: global.x,
      globalY: global.y,
      earlyFrames: Math.max(0, Math.floor((EARLY_DOSE - request.preExposure) / dose)),
    },
  };
}

function patchesOf(chosen: ProcessedMovie["estimate"]["chosen"]): { x: number; y: number } | null {
  const { patchesX: x, patchesY: y } = chosen;
  return typeof x === "number" && typeof y === "number" ? { x, y } : null;
}
