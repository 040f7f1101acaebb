import { transfer } from "comlink";
import type { Gain } from "#src/domain/gain.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { writeDefectText } from "#src/formats/reference/writeDefectText.ts";
import { compareGains } from "#src/math/compareGains.ts";
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
import { pixelGain } from "./keptGains.ts";
import type { KeptGains } from "./keptGains.ts";
import type { PictureLoader } from "./pictures.ts";
import { readReference } from "./reference.ts";

const SCATTER_POINTS = 3000;

export function createGainService(
  host: WorkerHost,
  loader: PictureLoader,
  kept: KeptGains,
): GainApi {
  const { get: estimateOf, keep, freshPictures, put } = kept;

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
        kept.replace(id, { ...estimateOf(id), estimate: { ...estimate, comparison } });
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
      kept.drop(id);
      return Promise.resolve();
    },
  };
}
