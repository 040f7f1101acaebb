/** What the gain workspace can save. */
export type GainExport =
  "C" | "G" | "bad" | "defects" | "png" | "csv" | "json" | "summary" | "monitor";

/** Name without its extensions: "movie_1.mrcs" → "movie_1". */
export function baseName(name: string): string {
  return name.replace(/\.(mrcs?|tiff?|eer|st|gz|zst)$/gi, "").replace(/\s+/g, "_");
}

/** File name of an export; the same endings as the command's. */
export function gainFileName(name: string, residual: boolean, what: GainExport): string {
  const base = baseName(name);
  const kind = residual ? "residual" : "gain";
  const endings: Readonly<Record<GainExport, string>> = {
    C: `_${kind}.mrc`,
    G: `_${kind}_G.mrc`,
    bad: "_bad_pixels.mrc",
    defects: "_defects.txt",
    png: `_${kind}_G.png`,
    csv: "_gain_statistics.csv",
    json: `_${kind}.json`,
    summary: "_summary.txt",
    monitor: "_summaryForMonitor.txt",
  };
  return `${base}${endings[what]}`;
}
