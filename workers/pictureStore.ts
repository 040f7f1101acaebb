import type { PixelArray } from "#src/domain/movie.ts";

/** A picture in the worker's memory, `[height, width]`, row 0 first. */
export interface StoredPicture {
  readonly width: number;
  readonly height: number;
  readonly data: PixelArray;
  /** 1 = bad pixel; absent = none. */
  readonly bad?: Uint8Array<ArrayBuffer>;
}

/** Keeps pictures by id, the least recently used go first when the budget is full. */
export interface PictureStore {
  get(id: string): StoredPicture | undefined;
  /** `pinned` pictures are results: they stay until dropped. */
  put(id: string, picture: StoredPicture, options?: { pinned?: boolean }): void;
  /** Forgets every picture whose id starts so. */
  drop(prefix: string): void;
}

interface Entry {
  readonly picture: StoredPicture;
  readonly bytes: number;
  readonly pinned: boolean;
}

export function createPictureStore(budgetBytes: number): PictureStore {
  // A Map keeps insertion order: the first unpinned entry is the least recently used.
  const entries = new Map<string, Entry>();
  let held = 0;
  const remove = (id: string): void => {
    const entry = entries.get(id);
    if (entry === undefined) return;
    held -= entry.bytes;
    entries.delete(id);
  };
  return {
    get: (id) => {
      const entry = entries.get(id);
      if (entry === undefined) return undefined;
      entries.delete(id);
      entries.set(id, entry);
      return entry.picture;
    },
    put: (id, picture, options = {}) => {
      remove(id);
      const bytes = picture.data.byteLength + (picture.bad?.byteLength ?? 0);
      entries.set(id, { picture, bytes, pinned: options.pinned ?? false });
      held += bytes;
      for (const [old, entry] of entries) {
        if (held <= budgetBytes) break;
        if (!entry.pinned && old !== id) remove(old);
      }
    },
    drop: (prefix) => {
      for (const id of [...entries.keys()]) if (id.startsWith(prefix)) remove(id);
    },
  };
}
