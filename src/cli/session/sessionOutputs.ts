import { basename, join } from "node:path";
import type { ComputeBackend } from "#src/compute/backend.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { FinalGain, FinalGainProvenance } from "#src/domain/gainProtocol.ts";
import type { AppliedGain } from "#src/domain/records/appliedGain.ts";
import type { MovieRecord } from "#src/domain/records/movieRecord.ts";
import { gainEstimateName, RESULT_FILES, resultPath } from "#src/domain/records/resultLayout.ts";
import { estimateNumbers, gainProvenance } from "#src/formats/gainReports.ts";
import type { ReportedEstimate } from "#src/formats/gainReports.ts";
import { gainTables, movieTables, sessionJson } from "#src/formats/session/sessionTables.ts";
import { canonicalPose } from "#src/math/pose.ts";
import { poseName } from "#src/math/poseDecision.ts";
import type { GainProtocolHooks, GainProtocolResult } from "#src/pipeline/gainProtocol.ts";
import type { OrientReference } from "#src/pipeline/orientGain.ts";
import {
  combinedGainFile,
  estimatedGainMrc,
  finalGainAbout,
  finalGainFiles,
  orientationFiles,
  storedRowsGainFile,
} from "#src/pipeline/sessionGainFiles.ts";
import type { SessionFileContent } from "#src/pipeline/sessionGainFiles.ts";
import type { ResultFolder } from "../resultFolder.ts";
import { gainAppliedBy, isAssigned } from "./gainApplied.ts";
import type { ListedMovie } from "./movieFolder.ts";
import type { SessionParameters } from "./sessionParameters.ts";

/** The files of a session: `gain/`, `aligned/`, tables of movies and `session.json` in one folder. */
export interface SessionOutputs {
  readonly path: string;
  readonly finalGainPath: () => string;
  readonly finalGainAboutPath: () => string;
  readonly hooks: (backend: ComputeBackend, reference: OrientReference | null) => GainProtocolHooks;
  /** What `session.json` says of orientation and final gain. */
  readonly gainSummary: (protocol: GainProtocolResult) => Record<string, unknown>;
  /** Takes up what an earlier run has written. */
  readonly restore: (
    final: (FinalGain & { readonly applied: AppliedGain | null }) | null,
    reported: readonly ReportedEstimate[],
  ) => Promise<void>;
  readonly writeTables: (movies: readonly ListedMovie[]) => Promise<void>;
  readonly writeSession: (
    json: Readonly<Record<string, unknown>>,
    records: readonly MovieRecord[],
  ) => Promise<void>;
}

export function createSessionOutputs(
  folder: ResultFolder,
  inputs: readonly string[],
  parameters: SessionParameters,
): SessionOutputs {
  const finalGainPath = (): string => join(folder.path, RESULT_FILES.finalGain);
  let final: Gain | null = null;
  let provenance: FinalGainProvenance | null = null;
  /** The gain whose rows as stored are on disk already. */
  let storedWritten: Gain | null = null;
  const reported: ReportedEstimate[] = [];

  const writeAll = async (files: readonly SessionFileContent[]): Promise<void> => {
    for (const [path, content] of files) await folder.write(path, content);
  };

  const report = (estimate: ReportedEstimate): void => {
    // A movie that is looked at again replaces what was said of it.
    const at = reported.findIndex(
      (e) => e.name === estimate.name && e.residual === estimate.residual,
    );
    if (at < 0) reported.push(estimate);
    else reported[at] = estimate;
  };

  const hooks: SessionOutputs["hooks"] = (backend, reference) => {
    const origin = (input: string): Parameters<typeof gainProvenance>[1] => ({
      inputs: [input],
      reference: parameters.gain === null ? null : basename(parameters.gain),
      backend: `${backend.info.kind}: ${backend.info.name}`,
      date: new Date().toISOString(),
    });
    return {
      onOrientation: async (result) => {
        const tiff = [...inputs, ...result.movies].some((file) => /\.tiff?$/i.test(file));
        await writeAll(await orientationFiles(result, reference, tiff));
      },
      onEstimate: async (estimate, reader) => {
        const { gain: _gain, sums: _sums, ...numbers } = estimate;
        report(numbers);
        const name = resultPath("gain", gainEstimateName(estimate.name, estimate.residual));
        await writeAll([
          [`${name}.mrc`, await estimatedGainMrc(estimate)],
          [`${name}.json`, gainProvenance(numbers, origin(reader.name))],
          // After every movie, so that what is done can be looked at while others run.
          ...gainTables(reported),
        ]);
      },
      onFinal: async (chosen, combined) => {
        final = chosen.gain;
        provenance = chosen.provenance;
        await writeAll(await finalGainFiles(chosen, gainAppliedBy(chosen.provenance, parameters)));
        if (combined !== null) await writeAll([await combinedGainFile(combined.gain)]);
      },
    };
  };

  return {
    path: folder.path,
    finalGainPath,
    finalGainAboutPath: () => join(folder.path, RESULT_FILES.finalGainAbout),
    hooks,
    gainSummary: ({ switches, orientation, combined, final: chosen }) => ({
      switches,
      orientation:
        orientation === null
          ? null
          : {
              pose: orientation.best === null ? null : poseName(canonicalPose(orientation.best)),
              inverted: orientation.best?.inverted ?? null,
              confident: orientation.confident,
              margin: orientation.margin,
              findings: orientation.findings,
            },
      combined: combined === null ? null : shortNumbers(combined),
      finalGain: chosen?.provenance ?? null,
    }),
    restore: async (earlier, estimates) => {
      final = earlier?.gain ?? null;
      provenance = earlier?.provenance ?? null;
      for (const estimate of estimates) report(estimate);
      if (earlier === null) return;
      // The same gain, and applied now, or no longer.
      const applied = gainAppliedBy(earlier.provenance, parameters);
      const same = earlier.applied?.source === applied.source;
      if (!same || earlier.applied?.text !== applied.text)
        await writeAll([finalGainAbout(earlier.provenance, applied)]);
    },
    writeTables: async (movies) => {
      // Xmipp does not reverse the rows of TIFF files: its gain has to have them as they are stored.
      const stored = final !== null && movies[0].header.format === "tiff";
      if (final !== null && stored && storedWritten !== final) {
        await writeAll([await storedRowsGainFile(final)]);
        storedWritten = final;
      }
      const rows = movies.map(({ path, header: { pixelSizeA } }) => ({ path, pixelSizeA }));
      const gain = {
        assigned: isAssigned(provenance, parameters),
        path: final === null ? null : finalGainPath(),
        pathAsStored: stored ? join(folder.path, RESULT_FILES.finalGainAsStored) : null,
      };
      await writeAll(movieTables(rows, gain, parameters.voltageKv));
    },
    writeSession: async (json, records) => {
      const all = { parameters: parameters.given, ...json };
      await folder.write(RESULT_FILES.session, sessionJson("command", all, records));
    },
  };
}

/** The numbers without what fills pages. */
export function shortNumbers(estimate: ReportedEstimate): Record<string, unknown> {
  const { sigmas: _s, iterations: _i, checks: _c, ...numbers } = estimateNumbers(estimate);
  return numbers;
}
