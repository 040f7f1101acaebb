import { transfer } from "comlink";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { GainEstimate } from "#src/domain/gainEstimate.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { pictureId } from "#src/domain/picture.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { writeDefectText } from "#src/formats/reference/writeDefectText.ts";
import { compareGains } from "#src/math/compareGains.ts";
import { flatFloors, gainHistogram } from "#src/math/gainHistogram.ts";
import { summarize } from "#src/math/pictureSummary.ts";
import {
  gainProvenance,
  gainStatisticsCsv,
  gainSummary,
  monitorLine,
} from "#src/formats/gainReports.ts";
import {
  combineGains,
  estimateGain,
  estimateJointGain,
  isJointMethod,
} from "#src/pipeline/estimateGain.ts";
import type { GainApi, GainRequest } from "#workers/contracts.ts";
import type { WorkerHost } from "#workers/host.ts";
import type { PictureLoader } from "./pictures.ts";
import { readReference } from "./reference.ts";

const SCATTER_POINTS = 3000;

/** G = 1/C with mean 1 over good pixels, 0 at bad ones. */
function pixelGain(gain: Gain): Float32Pixels {
  const { correction, bad } = gain;
  const values = new Float32Array(correction.length);
  let sum = 0;
  let good = 0;
  for (let i = 0; i < values.length; i++)
    if (bad[i] === 0 && correction[i] > 0) {
      values[i] = 1 / correction[i];
      sum += values[i];
      good++;
    }
  const scale = good > 0 ? good / sum : 1;
  for (let i = 0; i < values.length; i++) values[i] *= scale;
  return values;
}

interface Kept {
  readonly pictures: string;
  readonly estimate: GainEstimate;
  readonly values: Float32Pixels;
  readonly reference: string | null;
  readonly movies: readonly string[];
}

function report(id: string, { pictures, estimate, values, reference, movies }: Kept): GainReport {
  const { gain, sums: _sums, afanasyev, ...rest } = estimate;
  const { width, height, bad } = gain;
  const { histogram: range } = summarize({ width, height, data: values, bad });
  const { histogram, flat } = gainHistogram(values, bad, range, estimate.noiseFloor);
  return {
    ...rest,
    id,
    pictures,
    width,
    height,
    histogram,
    flatHistogram: flat,
    floors: flatFloors(estimate.noiseFloor, width * height - estimate.badPixels),
    reference,
    movies,
    afanasyev: afanasyev !== null,
  };
}

export function createGainService(host: WorkerHost, loader: PictureLoader): GainApi {
  const kept = new Map<string, Kept>();
  const estimateOf = (id: string): Kept => {
    const found = kept.get(id);
    if (found === undefined)
      throw new CryoloupeError(
        "internal",
        "This estimate is no longer in memory. Run it again, then save.",
      );
    return found;
  };
  let count = 0;
  /** A new beginning of picture names for an estimate; its earlier pictures of that kind are dropped. */
  const freshPictures = (id: string, kind: "gain" | "gain-comparison"): string => {
    host.pictures.drop(pictureId({ kind: "stored", id: `${kind}/${id}/` }));
    return `${kind}/${id}/${++count}`;
  };
  const put = (
    pictures: string,
    name: string,
    gain: Pick<Gain, "width" | "height" | "bad">,
    data: Float32Pixels,
  ): void => {
    const { width, height, bad } = gain;
    host.pictures.put(
      pictureId({ kind: "stored", id: `${pictures}/${name}` }),
      { width, height, data, bad },
      { pinned: true },
    );
  };
  const keep = (
    id: string,
    estimate: GainEstimate,
    reference: string | null,
    movies: readonly string[],
  ): GainReport => {
    const pictures = freshPictures(id, "gain");
    const made = { pictures, estimate, values: pixelGain(estimate.gain), reference, movies };
    kept.set(id, made);
    put(pictures, "G", estimate.gain, made.values);
    put(pictures, "C", estimate.gain, estimate.gain.correction);
    if (estimate.afanasyev !== null) put(pictures, "afanasyev", estimate.gain, estimate.afanasyev);
    return report(id, made);
  };

  const referenceOf = async (
    wanted: GainRequest["reference"],
    size: { readonly width: number; readonly height: number },
  ): Promise<Gain | null> =>
    wanted === null ? null : await readReference(host, loader, wanted.id, wanted.orientation, size);

  return {
    estimate: (runId, callbacks, request) => {
      const { movie, parameters, keepSums, deviations } = request;
      const name = host.readers.get(movie)?.name ?? "";
      return host.run(
        runId,
        callbacks,
        { step: "Estimating the gain", file: name },
        async (context) => {
          const reader = host.reader(movie);
          const reference = await referenceOf(request.reference, reader.header);
          const estimate = await estimateGain(reader, reference, parameters, context, {
            keepSums,
            deviations,
          });
          return keep(movie, estimate, request.reference?.id ?? null, [movie]);
        },
      );
    },
    combine: (runId, callbacks, movies, { reference, parameters }) =>
      host.run(
        runId,
        callbacks,
        { step: "Estimating several movies together" },
        async (context) => {
          const readers = movies.map((id) => host.reader(id));
          const estimate = isJointMethod(parameters.method)
            ? await estimateJointGain(
                readers,
                await referenceOf(reference, readers[0].header),
                parameters,
                context,
              )
            : combineGains(
                movies.map((id) => estimateOf(id).estimate),
                parameters,
              );
          return keep("combined", estimate, reference?.id ?? null, movies);
        },
      ),
    exportText: (ids, what) =>
      host.attempt({ step: "Writing the numbers" }, async () => {
        const found = ids.map((id) => estimateOf(id));
        const estimates = found.map(({ estimate }) => estimate);
        switch (what) {
          case "csv":
            return gainStatisticsCsv(estimates);
          case "summary":
            return gainSummary(estimates);
          case "defects": {
            const { bad, width, height } = estimates[0].gain;
            return writeDefectText(bad, width, height);
          }
          case "monitor":
            return estimates.map(monitorLine).join("");
          case "json": {
            const [{ estimate, movies, reference }] = found;
            const { info } = await host.backend();
            return gainProvenance(estimate, {
              inputs: movies.map((id) => host.reader(id).name),
              reference: reference === null ? null : host.reader(reference).name,
              backend: `${info.kind}: ${info.name}`,
              date: new Date().toISOString(),
            });
          }
        }
      }),
    compare: (id, referenceId, orientation) =>
      host.attempt({ step: "Comparing with a reference" }, async () => {
        const { estimate, values } = estimateOf(id);
        const { width, height, bad } = estimate.gain;
        const reference = await readReference(host, loader, referenceId, orientation, {
          width,
          height,
        });
        const other = pixelGain(reference);
        const pictures = freshPictures(id, "gain-comparison");
        put(pictures, "reference", reference, other);
        const difference = Float32Array.from(values, (v, i) =>
          bad[i] === 0 && reference.bad[i] === 0 ? v - other[i] : 0,
        );
        const either = bad.map((b, i) => b | reference.bad[i]);
        put(pictures, "difference", { ...reference, bad: either }, difference);
        const scatter = { reference: [] as number[], estimate: [] as number[] };
        // A stride without a common factor with the width visits all columns.
        let stride = Math.max(1, Math.floor(values.length / SCATTER_POINTS));
        while (stride > 1 && width % stride === 0) stride++;
        for (let i = 0; i < values.length; i += stride)
          if (either[i] === 0) {
            scatter.reference.push(other[i]);
            scatter.estimate.push(values[i]);
          }
        const comparison = compareGains({ values, bad }, { values: other, bad: reference.bad });
        kept.set(id, { ...estimateOf(id), estimate: { ...estimate, comparison } });
        return { estimate: id, reference: referenceId, comparison, pictures, scatter };
      }),
    exportMrc: async (id, what) => {
      const outcome = await host.attempt({ step: "Writing the gain" }, async () => {
        const { estimate, values } = estimateOf(id);
        const { gain } = estimate;
        const pixels = what === "C" ? gain.correction : what === "G" ? values : gain.bad;
        return await encodeMrc([pixels], {
          width: gain.width,
          height: gain.height,
          sampleType: what === "bad" ? "uint8" : "float32",
          pixelSizeA: null,
          labels: [
            what === "bad"
              ? "Cryoloupe: bad pixels, 1 = bad"
              : what === "C"
                ? "Cryoloupe: gain correction C, multiply recorded frames by it"
                : "Cryoloupe: pixel gain G = 1/C, mean 1",
          ],
        });
      });
      return outcome.ok ? transfer(outcome, [outcome.value.buffer]) : outcome;
    },
    drop: (id) => {
      kept.delete(id);
      for (const kind of ["gain", "gain-comparison"])
        host.pictures.drop(pictureId({ kind: "stored", id: `${kind}/${id}/` }));
      return Promise.resolve();
    },
  };
}
