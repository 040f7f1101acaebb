import { transfer } from "comlink";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { FinalGain } from "#src/domain/gainProtocol.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import { APP_VERSION } from "#src/domain/version.ts";
import { moviesStar, moviesXmd } from "#src/formats/movieTables.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { reverseGainRows } from "#src/pipeline/finalGain.ts";
import { runGainProtocol } from "#src/pipeline/gainProtocol.ts";
import type { ProtocolApi } from "#workers/contracts.ts";
import type { WorkerHost } from "#workers/host.ts";
import type { KeptGains } from "./keptGains.ts";
import type { PictureLoader } from "./pictures.ts";
import { defectsAlone, withDefects } from "./cameraFiles.ts";
import { loadReference } from "./reference.ts";

/** Of a microscope that nothing else is known of; RELION's import has the same. */
const VOLTAGE_KV = 300;

export function createProtocolService(
  host: WorkerHost,
  loader: PictureLoader,
  kept: KeptGains,
): ProtocolApi {
  let final: FinalGain | null = null;
  const required = (): FinalGain => {
    if (final === null)
      throw new CryoloupeError(
        "internal",
        "The final gain is no longer in memory. Run the protocol again, then save.",
      );
    return final;
  };

  return {
    run: (runId, callbacks, request) =>
      host.run(runId, callbacks, { step: "Running the gain protocol" }, async (context) => {
        const { movies, reference, switches, parameters, movieStep, found, defects } = request;
        final = null;
        const reports: GainReport[] = [];
        // Names may repeat among folders; the reader that is handed on tells the movie.
        const idOf = new Map<unknown, string>();
        const result = await runGainProtocol(
          {
            movies: movies.map((id) => ({
              name: host.reader(id).name,
              open: () => {
                // Files of the session stay open.
                const reader = { ...host.reader(id), close: () => Promise.resolve() };
                idOf.set(reader, id);
                return Promise.resolve(reader);
              },
            })),
            movieStep,
            reference:
              reference === null
                ? null
                : await withDefects(
                    host,
                    loader,
                    await loadReference(host, loader, reference.id),
                    defects,
                    host.reader(reference.id).header.format === "tiff",
                  ),
            ...(reference === null ? {} : { pose: reference.orientation }),
            ...(defects === null
              ? {}
              : { badPixels: (header) => defectsAlone(host, loader, defects, header) }),
            ...(found === null ? {} : { found }),
            switches,
            parameters,
          },
          context,
          {
            onEstimate: async (estimate, reader) => {
              const id = idOf.get(reader);
              if (id === undefined) return;
              const left = estimate.residual ? (reference?.id ?? null) : null;
              reports.push(await kept.keep(id, estimate, left, [id], context.log));
            },
            onFinal: (chosen) => {
              final = chosen;
              return Promise.resolve();
            },
          },
        );
        const { combined, stability, failures } = result;
        const estimated = reports.filter((r) => !r.residual).map((r) => r.id);
        return {
          final: result.final?.provenance ?? null,
          reports,
          combined:
            combined === null || estimated.length < 2
              ? null
              : await kept.keep("combined", combined, null, estimated, context.log),
          stability,
          failures: failures.map(({ movie, step: _step, ...failure }) => ({ movie, failure })),
          rowsReversed: host.reader(movies[0]).header.format === "tiff",
        };
      }),
    finalGain: async (rows) => {
      const outcome = await host.attempt({ step: "Writing the final gain" }, async () => {
        const { gain, provenance } = required();
        const { width, height, correction } = rows === "read" ? gain : reverseGainRows(gain);
        const what = `final gain C (multiply), ${provenance.source}`;
        return await encodeMrc([correction], {
          width,
          height,
          sampleType: "float32",
          pixelSizeA: null,
          labels: [`Cryoloupe: ${what}${rows === "read" ? "" : ", rows as in the TIFF"}`],
        });
      });
      return outcome.ok ? transfer(outcome, [outcome.value.buffer]) : outcome;
    },
    text: (what, movies, gainName) =>
      host.attempt({ step: "Writing the table of movies" }, () => {
        const { provenance } = required();
        if (what === "provenance")
          return `${JSON.stringify({ program: "Cryoloupe", version: APP_VERSION, ...provenance }, null, 1)}\n`;
        const rows = movies.map(({ path, pixelSizeA }) => ({
          movie: path,
          gain: gainName,
          pixelSizeA,
          voltageKv: VOLTAGE_KV,
        }));
        return what === "star" ? moviesStar(rows) : moviesXmd(rows);
      }),
  };
}
