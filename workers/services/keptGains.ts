import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { GainEstimate, KnownMotion } from "#src/domain/gainEstimate.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import { PART_NAMES } from "#src/domain/gainParts.ts";
import type { GainPartName } from "#src/domain/gainParts.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { pictureId } from "#src/domain/picture.ts";
import { flatFloors, gainHistogram } from "#src/math/gainHistogram.ts";
import { partPicture } from "#src/math/gainParts/parts.ts";
import { gainThumbnail } from "#src/math/gainThumbnail.ts";
import { summarize } from "#src/math/pictureSummary.ts";
import type { WorkerHost } from "#workers/host.ts";
import type { Spill } from "#workers/spill.ts";

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

/** Name of an estimate of a movie, or of "combined": estimate and residual stand beside each other. */
export function keptName(id: string, residual: boolean): string {
  return residual ? `${id}/residual` : `${id}/estimated`;
}

/** An estimate as it is held. */
export interface Kept {
  /** Name by which it is held. */
  readonly name: string;
  /** Id of its movie, or "combined". */
  readonly id: string;
  readonly pictures: string;
  readonly estimate: GainEstimate;
  readonly values: Float32Pixels;
  readonly reference: string | null;
  readonly movies: readonly string[];
}

function report({ name, id, pictures, estimate, values, reference, movies }: Kept): GainReport {
  const { gain, sums: _sums, afanasyev, parts: _parts, motion: _motion, ...rest } = estimate;
  const { width, height, bad } = gain;
  const { histogram: range } = summarize({ width, height, data: values, bad });
  const { histogram, flat } = gainHistogram(values, bad, range, estimate.noiseFloor);
  return {
    ...rest,
    id,
    kept: name,
    pictures,
    width,
    height,
    thumbnail: gainThumbnail(gain, values),
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
  readonly get: (name: string) => Promise<Kept>;
  /** Motion that an estimate was made with, where one is held. */
  readonly motionOf: (name: string) => KnownMotion | null;
  /** `log` hears of pixels that leave memory. */
  readonly keep: (
    id: string,
    estimate: GainEstimate,
    reference: string | null,
    movies: readonly string[],
    log?: (message: string) => void,
  ) => Promise<GainReport>;
  /** Stores the pictures of a comparison; answers the beginning of their names. */
  readonly putComparison: (
    name: string,
    gain: Pick<Gain, "width" | "height" | "bad">,
    pictures: Readonly<Record<string, { data: Float32Pixels; bad: Gain["bad"] }>>,
  ) => string;
  /** Takes the place of an estimate, its pictures stay. */
  readonly replace: (made: Kept) => void;
  /** Brings the pictures back whose names begin so; false = they are not of an estimate kept. */
  readonly restore: (picture: string) => Promise<boolean>;
  readonly drop: (id: string) => void;
}

/** An estimate whose pixels are on disk, or lost. */
type Away = Omit<Kept, "values"> & { readonly onDisk: boolean };

const bytesOf = ({ estimate, values }: Kept): number =>
  values.byteLength +
  estimate.gain.correction.byteLength +
  estimate.gain.bad.byteLength +
  (estimate.afanasyev?.byteLength ?? 0) +
  (estimate.parts?.pixels.byteLength ?? 0);

/** An estimate without its pixels: the rest is small. */
function withoutPixels(estimate: GainEstimate): GainEstimate {
  const { width, height } = estimate.gain;
  const gain = { width, height, correction: new Float32Array(0), bad: new Uint8Array(0) };
  return { ...estimate, gain, afanasyev: null, sums: null, parts: null };
}

/** The part that a picture of an estimate shows, `<pictures>/part-<name>`; null = another picture. */
function partOf(picture: string): GainPartName | null {
  return PART_NAMES.find((name) => picture.endsWith(`/part-${name}`)) ?? null;
}

/**
 * Holds at most `budgetBytes` of pixels: estimates that were not looked at for longest leave memory for the
 * spill, from where they come back when they are asked for.
 */
export function createKeptGains(host: WorkerHost, spill: Spill, budgetBytes: number): KeptGains {
  // A Map keeps insertion order: the first is the least recently used.
  const here = new Map<string, Kept>();
  const away = new Map<string, Away>();
  let told = false;
  let count = 0;

  const put = (made: Pick<Kept, "pictures" | "estimate" | "values">): void => {
    const { pictures, estimate, values } = made;
    const { width, height, bad, correction } = estimate.gain;
    const store = (kind: string, data: Float32Pixels): void =>
      host.pictures.put(
        pictureId({ kind: "stored", id: `${pictures}/${kind}` }),
        { width, height, data, bad },
        { pinned: true },
      );
    store("G", values);
    store("C", correction);
    if (estimate.afanasyev !== null) store("afanasyev", estimate.afanasyev);
  };
  /** Parts are made when they are looked at: five pictures would fill memory. */
  const putPart = ({ estimate }: Kept, picture: string): void => {
    const name = partOf(picture);
    if (name === null || estimate.parts === null) return;
    const { width, height, bad } = estimate.gain;
    host.pictures.put(pictureId({ kind: "stored", id: picture }), {
      width,
      height,
      data: partPicture(estimate.parts, name),
      bad,
    });
  };
  const dropPictures = (name: string): void => {
    for (const kind of ["gain", "gain-comparison"])
      host.pictures.drop(pictureId({ kind: "stored", id: `${kind}/${name}/` }));
  };

  const makeRoom = async (newest: string, log?: (message: string) => void): Promise<void> => {
    let held = [...here.values()].reduce((sum, one) => sum + bytesOf(one), 0);
    for (const [name, made] of [...here]) {
      if (held <= budgetBytes) break;
      if (name === newest) continue;
      const { estimate, values: _values, ...rest } = made;
      const { correction, bad } = estimate.gain;
      const onDisk = await spill.write(name, [
        new Uint8Array(correction.buffer, correction.byteOffset, correction.byteLength),
        bad,
      ]);
      // It may have been replaced or looked at while it was being written.
      if (here.get(name) !== made) continue;
      here.delete(name);
      away.set(name, { ...rest, estimate: withoutPixels(estimate), onDisk });
      dropPictures(name);
      held -= bytesOf(made);
      if (!told)
        log?.(
          onDisk
            ? `Gains of more than ${(budgetBytes / 2 ** 20).toFixed(0)} MiB: the pixels of the oldest wait in the browser's private storage and come back when they are shown.`
            : `Gains of more than ${(budgetBytes / 2 ** 20).toFixed(0)} MiB, and no room in the browser's private storage: the pixels of the oldest are given up; their numbers stay. Run such a movie again to see it.`,
        );
      told = true;
    }
  };

  const returned = async (name: string): Promise<Kept | null> => {
    const gone = away.get(name);
    if (gone?.onDisk !== true) return null;
    const bytes = await spill.read(name);
    if (bytes === null) return null;
    const already = here.get(name);
    if (already !== undefined) return already;
    const { onDisk: _onDisk, estimate, ...rest } = gone;
    const { width, height } = estimate.gain;
    const pixels = width * height;
    const gain = {
      width,
      height,
      correction: new Float32Array(bytes, 0, pixels),
      bad: new Uint8Array(bytes, 4 * pixels, pixels),
    };
    const made = { ...rest, estimate: { ...estimate, gain }, values: pixelGain(gain) };
    away.delete(name);
    here.set(name, made);
    put(made);
    await makeRoom(name);
    return made;
  };

  const find = async (name: string): Promise<Kept | null> => {
    const made = here.get(name);
    if (made === undefined) return await returned(name);
    here.delete(name);
    here.set(name, made);
    return made;
  };

  const forget = (name: string): void => {
    here.delete(name);
    if (away.delete(name)) void spill.remove(name);
    dropPictures(name);
  };

  return {
    get: async (name) => {
      const found = await find(name);
      if (found === null)
        throw new CryoloupeError(
          "internal",
          "The pixels of this estimate are no longer in memory. Run it again, then save.",
        );
      return found;
    },
    motionOf: (name) => (here.get(name) ?? away.get(name))?.estimate.motion ?? null,
    keep: async (id, estimate, reference, movies, log) => {
      const name = keptName(id, estimate.residual);
      forget(name);
      const made: Kept = {
        name,
        id,
        pictures: `gain/${name}/${++count}`,
        estimate: { ...estimate, sums: null },
        values: pixelGain(estimate.gain),
        reference,
        movies,
      };
      here.set(name, made);
      put(made);
      await makeRoom(name, log);
      return report(made);
    },
    putComparison: (name, { width, height }, pictures) => {
      host.pictures.drop(pictureId({ kind: "stored", id: `gain-comparison/${name}/` }));
      const start = `gain-comparison/${name}/${++count}`;
      for (const [kind, { data, bad }] of Object.entries(pictures))
        host.pictures.put(
          pictureId({ kind: "stored", id: `${start}/${kind}` }),
          { width, height, data, bad },
          { pinned: true },
        );
      return start;
    },
    replace: (made) => {
      if (here.has(made.name)) here.set(made.name, made);
    },
    restore: async (picture) => {
      for (const one of [...here.values(), ...away.values()])
        if (picture.startsWith(`${one.pictures}/`)) {
          const found = await find(one.name);
          if (found !== null) putPart(found, picture);
          return found !== null;
        }
      return false;
    },
    drop: (id) => {
      for (const residual of [false, true]) forget(keptName(id, residual));
    },
  };
}
