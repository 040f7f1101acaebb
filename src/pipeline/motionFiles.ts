import type { Bytes } from "#src/domain/byteSource.ts";
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
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { globalShifts } from "#src/math/motionField.ts";
import { EARLY_DOSE } from "#src/math/motionPath.ts";
import { compositeSpectrum, toDecibels } from "#src/math/powerSpectrum.ts";

export interface OutputMovie {
  /** Path as other programs shall find it. */
  readonly path: string;
  /** Base of the result names. */
  readonly base: string;
  readonly header: MovieHeader;
  readonly gainPath: string | null;
  readonly defectsPath: string | null;
  /** Put before the result names in tables: "folder/", or "". */
  readonly prefix: string;
}

/** How results are written. */
export interface OutputOptions {
  readonly binning: number;
  readonly result: "sum" | "mean";
  readonly writeAverage: boolean;
  readonly float16: boolean;
  readonly flipRows: boolean;
  readonly dosePerFrame: number | null;
  readonly preExposure: number;
  readonly voltageKv: number;
}

/** A result file that is made when it is asked for. */
export interface OutputFile {
  readonly name: string;
  /** What it holds, for lists. */
  readonly title: string;
  make(): Promise<Bytes | string>;
}

export function mrcLabels(what: string): string[] {
  return [`Cryoloupe ${APP_VERSION}: ${what}`.slice(0, 80)];
}

/** Rows in the opposite order. */
export function flipRows(image: Float32Pixels, width: number): Float32Pixels {
  const height = image.length / width;
  const out = new Float32Array(image.length);
  for (let y = 0; y < height; y++)
    out.set(image.subarray(y * width, (y + 1) * width), (height - 1 - y) * width);
  return out;
}

/** Every result file of one movie, and its row of RELION's job table. */
export function motionFiles(
  movie: OutputMovie,
  result: ProcessedMovie,
  request: OutputOptions,
): { readonly row: CorrectedRow; readonly files: readonly OutputFile[] } {
  const { corrected, estimate, spectra } = result;
  const { base, header } = movie;
  const files: OutputFile[] = [];
  const put = (name: string, title: string, make: () => Promise<Bytes | string>): void => {
    files.push({ name, title, make });
  };
  const text = (name: string, title: string, make: () => string): void =>
    put(name, title, () => Promise.resolve(make()));
  const putImage = (name: string, title: string, image: Float32Pixels, what: string): void =>
    put(name, title, () =>
      encodeMrc([request.flipRows ? flipRows(image, corrected.width) : image], {
        width: corrected.width,
        height: corrected.height,
        sampleType: request.float16 ? "float16" : "float32",
        pixelSizeA: corrected.pixelSizeA,
        labels: mrcLabels(what),
      }),
    );
  const kind = request.result === "mean" ? "average" : "sum";
  if (request.writeAverage)
    putImage(
      `${base}_aligned.mrc`,
      "Micrograph",
      corrected.average,
      `${kind} of ${corrected.frames} aligned frames`,
    );
  if (corrected.doseWeighted !== null)
    putImage(
      `${base}_aligned_DW.mrc`,
      "Dose-weighted micrograph",
      corrected.doseWeighted,
      `dose-weighted ${kind}`,
    );
  if (corrected.even !== null)
    putImage(`${base}_EVN.mrc`, "Even frames", corrected.even, `${kind} of even frames`);
  if (corrected.odd !== null)
    putImage(`${base}_ODD.mrc`, "Odd frames", corrected.odd, `${kind} of odd frames`);
  if (spectra !== null) {
    const map = (
      name: string,
      title: string,
      maps: () => Float32Pixels[],
      of: SpectrumPair,
      what: string,
    ): void =>
      put(name, title, () =>
        encodeMrc(maps(), {
          width: of.after.size,
          height: of.after.size,
          sampleType: "float32",
          pixelSizeA: null,
          labels: mrcLabels(what),
        }),
      );
    const { protocol, reading } = spectra;
    const size = protocol.after.size;
    const [before, after] = [protocol.before.values, protocol.after.values];
    const title = "Power spectrum";
    map(
      `${base}_psd_before.mrc`,
      `${title} before`,
      () => [before],
      protocol,
      "sum of |F|, not aligned",
    );
    map(`${base}_psd_after.mrc`, `${title} after`, () => [after], protocol, "sum of |F|, aligned");
    map(
      `${base}_psd.mrc`,
      `${title}, halves`,
      () => [compositeSpectrum(before, after, size)],
      protocol,
      "sum of |F|: left not aligned, right aligned",
    );
    map(
      `${base}_psd_reading.mrcs`,
      `${title} for reading`,
      () => [toDecibels(reading.before.values), toDecibels(reading.after.values)],
      reading,
      "10 log10 of mean power: not aligned, aligned",
    );
    text(`${base}_psd_radial.csv`, `${title}, mean over rings`, () =>
      spectrumTable(spectra.reading, corrected.pixelSizeA),
    );
  }

  const global = globalShifts(estimate.field);
  const track = {
    frameIndices: estimate.field.frameIndices,
    ...global,
    pixelSizeA: header.pixelSizeA,
    dosePerFrame: request.dosePerFrame ?? header.dosePerFrame,
    preExposure: request.preExposure,
  };
  text(`${base}_shifts.svg`, "Trajectory", () => shiftPlot(track, `Motion of ${base}`));
  text(`${base}_shifts.csv`, "Global motion", () => shiftTable(track));
  text(`${base}_shifts.xmd`, "Shifts for Xmipp", () =>
    xmippShifts(estimate.field, {
      movieName: movie.path,
      frames: header.frames,
      binning: request.binning,
      patches: patchesOf(estimate.chosen),
      ...(estimate.frameDisplacements === undefined
        ? {}
        : { frameDisplacements: estimate.frameDisplacements }),
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
  text(`${base}.star`, "Motion for RELION", () => star.text);
  text(
    `${base}_motion.json`,
    "Motion field and quality",
    () =>
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

  const average = `${movie.prefix}${base}_aligned.mrc`;
  const weighted = corrected.doseWeighted === null ? null : `${movie.prefix}${base}_aligned_DW.mrc`;
  const dose = track.dosePerFrame ?? 1;
  return {
    files,
    row: {
      micrographName: weighted ?? average,
      unweightedName: weighted !== null && request.writeAverage ? average : null,
      metadataName: `${movie.prefix}${base}.star`,
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
