import type { Float32Pixels } from "#src/domain/movie.ts";

/** A picture that is kept. */
export interface ShelfPicture {
  /** Such as "after" or "psd/reading/before". */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly data: Float32Pixels;
  /**
   * "step": a later step works on it. "view": only looked at, and large: it gives way before every "step".
   * "small": spectra and the like, which have a share of their own.
   */
  readonly use: PictureUse;
}

export type PictureUse = "step" | "view" | "small";

/** What the browser grants, as `navigator.storage.estimate` tells it. */
export interface StorageRoom {
  readonly quota?: number;
  readonly usage?: number;
}

export interface ShelfPlace {
  readonly folder: () => Promise<FileSystemDirectoryHandle>;
  readonly room: () => Promise<StorageRoom>;
}

/**
 * Pictures of results that outlive the page, in the browser's private file system. It never fails: what
 * cannot be kept is not kept, and what is kept may be gone when it is asked for.
 */
export interface PictureShelf {
  /** Others of the browser's storage need room: half of what lies here goes, pictures to look at and old ones first. Answers the bytes. */
  giveRoom(): Promise<number>;
  /** Bytes that are kept of these pictures of a movie; `refused`: the browser would not take one of them. */
  put(
    session: string,
    movie: string,
    pictures: readonly ShelfPicture[],
  ): Promise<{ readonly bytes: number; readonly refused: boolean }>;
  get(
    session: string,
    movie: string,
    name: string,
  ): Promise<Pick<ShelfPicture, "width" | "height" | "data"> | null>;
  forget(session: string): Promise<void>;
  /** Bytes of all sessions, and the most that may be. */
  held(): Promise<{ readonly bytes: number; readonly budget: number }>;
}

/** The most that is kept, and the share of the room that the browser grants: the database needs the rest. */
export const MOST_SHELF_BYTES = 4 * 2 ** 30;
export const SHELF_SHARE = 0.25;
/** Share of small pictures, so that spectra of many movies do not push micrographs out, nor these those. */
const SMALL_SHARE = 0.25;

const ROOT = "cryoloupe-pictures";
/** Width and height stand before the pixels, as 32-bit numbers in the order of bytes of this machine. */
const HEADER_WORDS = 2;
const USES: Readonly<Record<string, PictureUse>> = { s: "step", v: "view", t: "small" };

/**
 * Bytes of each picture by "session/file", in the order in which they were made: of thousands of movies a page
 * that runs for days holds no more than that, and the rest stands in the name.
 */
type Index = Map<string, number>;

const sessionOf = (key: string): string => key.slice(0, key.indexOf("/"));
const fileIn = (key: string): string => key.slice(key.indexOf("/") + 1);
const useOf = (key: string): PictureUse | undefined => USES[key.slice(key.lastIndexOf(".") + 1)];

const letterOf = (use: PictureUse): string =>
  Object.entries(USES).find(([, known]) => known === use)?.[0] ?? "v";

const fileOf = (movie: string, name: string): string => encodeURIComponent(`${movie}/${name}`);

export function createPictureShelf({ folder, room }: ShelfPlace): PictureShelf {
  // A Map keeps insertion order: the first of a use is the one that was made first.
  let index: Promise<Index> | null = null;
  /** Lowered when the browser refuses. */
  let cap = MOST_SHELF_BYTES;
  let turn: Promise<unknown> = Promise.resolve();

  const root = async (): Promise<FileSystemDirectoryHandle> =>
    await (await folder()).getDirectoryHandle(ROOT, { create: true });

  /** What lies there, in the order in which it was written. */
  const look = async (): Promise<Index> => {
    const found: { readonly key: string; readonly bytes: number; readonly at: number }[] = [];
    const base = await root();
    for await (const directory of base.values()) {
      if (directory.kind !== "directory") continue;
      for await (const file of directory.values()) {
        if (file.kind !== "file") continue;
        const { size, lastModified } = await file.getFile();
        const key = `${directory.name}/${file.name}`;
        if (useOf(key) !== undefined) found.push({ key, bytes: size, at: lastModified });
      }
    }
    found.sort((a, b) => a.at - b.at);
    return new Map(found.map(({ key, bytes }) => [key, bytes]));
  };
  const entries = (): Promise<Index> => {
    index ??= look();
    return index;
  };

  const budget = async (held: number): Promise<number> => {
    const { quota, usage } = await room();
    if (quota === undefined) return cap;
    const free = Math.max(0, quota - (usage ?? 0) + held);
    return Math.min(cap, SHELF_SHARE * free);
  };

  const remove = async (all: Index, key: string): Promise<void> => {
    all.delete(key);
    const base = await root();
    const directory = await base.getDirectoryHandle(sessionOf(key)).catch(() => null);
    await directory?.removeEntry(fileIn(key)).catch(() => undefined);
  };

  const sum = (all: Iterable<number>): number => {
    let bytes = 0;
    for (const one of all) bytes += one;
    return bytes;
  };

  /** Makes room for one picture; false = it is larger than its share. */
  const makeRoom = async (all: Index, use: PictureUse, bytes: number): Promise<boolean> => {
    const small = use === "small";
    const most = (await budget(sum(all.values()))) * (small ? SMALL_SHARE : 1 - SMALL_SHARE);
    if (bytes > most) return false;
    const same = [...all].filter(([key]) => (useOf(key) === "small") === small);
    let held = sum(same.map(([, one]) => one));
    // A picture to look at never takes the place of one that a step needs.
    const needed = sum(same.flatMap(([key, one]) => (useOf(key) === "step" ? [one] : [])));
    if (use === "view" && needed + bytes > most) return false;
    const rank = (key: string): number => (useOf(key) === "view" ? 0 : 1);
    const order = same
      .map(([key, one], age) => ({ key, one, age }))
      .sort((a, b) => rank(a.key) - rank(b.key) || a.age - b.age);
    for (const { key, one } of order) {
      if (held + bytes <= most) break;
      await remove(all, key);
      held -= one;
    }
    return true;
  };

  const write = async (session: string, file: string, picture: ShelfPicture): Promise<void> => {
    const { width, height, data } = picture;
    const directory = await (await root()).getDirectoryHandle(session, { create: true });
    const handle = await directory.getFileHandle(file, { create: true });
    const out = await handle.createWritable();
    try {
      await out.write(Uint32Array.of(width, height));
      await out.write(data);
      await out.close();
    } catch (error) {
      await out.abort().catch(() => undefined);
      await directory.removeEntry(file).catch(() => undefined);
      throw error;
    }
  };

  const putOne = async (
    all: Index,
    session: string,
    movie: string,
    picture: ShelfPicture,
  ): Promise<number> => {
    const { use, name, data } = picture;
    const bytes = 4 * HEADER_WORDS + data.byteLength;
    const file = `${fileOf(movie, name)}.${letterOf(use)}`;
    const key = `${session}/${file}`;
    for (const other of Object.keys(USES)) {
      const older = `${session}/${fileOf(movie, name)}.${other}`;
      if (all.has(older)) await remove(all, older);
    }
    if (!(await makeRoom(all, use, bytes))) return 0;
    await write(session, file, picture);
    all.set(key, bytes);
    return bytes;
  };

  /** One after the other: two that make room at once would both count what the other removes. */
  const inTurn = <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    const mine = turn.then(work).catch(() => otherwise);
    turn = mine;
    return mine;
  };

  return {
    put: (session, movie, pictures) =>
      inTurn(
        async () => {
          const all = await entries();
          let bytes = 0;
          for (const picture of pictures)
            try {
              bytes += await putOne(all, session, movie, picture);
            } catch {
              // No room, or no right, after all: from now on what is held is the most, and older ones give way.
              cap = sum(all.values());
              return { bytes, refused: true };
            }
          return { bytes, refused: false };
        },
        { bytes: 0, refused: true },
      ),
    get: async (session, movie, name) => {
      try {
        const directory = await (await root()).getDirectoryHandle(session);
        for (const letter of Object.keys(USES)) {
          const handle = await directory
            .getFileHandle(`${fileOf(movie, name)}.${letter}`)
            .catch(() => null);
          if (handle === null) continue;
          const buffer = await (await handle.getFile()).arrayBuffer();
          const [width, height] = new Uint32Array(buffer, 0, HEADER_WORDS);
          if (buffer.byteLength !== 4 * (HEADER_WORDS + width * height)) return null;
          return { width, height, data: new Float32Array(buffer, 4 * HEADER_WORDS) };
        }
        return null;
      } catch {
        return null;
      }
    },
    giveRoom: () =>
      inTurn(async () => {
        const all = await entries();
        const most = sum(all.values()) / 2;
        let freed = 0;
        const order = [...all].sort(
          ([a], [b]) => Number(useOf(b) === "view") - Number(useOf(a) === "view"),
        );
        for (const [key, one] of order) {
          if (freed >= most) break;
          await remove(all, key);
          freed += one;
        }
        cap = sum(all.values());
        return freed;
      }, 0),
    forget: (session) =>
      inTurn(async () => {
        const all = await entries();
        for (const key of all.keys()) if (sessionOf(key) === session) all.delete(key);
        await (await root()).removeEntry(session, { recursive: true }).catch(() => undefined);
      }, undefined),
    held: async () => {
      const bytes = sum((await entries().catch(() => new Map<string, number>())).values());
      return { bytes, budget: await budget(bytes).catch(() => 0) };
    },
  };
}

/** The shelf of this browser. */
export function browserShelf(): PictureShelf {
  return createPictureShelf({
    folder: () => navigator.storage.getDirectory(),
    room: () => navigator.storage.estimate(),
  });
}
