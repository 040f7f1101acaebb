import { transfer } from "comlink";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { MovieHeader } from "#src/domain/movie.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { writeDefectText } from "#src/formats/reference/writeDefectText.ts";
import { compareGains } from "#src/math/compareGains.ts";
import {
  gainProvenance,
  gainStatisticsCsv,
  gainSummary,
  monitorLine,
} from "#src/formats/gainReports.ts";
import { estimateGain, estimateJointGain, isJointMethod } from "#src/pipeline/estimateGain.ts";
import { createGainAccumulator } from "#src/pipeline/gainAccumulator.ts";
import type { GainAccumulator } from "#src/pipeline/gainAccumulator.ts";
import type { GainApi, GainRequest } from "#workers/contracts.ts";
import type { WorkerHost } from "#workers/host.ts";
import { keptName, pixelGain } from "./keptGains.ts";
import type { KeptGains } from "./keptGains.ts";
import type { PictureLoader } from "./pictures.ts";
import { readBadPixels, readReference } from "./reference.ts";

const SCATTER_POINTS = 3000;

interface Addition {
  readonly sum: GainAccumulator;
  readonly ids: string[];
}

export function createGainService(
  host: WorkerHost,
  loader: PictureLoader,
  kept: KeptGains,
): GainApi {
  const { get: estimateOf, keep } = kept;
  /** Sums of the movies that are being put together: one series at a time, one sum for each size. */
  let series: { readonly name: string; readonly sizes: Map<string, Addition> } | null = null;

  /** What frames are multiplied by: the reference, or only what marks bad pixels, or nothing. */
  const correctionFor = async (
    { reference, residual, defects }: Omit<GainRequest, "movie" | "deviations">,
    header: MovieHeader,
  ): Promise<Gain | null> => {
    if (residual && reference !== null)
      return await readReference(
        host,
        loader,
        reference.id,
        reference.orientation,
        header,
        defects,
      );
    return defects === null ? null : await readBadPixels(host, loader, reference, defects, header);
  };
  const isResidual = ({ reference, residual }: Pick<GainRequest, "reference" | "residual">) =>
    residual && reference !== null;

  return {
    estimate: (runId, callbacks, request) => {
      const { movie, parameters, addTo, deviations } = request;
      const name = host.readers.get(movie)?.name ?? "";
      return host.run(
        runId,
        callbacks,
        { step: "Estimating the gain", file: name },
        async (context) => {
          const reader = host.reader(movie);
          const correction = await correctionFor(request, reader.header);
          const residual = isResidual(request);
          const keepSums = addTo !== null && !isJointMethod(parameters.method);
          const estimate = await estimateGain(reader, correction, parameters, context, {
            keepSums,
            deviations,
          });
          const own = { ...estimate, residual };
          if (keepSums) {
            if (series?.name !== addTo) series = { name: addTo, sizes: new Map() };
            const size = `${reader.header.width} × ${reader.header.height}`;
            const addition = series.sizes.get(size) ?? { sum: createGainAccumulator(), ids: [] };
            series.sizes.set(size, addition);
            addition.sum.add(own);
            addition.ids.push(movie);
          }
          return await keep(
            movie,
            own,
            residual ? (request.reference?.id ?? null) : null,
            [movie],
            context.log,
          );
        },
      );
    },
    combine: (runId, callbacks, movies, request) =>
      host.run(
        runId,
        callbacks,
        { step: "Estimating several movies together" },
        async (context) => {
          const { parameters, addTo } = request;
          const residual = isResidual(request);
          const reference = residual ? (request.reference?.id ?? null) : null;
          if (isJointMethod(parameters.method)) {
            const readers = movies.map((id) => host.reader(id));
            const correction = await correctionFor(request, readers[0].header);
            const joint = await estimateJointGain(
              readers,
              correction,
              parameters,
              context,
              movies.map((id) => kept.motionOf(keptName(id, residual))),
            );
            return await keep("combined", { ...joint, residual }, reference, movies, context.log);
          }
          const { width, height } = host.reader(movies[0]).header;
          const added =
            series === null || series.name !== addTo
              ? undefined
              : series.sizes.get(`${width} × ${height}`);
          const combined = added?.sum.finish(parameters) ?? null;
          if (added === undefined || combined === null)
            throw new CryoloupeError(
              "internal",
              "The sums of these movies are no longer in memory. Estimate the movies again.",
            );
          series = null;
          if (added.ids.length < movies.length)
            context.log?.(
              `${added.ids.length} of ${movies.length} movies are in the estimate together: the others were lost when the compute worker was restarted.`,
            );
          return await keep("combined", combined, reference, added.ids, context.log);
        },
      ),
    exportText: (ids, what) =>
      host.attempt({ step: "Writing the numbers" }, async () => {
        const found = await Promise.all(ids.map(estimateOf));
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
        const held = await estimateOf(id);
        const { estimate, values } = held;
        const { width, height, bad } = estimate.gain;
        const reference = await readReference(host, loader, referenceId, orientation, {
          width,
          height,
        });
        const other = pixelGain(reference);
        const difference = Float32Array.from(values, (v, i) =>
          bad[i] === 0 && reference.bad[i] === 0 ? v - other[i] : 0,
        );
        const either = bad.map((b, i) => b | reference.bad[i]);
        const pictures = kept.putComparison(id, reference, {
          reference: { data: other, bad: reference.bad },
          difference: { data: difference, bad: either },
        });
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
        kept.replace({ ...held, estimate: { ...estimate, comparison } });
        return { estimate: id, reference: referenceId, comparison, pictures, scatter };
      }),
    exportMrc: async (id, what) => {
      const outcome = await host.attempt({ step: "Writing the gain" }, async () => {
        const { estimate, values } = await estimateOf(id);
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
      kept.drop(id);
      return Promise.resolve();
    },
  };
}
