import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { GainEstimate } from "#src/domain/gainEstimate.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { pictureId } from "#src/domain/picture.ts";
import { flatFloors, gainHistogram } from "#src/math/gainHistogram.ts";
import { summarize } from "#src/math/pictureSummary.ts";
import type { WorkerHost } from "#workers/host.ts";

/** G = 1/C with mean 1 over good pixels, 0 at bad ones. */
export function pixelGain(gain: Gain): Float32Pixels {
  const { correction, bad } = gain;
  const values = new Float32Array(correction.length);
  let sum = 0;
  let good = 0;
  for (let i = 0; i < values.length; i++)
    if (bad[i] === 0 && correction[i] > 0) {
      values[i] = 1 / correction[i];
      sum += values[i];
      good++;
    }
  const scale = good > 0 ? good / sum : 1;
  for (let i = 0; i < values.length; i++) values[i] *= scale;
  return values;
}

/** An estimate as it is held, by the id of its movie or "combined". */
export interface Kept {
  readonly pictures: string;
  readonly estimate: GainEstimate;
  readonly values: Float32Pixels;
  readonly reference: string | null;
  readonly movies: readonly string[];
}

function report(id: string, { pictures, estimate, values, reference, movies }: Kept): GainReport {
  const { gain, sums: _sums, afanasyev, ...rest } = estimate;
  const { width, height, bad } = gain;
  const { histogram: range } = summarize({ width, height, data: values, bad });
  const { histogram, flat } = gainHistogram(values, bad, range, estimate.noiseFloor);
  return {
    ...rest,
    id,
    pictures,
    width,
    height,
    histogram,
    flatHistogram: flat,
    floors: flatFloors(estimate.noiseFloor, width * height - estimate.badPixels),
    reference,
    movies,
    afanasyev: afanasyev !== null,
  };
}

/** The estimates of the session: pixels stay here, reports go to the page, pictures to the store. */
export interface KeptGains {
  readonly get: (id: string) => Kept;
  readonly keep: (
    id: string,
    estimate: GainEstimate,
    reference: string | null,
    movies: readonly string[],
  ) => GainReport;
  /** A new beginning of picture names for an estimate; its earlier pictures of that kind are dropped. */
  readonly freshPictures: (id: string, kind: "gain" | "gain-comparison") => string;
  /** Stores a picture under `<pictures>/<name>`. */
  readonly put: (
    pictures: string,
    name: string,
    gain: Pick<Gain, "width" | "height" | "bad">,
    data: Float32Pixels,
  ) => void;
  /** Takes the place of an estimate, its pictures stay. */
  readonly replace: (id: string, made: Kept) => void;
  readonly drop: (id: string) => void;
}

export function createKeptGains(host: WorkerHost): KeptGains {
  const kept = new Map<string, Kept>();
  const get = (id: string): Kept => {
    const found = kept.get(id);
    if (found === undefined)
      throw new CryoloupeError(
        "internal",
        "This estimate is no longer in memory. Run it again, then save.",
      );
    return found;
  };
  let count = 0;
  const freshPictures = (id: string, kind: "gain" | "gain-comparison"): string => {
    host.pictures.drop(pictureId({ kind: "stored", id: `${kind}/${id}/` }));
    return `${kind}/${id}/${++count}`;
  };
  const put = (
    pictures: string,
    name: string,
    gain: Pick<Gain, "width" | "height" | "bad">,
    data: Float32Pixels,
  ): void => {
    const { width, height, bad } = gain;
    host.pictures.put(
      pictureId({ kind: "stored", id: `${pictures}/${name}` }),
      { width, height, data, bad },
      { pinned: true },
    );
  };
  const keep = (
    id: string,
    estimate: GainEstimate,
    reference: string | null,
    movies: readonly string[],
  ): GainReport => {
    const pictures = freshPictures(id, "gain");
    const made = { pictures, estimate, values: pixelGain(estimate.gain), reference, movies };
    kept.set(id, made);
    put(pictures, "G", estimate.gain, made.values);
    put(pictures, "C", estimate.gain, estimate.gain.correction);
    if (estimate.afanasyev !== null) put(pictures, "afanasyev", estimate.gain, estimate.afanasyev);
    return report(id, made);
  };

  return {
    get,
    keep,
    freshPictures,
    put,
    replace: (id, made) => void kept.set(id, made),
    drop: (id) => {
      kept.delete(id);
      for (const kind of ["gain", "gain-comparison"])
        host.pictures.drop(pictureId({ kind: "stored", id: `${kind}/${id}/` }));
    },
  };
}
