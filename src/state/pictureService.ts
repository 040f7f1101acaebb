import { fromFailure } from "#src/domain/errors.ts";
import { pictureId } from "#src/domain/picture.ts";
import type {
  PictureKey,
  PictureSummary,
  PixelReading,
  Profiles,
  Raster,
  RasterRequest,
} from "#src/domain/picture.ts";
import type { Outcome } from "#src/domain/session.ts";
import type { MovieClient } from "#src/platform/movieClient.ts";

/** Pictures of the compute worker for the views. Promises reject with `CryoloupeError`. */
export interface PictureService {
  readonly summary: (key: PictureKey) => Promise<PictureSummary>;
  readonly raster: (request: RasterRequest) => Promise<Raster>;
  readonly profiles: (key: PictureKey) => Promise<Profiles>;
  readonly pixel: (key: PictureKey, x: number, y: number) => Promise<PixelReading>;
  readonly thumbnail: (fileId: string) => Promise<Uint8Array<ArrayBuffer>>;
  /** Where thumbnails are kept between visits. */
  readonly keepThumbnails: (shelf: ThumbnailShelf) => void;
  /** Forgets what was remembered of keys that start so, after a step has made them anew. */
  readonly forget: (prefix: string) => void;
  /** Called after every {@link forget}: what is shown has to be asked for again. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Counts the calls of {@link forget}. */
  readonly version: () => number;
  /** Forgets frames, sums and thumbnail of a file that is read in another way. */
  readonly forgetFile: (fileId: string) => void;
}

/** Thumbnails of movies of former visits; what cannot be kept is made again. */
export interface ThumbnailShelf {
  readonly get: (fileId: string) => Promise<Uint8Array<ArrayBuffer> | null>;
  readonly put: (fileId: string, grey: Uint8Array<ArrayBuffer>) => Promise<void>;
}

/** Edge of a thumbnail, px: twice the 36 px of the table, for dense screens. */
export const THUMBNAIL_SIZE = 72;
/** Those of the rows that were shown last (two screens of the table); the others are in the session database. */
const MOST_THUMBNAILS = 96;
/** Of the pictures that were looked at last: each holds a histogram. */
const MOST_SUMMARIES = 64;

interface Recent<T> {
  get(id: string, make: () => Promise<T>): Promise<T>;
  /** Forgets all whose id starts so. */
  forget(prefix: string): void;
}

/** A memory that forgets what has not been asked for for longest. */
function recent<T>(most: number): Recent<T> {
  // A Map keeps insertion order: the first is the oldest.
  const entries = new Map<string, Promise<T>>();
  return {
    get: (id, make) => {
      const known = entries.get(id);
      const found = known ?? make();
      entries.delete(id);
      entries.set(id, found);
      if (entries.size > most) {
        const [oldest] = entries.keys();
        entries.delete(oldest);
      }
      if (known === undefined)
        found.catch(() => {
          if (entries.get(id) === found) entries.delete(id);
        });
      return found;
    },
    forget: (prefix) => {
      for (const id of [...entries.keys()]) if (id.startsWith(prefix)) entries.delete(id);
    },
  };
}

export function createPictureService(client: MovieClient): PictureService {
  const summaries = recent<PictureSummary>(MOST_SUMMARIES);
  const thumbnails = recent<Uint8Array<ArrayBuffer>>(MOST_THUMBNAILS);
  const listeners = new Set<() => void>();
  let version = 0;
  let shelf: ThumbnailShelf | null = null;
  const value = async <T>(outcome: Promise<Outcome<T>>): Promise<T> => {
    const settled = await outcome;
    if (!settled.ok) throw fromFailure(settled.failure);
    return settled.value;
  };
  const forget = (prefix: string): void => {
    version++;
    summaries.forget(prefix);
    for (const listener of listeners) listener();
  };
  return {
    summary: (key) =>
      summaries.get(pictureId(key), () => value(client.call((api) => api.pictures.summary(key)))),
    raster: (request) => value(client.call((api) => api.pictures.raster(request))),
    profiles: (key) => value(client.call((api) => api.pictures.profiles(key))),
    pixel: (key, x, y) => value(client.call((api) => api.pictures.pixel(key, x, y))),
    thumbnail: (fileId) =>
      thumbnails.get(fileId, async () => {
        const kept = await shelf?.get(fileId).catch(() => null);
        if (kept != null) return kept;
        const made = await value(client.call((api) => api.files.thumbnail(fileId, THUMBNAIL_SIZE)));
        void shelf?.put(fileId, made.grey).catch(() => undefined);
        return made.grey;
      }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    version: () => version,
    keepThumbnails: (wanted) => {
      shelf = wanted;
    },
    forget,
    forgetFile: (fileId) => {
      thumbnails.forget(fileId);
      forget(`frame/${fileId}/`);
      forget(`sum/${fileId}/`);
    },
  };
}
