import type { GainReport } from "#src/domain/gainReport.ts";
import type { MotionReport } from "#src/domain/motionReport.ts";
import type { PictureKey } from "#src/domain/picture.ts";
import type { ReportPicture } from "#src/domain/records/sessionReport.ts";
import type { AppState } from "./appState.ts";
import { paintRaster } from "./paintRaster.ts";
import type { PictureService } from "./pictureService.ts";
import { reportOf } from "./readBack.ts";
import type { KeptResults } from "./readBack.ts";

/** Longer side of printed pictures, px: of the movie that is looked at, and of the others. */
const LARGE = 420;
const SMALL = 280;
/** Pictures that were made for an earlier report of this session, by what they show. */
const MOST_REMEMBERED = 24;

const stored = (id: string): PictureKey => ({ kind: "stored", id });

/** A stored picture at the size of print, with the contrast of its 0.5 and 99.5 % values; null = it is gone. */
async function printed(
  pictures: PictureService,
  key: PictureKey,
  title: string,
  caption: string,
  side: number,
): Promise<ReportPicture | null> {
  try {
    const { width, height, low, high } = await pictures.summary(key);
    const scale = Math.min(1, side / Math.max(width, height));
    const [columns, rows] = [width, height].map((n) => Math.max(1, Math.round(n * scale)));
    const raster = await pictures.raster({ key, x: 0, y: 0, width, height, columns, rows });
    const rgba = new Uint8ClampedArray(4 * columns * rows);
    paintRaster(raster, { low, high, inverted: false, badColour: null }, rgba);
    const grey = Uint8Array.from({ length: columns * rows }, (_, i) => rgba[4 * i]);
    return { title, caption, width: columns, height: rows, grey };
  } catch {
    return null;
  }
}

/**
 * Movies whose micrographs a report shows: the one that is looked at, then the first, the middle and the last
 * of those that were aligned on any visit, those set aside by hand left out.
 */
export function moviesToShow({ project, motion, session }: AppState): readonly string[] {
  const aligned = project.order.filter((id) => {
    const record = project.records[id];
    return record?.steps.motion?.failure === null && record.hand !== "rejected";
  });
  // Simulated movies have no records.
  const all = aligned.length > 0 ? aligned : Object.keys(motion.reports);
  if (all.length === 0) return [];
  const last = all.length - 1;
  const places = [...new Set([0, last >> 1, last])].map((i) => all[i]);
  const { selected } = session;
  const looked = selected !== null && all.includes(selected) ? [selected] : [];
  return [...new Set([...looked, ...places])];
}

/** Makes the pictures of reports; those of movies that have not changed since are remembered. */
export function createReportPictures(
  pictures: PictureService,
  kept: Pick<KeptResults, "db">,
): (state: AppState, estimate: GainReport | null) => Promise<ReportPicture[]> {
  // A Map keeps insertion order: the first is the oldest.
  const remembered = new Map<string, readonly ReportPicture[]>();

  const ofMovie = async (report: MotionReport, side: number): Promise<readonly ReportPicture[]> => {
    const { id, name, micrograph, spectra } = report;
    const sum = micrograph.result === "sum" ? "Sum" : "Mean";
    const title = `Micrograph of ${name}`;
    const caption = `${sum} of ${micrograph.frames} aligned frames, ${name}`;
    const made = [
      (await printed(pictures, stored(`motion/${id}/after`), title, `${caption}.`, side)) ??
        (await printed(
          pictures,
          stored(`motion/${id}/small`),
          title,
          `${caption}, as the browser keeps it, reduced.`,
          side,
        )),
    ];
    if (spectra !== null)
      for (const half of ["before", "after"] as const)
        made.push(
          await printed(
            pictures,
            stored(`motion/${id}/psd/reading/${half}`),
            `Power spectrum of ${name} ${half} alignment`,
            `Power spectrum ${half} alignment, ${name}, dB.`,
            side,
          ),
        );
    return made.flatMap((picture) => (picture === null ? [] : { ...picture, group: id }));
  };

  const ofGain = async (estimate: GainReport): Promise<ReportPicture> => {
    const what = `${estimate.residual ? "Residual pixel" : "Pixel"} gain G`;
    const of = estimate.movies.length > 1 ? `${estimate.movies.length} movies` : estimate.name;
    const caption = `${what}, ${of}; row 0 at the top.`;
    const { columns: width, rows: height, grey } = estimate.thumbnail;
    const key = stored(`${estimate.pictures}/G`);
    const made = await printed(pictures, key, what, caption, LARGE);
    // The small picture is kept in the database.
    return made ?? { title: what, caption, width, height, grey };
  };

  return async (state, estimate) => {
    const found: ReportPicture[] = estimate === null ? [] : [await ofGain(estimate)];
    for (const [i, id] of moviesToShow(state).entries()) {
      const report = (await reportOf(state, kept, id, "motion")) as MotionReport | null;
      if (report === null) continue;
      const side = i === 0 ? LARGE : SMALL;
      const about = JSON.stringify([id, side, report.prints ?? report.globalX, report.seconds]);
      const known = remembered.get(about);
      const made = known ?? (await ofMovie(report, side));
      remembered.delete(about);
      // What could not be shown may be there next time, once a folder is allowed.
      if (made.length > 0) remembered.set(about, made);
      const [oldest] = remembered.keys();
      if (remembered.size > MOST_REMEMBERED) remembered.delete(oldest);
      found.push(...made);
    }
    return found;
  };
}
