import { astigmatismA, samplingDefocus } from "#src/domain/ctf.ts";
import type {
  CtfEstimate,
  CtfTable,
  DefocusSample,
  SampleExport,
  SampleOptions,
} from "#src/domain/ctf.ts";
import { APP_VERSION } from "#src/domain/version.ts";
import { stem } from "#src/formats/ctf/starCtf.ts";
import type { CtfDocument } from "#src/formats/ctf/openCtf.ts";
import type { NamedBytes } from "#src/domain/byteSource.ts";
import { writeMicrographTable } from "#src/formats/ctf/writeMicrographs.ts";
import { stableKey } from "#src/math/stableKey.ts";
import { sampleEstimates, sampleReadiness } from "#src/math/defocusSample.ts";

/** Samples a closed table: as {@link sampleEstimates}, and says where the minimum was not reached. */
export function sampleByDefocus(table: CtfTable, options: SampleOptions): DefocusSample {
  const sample = sampleEstimates(table.estimates, options);
  const { note } = sampleReadiness(sample.populationRows.length, options.minImages, true);
  return note === null ? sample : { ...sample, notes: [...sample.notes, note] };
}

/** The statistics of the protocol as JSON; what is not defined is null. */
function statisticsJson(sample: DefocusSample): Record<string, unknown> {
  const plain = (s: DefocusSample["population"]): Record<string, number | null> =>
    Object.fromEntries(
      Object.entries(s).map(([key, value]: [string, number]) => [
        key === "sd" ? "std" : key,
        Number.isFinite(value) ? value : null,
      ]),
    );
  return { ...plain(sample.population), sample: plain(sample.sample) };
}

/** The line that the protocol shows: Å, integers truncated, of the population. */
export function statisticsLine(sample: DefocusSample): string {
  const { range, min, max, mean, sd } = sample.population;
  const whole = (v: number): string => String(Math.trunc(v));
  return `The defocus statistics are the following: range ${whole(range)}   min ${whole(min)}   max ${whole(max)}   mean ${whole(mean)}   std ${Number.isFinite(sd) ? sd.toFixed(1) : "–"}`;
}

/** What the command prints and what stands in the JSON file: the choice and how it came about. */
export function sampleReport(
  table: CtfTable,
  sample: DefocusSample,
  options: SampleOptions,
): Record<string, unknown> {
  return {
    selected: sample.rows.map((r) => table.estimates[r].micrograph),
    statistics: statisticsJson(sample),
    perBin: sample.bins,
    balance: sample.balance,
    population: sample.populationRows.length,
    rows: table.estimates.length,
    leftOut: sample.leftOut,
    format: table.formatName,
    seed: options.seed,
    summary: sample.summary,
    warnings: [...table.warnings, ...sample.notes],
  };
}

/** Raised when the same table and options give another sample: older ones are then drawn again. */
const SAMPLE_VERSION = 1;

/**
 * Of everything that decides a sample: what the tables say, and the options. Names and times of files do not, nor
 * for how many estimates was waited.
 */
export function sampleKey(table: CtfTable, options: SampleOptions): string {
  const { minImages: _minImages, ...decisive } = options;
  return stableKey([SAMPLE_VERSION, decisive, table.estimates]);
}

/** The chosen estimates in the order of the sample. */
export function chosenEstimates(table: CtfTable, sample: DefocusSample): CtfEstimate[] {
  return sample.rows.map((r) => table.estimates[r]);
}

function csvValue(value: string | number | null): string {
  if (value === null || (typeof value === "number" && !Number.isFinite(value))) return "";
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The chosen estimates as CSV, units in the names of the columns. */
export function sampleCsv(chosen: readonly CtfEstimate[]): string {
  const header = [
    "micrograph",
    "defocus_u_A",
    "defocus_v_A",
    "defocus_angle_deg",
    "sampling_defocus_A",
    "astigmatism_A",
    "phase_shift_deg",
    "resolution_A",
    "figure_of_merit",
    "ice_density",
  ];
  const lines = chosen.map((e) =>
    [
      e.micrograph,
      e.defocusU,
      e.defocusV,
      e.defocusAngleDeg,
      samplingDefocus(e),
      astigmatismA(e),
      e.phaseShiftDeg,
      e.resolutionA,
      e.figureOfMerit,
      e.iceDensity,
    ]
      .map(csvValue)
      .join(","),
  );
  return `${[header.join(","), ...lines].join("\n")}\n`;
}

/** Name of the file that tells how a sample was drawn. */
const SAMPLE_REPORT = "sample.json";

const isReport = (kind: SampleExport): boolean => kind === "json";

/** `a/b.star` → `b_sampled.star`; files that hold one micrograph each keep their name, in a folder. */
function exportName(file: string, single: boolean): string {
  if (single) return `sampled/${file}`;
  const base = stem(file);
  return `${base}_sampled${file.slice(base.length)}`;
}

/**
 * The files of a sample: the input table cut to the selection in its own format (order and columns kept), the
 * micrograph table linked with it by name, `selected.txt`, `selected.csv`, and `sample.json` with what is needed
 * to draw the same sample again.
 */
export function sampleFiles(
  document: CtfDocument,
  sample: DefocusSample,
  options: SampleOptions,
  wanted: readonly SampleExport[],
  made: Date,
): NamedBytes[] {
  const { table } = document;
  const inOrder = sample.rows.slice().sort((a, b) => a - b);
  const chosen = inOrder.map((r) => table.estimates[r]);
  const encode = (name: string, text: string): NamedBytes => ({
    name,
    bytes: new TextEncoder().encode(text),
  });
  const files: NamedBytes[] = [];
  // The report comes last: it names the others.
  const kinds = [...wanted.filter((kind) => kind !== "json"), ...wanted.filter(isReport)];
  for (const kind of kinds)
    switch (kind) {
      case "table": {
        const single = table.files.length > 2 && table.files.length >= table.estimates.length;
        for (const { name, bytes } of document.cut(inOrder))
          files.push({ name: exportName(name, single), bytes });
        break;
      }
      case "micrographs":
        files.push(writeMicrographTable(document, chosen, "sampled"));
        break;
      case "names":
        files.push(encode("selected.txt", `${chosen.map((e) => e.micrograph).join("\n")}\n`));
        break;
      case "csv":
        files.push(encode("selected.csv", sampleCsv(chosen)));
        break;
      case "json":
        files.push(
          encode(
            SAMPLE_REPORT,
            `${JSON.stringify(
              {
                program: "Cryoloupe",
                version: APP_VERSION,
                made: made.toISOString(),
                key: sampleKey(table, options),
                files: files.map(({ name }) => name),
                random: "xoshiro128**, seeded by splitmix32, partial Fisher-Yates shuffle",
                inputs: table.files,
                optics: table.optics,
                options,
                ...sampleReport(table, sample, options),
                estimates: chosenEstimates(table, sample),
              },
              null,
              1,
            )}\n`,
          ),
        );
        break;
    }
  return files;
}
