import type { SampleExport } from "../ctf.ts";
import type { ResultsPlace } from "./project.ts";

/**
 * The results folder of a session: every path that the page and the command write, and nothing else
 * (docs/formats/session-folder.md says what they hold). Paths are relative to the folder, with "/".
 */
export const RESULT_FILES = {
  finalGain: "gain/final_gain.mrc",
  finalGainAbout: "gain/final_gain.json",
  /** Of TIFF movies, for programs that do not reverse their rows. */
  finalGainAsStored: "gain/final_gain_rows_as_stored.mrc",
  orientedGain: "gain/oriented_gain.mrc",
  orientation: "gain/orientation.json",
  combinedGain: "gain/combined_gain.mrc",
  gainStatistics: "gain/gain_statistics.csv",
  gainSummary: "gain/summary.txt",
  gainMonitor: "gain/summaryForMonitor.txt",
  correctedMicrographs: "aligned/corrected_micrographs.star",
  moviesCsv: "movies.csv",
  moviesStar: "movies.star",
  moviesXmd: "movies.xmd",
  moviesXmdAsStored: "movies_xmipp_rows.xmd",
  report: "report.html",
  session: "session.json",
  /** The command's journal, from which it goes on; the page goes on from the browser's database. */
  journal: "session.jsonl",
} as const;

export type ResultFolderName = "gain" | "aligned" | "micrographs" | "sampling";

const FOLDERS: readonly ResultFolderName[] = ["gain", "aligned", "micrographs", "sampling"];

/**
 * Which of a folder's entries are results of a session, of this or of another one: none unless its session
 * file and one of its folders are among them. They are no input, though spectra and micrographs are images.
 */
export function resultsAmong(names: Iterable<string>): (name: string) => boolean {
  const all = new Set(names);
  const isOne =
    (all.has(RESULT_FILES.session) || all.has(RESULT_FILES.journal)) &&
    FOLDERS.some((folder) => all.has(folder));
  if (!isOne) return () => false;
  const results = new Set<string>([...FOLDERS, ...Object.values(RESULT_FILES)]);
  return (name) => results.has(name);
}

/** Path of a file of a kind that has many. */
export function resultPath(folder: ResultFolderName, name: string): string {
  return `${folder}/${name}`;
}

/** Beginning of the names of a movie's results: its file's, without extensions and blanks, which tables end at. */
export function resultBase(fileName: string): string {
  return fileName.replace(/(?:\.(?:mrcs?|tiff?|eer|st|dm[34]|gz|zst))+$/i, "").replace(/\s+/g, "_");
}

/** Name of a movie's estimate in `gain/`, without its extension: what the final gain leaves, or the gain itself. */
export function gainEstimateName(base: string, residual: boolean): string {
  return `${base}_${residual ? "residual_gain" : "gain"}`;
}

/** Name in `micrographs/` of what is made from a corrected micrograph: its movie's. */
export function processedName(micrograph: string): string {
  return micrograph.replace(/_aligned(?:_DW)?(?=\.mrc$)/, "");
}

/** What `sampling/` holds of a sample. */
export const SAMPLING_KINDS: readonly SampleExport[] = [
  "table",
  "micrographs",
  "names",
  "csv",
  "json",
];

/** How a note of {@link ResultsPlace.renamed} is written. */
export function renamedNote(path: string, name: string): string {
  return `${path} → ${name}`;
}

/** Path of the final gain where results are written; null = they are not. */
export function finalGainIn({ kind, renamed }: ResultsPlace): string | null {
  if (kind !== "folder" && kind !== "zip") return null;
  const start = renamedNote(RESULT_FILES.finalGain, "");
  return (
    renamed.findLast((note) => note.startsWith(start))?.slice(start.length) ??
    RESULT_FILES.finalGain
  );
}
