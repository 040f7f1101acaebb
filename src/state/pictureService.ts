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
/** Those of the rows that were shown last; the others are in the session database. */
const MOST_THUMBNAILS = 400;

export function createPictureService(client: MovieClient): PictureService {
  const summaries = new Map<string, Promise<PictureSummary>>();
  const thumbnails = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  const listeners = new Set<() => void>();
  let version = 0;
  let shelf: ThumbnailShelf | null = null;
  const value = async <T>(outcome: Promise<Outcome<T>>): Promise<T> => {
    const settled = await outcome;
    if (!settled.ok) throw fromFailure(settled.failure);
    return settled.value;
  };
  const remembered = <T>(
    map: Map<string, Promise<T>>,
    id: string,
    make: () => Promise<T>,
  ): Promise<T> => {
    const known = map.get(id);
    if (known !== undefined) return known;
    const made = make();
    map.set(id, made);
    made.catch(() => map.delete(id));
    return made;
  };
  const forget = (prefix: string): void => {
    version++;
    for (const id of [...summaries.keys()]) if (id.startsWith(prefix)) summaries.delete(id);
    for (const listener of listeners) listener();
  };
  return {
    summary: (key) =>
      remembered(summaries, pictureId(key), () =>
        value(client.call((api) => api.pictures.summary(key))),
      ),
    raster: (request) => value(client.call((api) => api.pictures.raster(request))),
    profiles: (key) => value(client.call((api) => api.pictures.profiles(key))),
    pixel: (key, x, y) => value(client.call((api) => api.pictures.pixel(key, x, y))),
    thumbnail: (fileId) => {
      if (thumbnails.size > MOST_THUMBNAILS) {
        const [oldest] = thumbnails.keys();
        thumbnails.delete(oldest);
      }
      return remembered(thumbnails, fileId, async () => {
        const kept = await shelf?.get(fileId).catch(() => null);
        if (kept != null) return kept;
        const made = await value(client.call((api) => api.files.thumbnail(fileId, THUMBNAIL_SIZE)));
        void shelf?.put(fileId, made.grey).catch(() => undefined);
        return made.grey;
      });
    },
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
      thumbnails.delete(fileId);
      forget(`frame/${fileId}/`);
      forget(`sum/${fileId}/`);
    },
  };
}
