import { transfer } from "comlink";
import type { Bytes } from "#src/domain/byteSource.ts";
import type { Gain } from "#src/domain/gain.ts";
import { MOST_GAINS_READ_BACK } from "#src/domain/gainReport.ts";
import type { FinalGain } from "#src/domain/gainProtocol.ts";
import { averageGains } from "#src/math/averageGains.ts";
import { chooseFinalGain } from "#src/pipeline/finalGain.ts";
import {
  combinedGainFile,
  finalGainFiles,
  orientationFiles,
  storedRowsGainFile,
} from "#src/pipeline/sessionGainFiles.ts";
import type { SessionFileContent } from "#src/pipeline/sessionGainFiles.ts";
import type { ResultsApi, SessionGainRequest } from "#workers/sessionContracts.ts";
import type { WorkerHost } from "#workers/host.ts";
import { withDefects } from "./cameraFiles.ts";
import type { KeptGains } from "./keptGains.ts";
import type { PictureLoader } from "./pictures.ts";
import { loadReference } from "./reference.ts";

/** Files of a session's results folder that are made from pixels: its gains. */
export function createResultsService(
  host: WorkerHost,
  loader: PictureLoader,
  kept: KeptGains,
): ResultsApi {
  /** A gain of an earlier visit, from the results folder or the browser's own storage; null = it is gone. */
  const earlierGain = async (pictures: string): Promise<Gain | null> => {
    const picture = await loader.load({ kind: "stored", id: `${pictures}/C` }).catch(() => null);
    if (picture === null || !(picture.data instanceof Float32Array) || picture.bad === undefined)
      return null;
    const { width, height, data, bad } = picture;
    return { width, height, correction: data, bad };
  };

  /** One gain from the estimates that are at hand; null = there is none. */
  const combinedOf = async (
    estimates: SessionGainRequest["estimates"],
  ): Promise<{ readonly gain: Gain; readonly names: readonly string[] } | null> => {
    const found: { gain: Gain; name: string; noise: number | null }[] = [];
    let readBack = 0;
    for (const { held, pictures, name, noiseFloor } of estimates) {
      const inMemory = await kept.get(held).catch(() => null);
      if (inMemory === null && ++readBack > MOST_GAINS_READ_BACK) continue;
      const gain = inMemory?.estimate.gain ?? (await earlierGain(pictures));
      if (gain === null) continue;
      const [first] = found;
      if (
        first === undefined ||
        (first.gain.width === gain.width && first.gain.height === gain.height)
      )
        found.push({ gain, name, noise: noiseFloor });
    }
    if (found.length === 0) return null;
    return {
      gain: averageGains(
        found.map(({ gain }) => gain),
        found.map(({ noise }) => noise),
      ),
      names: found.map(({ name }) => name),
    };
  };

  const make = async (request: SessionGainRequest) => {
    const { movie, reference, found, inUse, estimates, defects, normalise, applied } = request;
    const { width, height, format } = host.reader(movie).header;
    const files: SessionFileContent[] = [];
    let refused: string | null = null;
    const isTiff = (id: string): boolean => host.reader(id).header.format === "tiff";
    const rowsReversed = format === "tiff" || (reference !== null && isTiff(reference.id));
    const loaded =
      reference === null
        ? null
        : await withDefects(
            host,
            loader,
            await loadReference(host, loader, reference.id),
            defects,
            isTiff(reference.id),
          );
    if (found !== null) files.push(...(await orientationFiles(found, loaded, rowsReversed)));
    const combined = await combinedOf(estimates);
    if (combined !== null) files.push(await combinedGainFile(combined.gain));
    let final: FinalGain | null = null;
    try {
      final = chooseFinalGain(
        {
          reference: loaded,
          orientation: inUse ? found : null,
          ...(reference === null ? {} : { pose: reference.orientation }),
          estimated: combined === null ? null : { gain: combined.gain, name: "combined" },
          estimatedFrom: combined?.names ?? [],
          ...{ width, height },
        },
        normalise,
      );
    } catch (error) {
      // A reference that does not fit is no reason to go without tables.
      refused = error instanceof Error ? error.message : String(error);
    }
    if (final !== null) {
      files.push(...(await finalGainFiles(final, applied)));
      if (format === "tiff") files.push(await storedRowsGainFile(final.gain));
    }
    const encode = new TextEncoder();
    return {
      files: files.map(([name, content]) => ({
        name,
        bytes: typeof content === "string" ? (encode.encode(content) satisfies Bytes) : content,
      })),
      final: final?.provenance ?? null,
      refused,
    };
  };

  return {
    gainFiles: async (request) => {
      const outcome = await host.attempt({ step: "Writing the gains of the session" }, () =>
        make(request),
      );
      return outcome.ok
        ? transfer(
            outcome,
            outcome.value.files.map(({ bytes }) => bytes.buffer),
          )
        : outcome;
    },
  };
}
