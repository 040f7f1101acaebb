import type { GainPartName } from "#src/domain/gainParts.ts";

type Whole = "C" | "G" | "bad" | "defects" | "png" | "csv" | "json" | "summary" | "monitor";

/** What the gain workspace can save; `part-…` is the picture of that part of the gain. */
export type GainExport = Whole | `part-${GainPartName}`;

/** Whether what is saved is the picture of a part. */
export function isPartExport(what: GainExport): what is `part-${GainPartName}` {
  return what.startsWith("part-");
}

/** Name without its extensions: "movie_1.mrcs" → "movie_1". */
export function baseName(name: string): string {
  return name.replace(/\.(mrcs?|tiff?|eer|st|gz|zst)$/gi, "").replace(/\s+/g, "_");
}

/** File name of an export; the same endings as the command's. */
export function gainFileName(name: string, residual: boolean, what: GainExport): string {
  const base = baseName(name);
  const kind = residual ? "residual" : "gain";
  if (isPartExport(what)) return `${base}_${kind}_${what.slice("part-".length)}.png`;
  const endings: Readonly<Record<Whole, string>> = {
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
