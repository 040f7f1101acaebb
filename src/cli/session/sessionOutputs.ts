import { basename, join } from "node:path";
import type { ComputeBackend } from "#src/compute/backend.ts";
import type { Gain } from "#src/domain/gain.ts";
import { APP_VERSION } from "#src/domain/version.ts";
import {
  estimateNumbers,
  gainProvenance,
  gainStatisticsCsv,
  gainSummary,
  monitorLine,
} from "#src/formats/gainReports.ts";
import type { ReportedEstimate } from "#src/formats/gainReports.ts";
import { moviesStar, moviesXmd } from "#src/formats/movieTables.ts";
import type { MovieRow } from "#src/formats/movieTables.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { orientReference } from "#src/math/orientReference.ts";
import { canonicalPose } from "#src/math/pose.ts";
import { poseName } from "#src/math/poseDecision.ts";
import { poseInWords } from "#src/math/poseWords.ts";
import { reverseGainRows } from "#src/pipeline/finalGain.ts";
import type { GainProtocolHooks, GainProtocolResult } from "#src/pipeline/gainProtocol.ts";
import { writtenGain } from "#src/pipeline/orientAsXmipp.ts";
import type { OrientReference } from "#src/pipeline/orientGain.ts";
import type { ResultFolder } from "../resultFolder.ts";
import { openResultFolder } from "../resultFolder.ts";
import type { ListedMovie } from "./movieFolder.ts";
import type { SessionParameters } from "./sessionParameters.ts";

/** The files of a session: `gain/`, `aligned/`, tables of movies and `session.json` in one folder. */
export interface SessionOutputs {
  readonly path: string;
  readonly finalGainPath: () => string;
  readonly hooks: (backend: ComputeBackend, reference: OrientReference | null) => GainProtocolHooks;
  /** What `session.json` says of orientation and final gain. */
  readonly gainSummary: (protocol: GainProtocolResult) => Record<string, unknown>;
  /** Takes up what an earlier run has written. */
  readonly restore: (final: Gain | null, reported: readonly ReportedEstimate[]) => void;
  readonly writeTables: (movies: readonly ListedMovie[]) => Promise<void>;
  readonly writeSession: (json: Readonly<Record<string, unknown>>) => Promise<void>;
}

export function createSessionOutputs(
  folder: ResultFolder,
  inputs: readonly string[],
  parameters: SessionParameters,
): SessionOutputs {
  const gainFolder = (): Promise<ResultFolder> =>
    openResultFolder(join(folder.path, "gain"), inputs);
  const finalGainPath = (): string => join(folder.path, "gain", "final_gain.mrc");
  let final: Gain | null = null;
  const reported: ReportedEstimate[] = [];

  const writeGain = async (name: string, gain: Gain, what: string): Promise<void> => {
    const { width, height, correction } = gain;
    const size = { width, height, sampleType: "float32", pixelSizeA: null } as const;
    const labels = [`Cryoloupe: ${what}`.slice(0, 80)];
    await (await gainFolder()).write(name, await encodeMrc([correction], { ...size, labels }));
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
        const { best, candidates } = result;
        const tiff = [...inputs, ...result.movies].some((file) => /\.tiff?$/i.test(file));
        const own = best === null ? null : { ...canonicalPose(best), inverted: best.inverted };
        const words =
          own === null || reference === null ? [] : poseInWords(own, reference.name, tiff);
        const named = candidates.map((c) => ({ ...c, pose: poseName(c) }));
        const { movies, findings, confident, margin, displacement, countsPerPixel } = result;
        const found = { pose: own, words, confident, margin, displacement, countsPerPixel };
        const json = { ...found, findings, movies, candidates: named };
        await (await gainFolder()).write("orientation.json", `${JSON.stringify(json, null, 1)}\n`);
        const asXmipp = writtenGain(result);
        if (asXmipp !== null) {
          // As it stands in the original's file: displaced, repaired, of its own scale.
          const { width, height, values } = asXmipp;
          const gain = { width, height, correction: values, bad: new Uint8Array(values.length) };
          await writeGain("oriented_gain.mrc", gain, "gain C (multiply), as Xmipp orients it");
        } else if (own !== null && reference !== null && confident)
          await writeGain(
            "oriented_gain.mrc",
            orientReference(reference, own),
            `gain C (multiply), ${poseName(own)}`,
          );
      },
      onEstimate: async (estimate, reader) => {
        const { gain: _gain, sums: _sums, ...numbers } = estimate;
        report(numbers);
        const kind = estimate.residual ? "residual_gain" : "gain";
        const name = `${estimate.name}_${kind}`;
        await writeGain(`${name}.mrc`, estimate.gain, `${kind.replace("_", " ")} C (multiply)`);
        const files = await gainFolder();
        await files.write(`${name}.json`, gainProvenance(numbers, origin(reader.name)));
        // After every movie, so that what is done can be looked at while others run.
        await files.write("gain_statistics.csv", gainStatisticsCsv(reported));
        const residuals = reported.filter((e) => e.residual);
        const watched = residuals.length > 0 ? residuals : reported;
        await files.write("summary.txt", gainSummary(watched));
        await files.write("summaryForMonitor.txt", watched.map(monitorLine).join(""));
      },
      onFinal: async ({ gain, provenance }, combined) => {
        final = gain;
        await writeGain("final_gain.mrc", gain, `final gain C (multiply), ${provenance.source}`);
        const about = {
          program: "cryoloupe",
          version: APP_VERSION,
          date: new Date().toISOString(),
          rows: "as the movies are read: TIFF rows reversed, all others as stored",
          ...provenance,
        };
        const text = `${JSON.stringify(about, null, 1)}\n`;
        await (await gainFolder()).write("final_gain.json", text);
        if (combined !== null)
          await writeGain("combined_gain.mrc", combined.gain, "gain C (multiply), all movies");
      },
    };
  };

  const rowsOf = (movies: readonly ListedMovie[], gain: string | null): MovieRow[] =>
    movies.map(({ path, header }) => ({
      movie: path,
      gain,
      pixelSizeA: header.pixelSizeA,
      voltageKv: parameters.voltageKv,
    }));

  return {
    path: folder.path,
    finalGainPath,
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
    restore: (gain, estimates) => {
      final = gain;
      for (const estimate of estimates) report(estimate);
    },
    writeTables: async (movies) => {
      const gain = final === null ? null : finalGainPath();
      const rows = rowsOf(movies, gain);
      await folder.write("movies.star", moviesStar(rows));
      await folder.write("movies.xmd", moviesXmd(rows));
      if (final === null || movies[0].header.format !== "tiff") return;
      // Xmipp does not reverse the rows of TIFF files: its gain has to have them as they are stored.
      const name = "final_gain_rows_as_stored.mrc";
      await writeGain(name, reverseGainRows(final), "final gain C (multiply), rows as in the TIFF");
      const stored = rowsOf(movies, join(folder.path, "gain", name));
      await folder.write("movies_xmipp_rows.xmd", moviesXmd(stored));
    },
    writeSession: async (json) => {
      const all = {
        program: "cryoloupe",
        version: APP_VERSION,
        parameters: parameters.given,
        ...json,
      };
      await folder.write("session.json", `${JSON.stringify(all, null, 1)}\n`);
    },
  };
}

/** The numbers without what fills pages. */
export function shortNumbers(estimate: ReportedEstimate): Record<string, unknown> {
  const { sigmas: _s, iterations: _i, checks: _c, ...numbers } = estimateNumbers(estimate);
  return numbers;
}
