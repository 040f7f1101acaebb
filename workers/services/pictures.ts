import { transfer } from "comlink";
import { decodeJob } from "#src/compute/decodeJob.ts";
import { spectrumJob } from "#src/compute/spectrumJob.ts";
import { pieceGrid, spectrumOf } from "#src/math/powerSpectrum.ts";
import type { PoolJob } from "#src/compute/pool.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { EncodedFrame, PixelArray } from "#src/domain/movie.ts";
import { imageOfSpectrum, pictureId } from "#src/domain/picture.ts";
import type { PictureKey, PictureSummary } from "#src/domain/picture.ts";
import { lineProfiles, summarize } from "#src/math/pictureSummary.ts";
import { resample } from "#src/math/resample.ts";
import { calmSpectrum, thonRingPicture } from "#src/math/thonRings.ts";
import type { PicturesApi } from "#workers/contracts.ts";
import type { WorkerHost } from "#workers/host.ts";
import type { StoredPicture } from "#workers/pictureStore.ts";
import type { ReadBack } from "./readBack.ts";

/** Loads pictures by key; shared with services that need a frame or a sum. */
export interface PictureLoader {
  load(key: PictureKey): Promise<StoredPicture>;
  /** The first frame, to be looked at once: it does not stay in memory when it was not there. */
  glance(movie: string): Promise<StoredPicture>;
  /** Asked for a stored picture that is not in memory; true = it is again. May reject with the reason. */
  restore: ((id: string) => Promise<boolean>) | null;
}

/** Movies and images whose pixels stay in memory, within the budget of bytes: a session has thousands. */
const MOST_LOOKED_AT = 24;

/** Spectra of fewer pieces are smoothed to be looked at: a micrograph of 4096² has 225. */
const FEW_PIECES = 50;

export function createPictureLoader(host: WorkerHost): PictureLoader {
  let decoder: { pool: unknown; job: Promise<PoolJob<EncodedFrame, PixelArray, null>> } | null =
    null;

  const frame = async (movie: string, index: number): Promise<StoredPicture> => {
    const reader = host.reader(movie);
    const { pool } = await host.backend();
    if (decoder?.pool !== pool) decoder = { pool, job: pool.open(decodeJob, null) };
    const encoded = await reader.readEncoded(index);
    const job = await decoder.job;
    const data = await job.run(encoded, { transfer: encoded.parts.map((part) => part.buffer) });
    return { width: reader.header.width, height: reader.header.height, data };
  };

  /** Adds frames one by one, starting from the longest shorter sum that is still in memory. */
  const sum = async (movie: string, lastFrame: number): Promise<StoredPicture> => {
    const { width, height, frames } = host.reader(movie).header;
    const last = Math.min(lastFrame, frames - 1);
    let from = 0;
    let data = new Float32Array(width * height);
    for (let k = last - 1; k >= 0; k--) {
      const shorter = host.pictures.get(pictureId({ kind: "sum", movie, lastFrame: k }));
      if (shorter !== undefined) {
        data = Float32Array.from(shorter.data);
        from = k + 1;
        break;
      }
    }
    for (let k = from; k <= last; k++) {
      const { data: pixels } = await loader.load({ kind: "frame", movie, frame: k });
      for (let i = 0; i < data.length; i++) data[i] += pixels[i];
    }
    return { width, height, data };
  };

  /** The power spectrum of a single image, drawn for its rings; it is made when it is looked at. */
  const spectrum = async (image: string): Promise<StoredPicture> => {
    const { width, height, data } = await loader.load({ kind: "frame", movie: image, frame: 0 });
    const { pool } = await host.backend();
    const job = await pool.open(spectrumJob, null);
    try {
      const pixels = Float32Array.from(data);
      const grid = pieceGrid("reading", width, height);
      const sum = await job.run(
        { grid, image: pixels, firstRow: 0, rows: grid.rows },
        { transfer: [pixels.buffer] },
      );
      const { values, size, pieces } = spectrumOf(grid, [sum]);
      const power = pieces < FEW_PIECES ? calmSpectrum(values, size) : values;
      return { width: size, height: size, data: thonRingPicture(power, size) };
    } finally {
      job.close();
    }
  };

  /** Movies whose frames and sums are held, the one looked at last in the end. */
  const looked = new Set<string>();
  const lookAt = (movie: string): void => {
    looked.delete(movie);
    looked.add(movie);
    for (const old of looked) {
      if (looked.size <= MOST_LOOKED_AT) break;
      looked.delete(old);
      host.pictures.drop(`frame/${old}/`);
      host.pictures.drop(`sum/${old}/`);
    }
  };

  const pending = new Map<string, Promise<StoredPicture>>();
  const stored = async (id: string): Promise<StoredPicture> => {
    const back = (await loader.restore?.(id)) === true;
    const held = host.pictures.get(pictureId({ kind: "stored", id }));
    if (back && held !== undefined) return held;
    throw new CryoloupeError("not-kept", "This picture has left memory and is kept nowhere.");
  };
  const loader: PictureLoader = {
    restore: null,
    glance: (movie) => {
      const id = pictureId({ kind: "frame", movie, frame: 0 });
      const held = host.pictures.get(id);
      return held === undefined ? (pending.get(id) ?? frame(movie, 0)) : Promise.resolve(held);
    },
    load: (key) => {
      const id = pictureId(key);
      if (key.kind !== "stored") lookAt(key.movie);
      const held = host.pictures.get(id);
      if (held !== undefined) return Promise.resolve(held);
      const image = key.kind === "stored" ? imageOfSpectrum(key.id) : null;
      if (key.kind === "stored" && image === null) return stored(key.id);
      const running = pending.get(id);
      if (running !== undefined) return running;
      const made = (
        key.kind === "frame"
          ? frame(key.movie, key.frame)
          : key.kind === "sum"
            ? sum(key.movie, key.lastFrame)
            : spectrum(image ?? "")
      )
        .then((picture) => {
          host.pictures.put(id, picture);
          return picture;
        })
        .finally(() => pending.delete(id));
      pending.set(id, made);
      return made;
    },
  };
  return loader;
}

export function createPicturesService(
  host: WorkerHost,
  loader: PictureLoader,
  readBack: ReadBack,
): PicturesApi {
  const summaries = new WeakMap<StoredPicture, PictureSummary>();
  const step = { step: "Showing a picture" };
  return {
    ...readBack.api,
    bring: (key) =>
      host.attempt(step, async () => {
        await loader.load(key);
        return null;
      }),
    summary: (key) =>
      host.attempt(step, async () => {
        const picture = await loader.load(key);
        const known = summaries.get(picture) ?? summarize(picture);
        summaries.set(picture, known);
        return known;
      }),
    raster: async (request) => {
      const outcome = await host.attempt(step, async () =>
        resample(await loader.load(request.key), request),
      );
      if (!outcome.ok) return outcome;
      const { values, bad } = outcome.value;
      return transfer(outcome, bad === null ? [values.buffer] : [values.buffer, bad.buffer]);
    },
    profiles: (key) => host.attempt(step, async () => lineProfiles(await loader.load(key))),
    pixel: (key, x, y) =>
      host.attempt(step, async () => {
        const { data, bad, width } = await loader.load(key);
        const i = y * width + x;
        return { x, y, value: data[i], bad: bad !== undefined && bad[i] !== 0 };
      }),
  };
}
