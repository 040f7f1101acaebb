import { astigmatismA, samplingDefocus } from "#src/domain/ctf.ts";
import type { CtfEstimate, CtfTable } from "#src/domain/ctf.ts";
import type { SessionFile } from "#src/domain/session.ts";

/** What the scatter shows over defocus. */
export type ScatterKind = "resolution" | "astigmatism" | "order";

/** A file name without folder and endings. */
export function fileStem(path: string): string {
  const name = path.replace(/:mrc$/, "");
  const base = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  return base.replace(/\.(?:mrcs?|tiff?|eer|ctf|st|map)$/i, "");
}

/** What a micrograph and its spectrum share with the session's files. */
export function bareName(path: string): string {
  return fileStem(path.replace(/^\d+@/, "")).toLowerCase();
}

/** Session files by bare name, spectra (`.ctf`, `_PS`) apart from micrographs. */
export function picturesByName(files: readonly SessionFile[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const file of files)
    if (file.header !== null)
      found.set(`${/\.ctf$/i.test(file.name) ? "ctf/" : ""}${bareName(file.name)}`, file.id);
  return found;
}

/** Session files of a micrograph and of its power spectrum, where they are open. */
export function picturesOf(
  estimate: CtfEstimate,
  byName: ReadonlyMap<string, string>,
): { readonly micrograph: string | null; readonly spectrum: string | null } {
  const micrograph = byName.get(bareName(estimate.micrograph)) ?? null;
  const path = estimate.spectrumFile;
  if (path === null) return { micrograph, spectrum: null };
  const prefix = /\.ctf(?::mrc)?$/i.test(path) ? "ctf/" : "";
  const spectrum = byName.get(`${prefix}${bareName(path)}`) ?? null;
  return { micrograph, spectrum: spectrum === micrograph ? null : spectrum };
}

/** Time of acquisition in the name, as EPU and SerialEM write it (…_20190118_1420…), in ms; null where there is none. */
export function acquisitionTime(name: string): number | null {
  const match = /(20\d\d)(\d\d)(\d\d)[_-]?(\d\d)(\d\d)(\d\d)?(?!\d)/.exec(name);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59) return null;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

export type SortKey = "name" | "defocus" | "astigmatism" | "resolution" | "score";

/** Rows (null = all) in the order of a column, missing values last; in table order without a column. */
export function sortedRows(
  table: CtfTable,
  rows: readonly number[] | null,
  key: SortKey | null,
  down: boolean,
): readonly number[] {
  const given = rows ?? table.estimates.map((e) => e.row);
  if (key === null) return given;
  const sign = down ? -1 : 1;
  if (key === "name")
    return given
      .slice()
      .sort(
        (a, b) =>
          sign *
          bareName(table.estimates[a].micrograph).localeCompare(
            bareName(table.estimates[b].micrograph),
            "en",
            { numeric: true },
          ),
      );
  const value = (e: CtfEstimate): number => {
    const found = {
      defocus: e.failure === null ? samplingDefocus(e) : null,
      astigmatism: e.failure === null ? astigmatismA(e) : null,
      resolution: e.resolutionA,
      score: e.figureOfMerit,
    }[key];
    return found === null || !Number.isFinite(found) ? Infinity : sign * found;
  };
  const keys = new Map(given.map((row) => [row, value(table.estimates[row])]));
  return given.slice().sort((a, b) => {
    const [x, y] = [keys.get(a) ?? 0, keys.get(b) ?? 0];
    return x === y ? a - b : x < y ? -1 : 1;
  });
}

/** What the scatter shows over defocus: values by row, null where there is none. */
export function scatterValues(
  table: CtfTable,
  kind: ScatterKind,
): { readonly values: readonly (number | null)[]; readonly title: string } {
  if (kind === "resolution")
    return { values: table.estimates.map((e) => e.resolutionA), title: "rings fitted to, Å" };
  if (kind === "astigmatism")
    return {
      values: table.estimates.map((e) => {
        const difference = astigmatismA(e);
        return difference === null ? null : difference / 10;
      }),
      title: "astigmatism, nm",
    };
  const times = table.estimates.map((e) => acquisitionTime(e.micrograph));
  const known = times.filter((t) => t !== null);
  if (known.length > 0.9 * times.length && times.length > 1) {
    const first = known.reduce((a, b) => Math.min(a, b));
    return {
      values: times.map((t) => (t === null ? null : (t - first) / 3.6e6)),
      title: "time since the first, h",
    };
  }
  return { values: table.estimates.map((_, i) => i + 1), title: "place in the table" };
}
