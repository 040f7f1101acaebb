import { transfer } from "comlink";
import type { GainOrientation } from "#src/domain/gain.ts";
import { pictureId } from "#src/domain/picture.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { gainThumbnail } from "#src/math/gainThumbnail.ts";
import { poseName } from "#src/math/poseDecision.ts";
import { poseInWords } from "#src/math/poseWords.ts";
import { poseTiles } from "#src/math/poseTiles.ts";
import { orientReference } from "#src/math/orientReference.ts";
import { fitGain } from "#src/math/referenceGain.ts";
import { countMarked, gainStatistics } from "#src/math/statistics.ts";
import { orientGain } from "#src/pipeline/orientGain.ts";
import type { OrientationApi } from "#workers/contracts.ts";
import type { WorkerHost } from "#workers/host.ts";
import { pixelGain } from "./keptGains.ts";
import type { PictureLoader } from "./pictures.ts";
import { loadReference } from "./reference.ts";

const poseKey = ({ rotation90, flip, inverted }: GainOrientation): string =>
  `${rotation90}-${flip}-${inverted ? "divide" : "multiply"}`;

export function createOrientationService(host: WorkerHost, loader: PictureLoader): OrientationApi {
  const averageOf = (movie: string) =>
    loader.load({ kind: "sum", movie, lastFrame: host.reader(movie).header.frames - 1 });

  return {
    find: (runId, callbacks, { movies, reference: id }) =>
      host.run(
        runId,
        callbacks,
        { step: "Finding the pose of the reference", file: host.readers.get(id)?.name ?? "" },
        async (context) => {
          const reference = await loadReference(host, loader, id);
          const readers = movies.map((movie) => host.reader(movie));
          const result = await orientGain(readers, reference, context);
          const isTiff = (file: string): boolean => host.reader(file).header.format === "tiff";
          const tiff = { movies: isTiff(movies[0]), reference: isTiff(id) };
          host.pictures.drop(pictureId({ kind: "stored", id: "orientation/" }));
          return {
            ...result,
            reference: id,
            referenceName: reference.name,
            movie: movies[0],
            names: result.candidates.map(poseName),
            words: result.candidates.map((c) =>
              poseInWords(c, reference.name, tiff.movies || tiff.reference),
            ),
            tiff,
            tiles: poseTiles(await averageOf(movies[0]), reference, result.candidates),
          };
        },
      ),
    corrected: (movie, referenceId, orientation) =>
      host.attempt({ step: "Correcting the average" }, async () => {
        const id = `orientation/${movie}/${referenceId}/${poseKey(orientation)}`;
        if (host.pictures.get(pictureId({ kind: "stored", id })) !== undefined) return id;
        const { width, height, data } = await averageOf(movie);
        const reference = await loadReference(host, loader, referenceId);
        const posed = orientReference(reference, orientation);
        const gain = fitGain(posed, width, height) ?? posed;
        const corrected = new Float32Array(width * height);
        for (let i = 0; i < corrected.length; i++) corrected[i] = data[i] * gain.correction[i];
        host.pictures.put(
          pictureId({ kind: "stored", id }),
          { width, height, data: corrected, bad: gain.bad },
          { pinned: false },
        );
        return id;
      }),
    oriented: (referenceId, orientation) =>
      host.attempt({ step: "Orienting the reference" }, async () => {
        const reference = await loadReference(host, loader, referenceId);
        const gain = orientReference(reference, orientation);
        const { width, height, bad, correction } = gain;
        const values = pixelGain(gain);
        const pictures = `oriented/${referenceId}/${poseKey(orientation)}`;
        host.pictures.drop(pictureId({ kind: "stored", id: "oriented/" }));
        for (const [kind, data] of [["G", values] as const, ["C", correction] as const])
          host.pictures.put(
            pictureId({ kind: "stored", id: `${pictures}/${kind}` }),
            { width, height, data, bad },
            { pinned: true },
          );
        return {
          reference: referenceId,
          referenceName: reference.name,
          orientation,
          poseName: poseName(orientation),
          pictures,
          width,
          height,
          statistics: gainStatistics(values, bad),
          badPixels: countMarked(bad),
          thumbnail: gainThumbnail(gain, values),
        };
      }),
    exportMrc: async (referenceId, orientation) => {
      const outcome = await host.attempt({ step: "Writing the oriented gain" }, async () => {
        const reference = await loadReference(host, loader, referenceId);
        const { width, height, correction } = orientReference(reference, orientation);
        return await encodeMrc([correction], {
          width,
          height,
          sampleType: "float32",
          pixelSizeA: null,
          labels: [`Cryoloupe gain C (multiply), ${poseName(orientation)}`.slice(0, 80)],
        });
      });
      return outcome.ok ? transfer(outcome, [outcome.value.buffer]) : outcome;
    },
  };
}
