import { CryoloupeError } from "#src/domain/errors.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import type { MotionReport } from "#src/domain/motionReport.ts";
import { keptGainName, pictureId, reducedSize } from "#src/domain/picture.ts";
import { decodeFrame } from "#src/formats/decodeFrame.ts";
import { openMrc } from "#src/formats/mrc/openMrc.ts";
import { pixelPrint } from "#src/math/pixelPrint.ts";
import { toDecibels } from "#src/math/powerSpectrum.ts";
import { resample } from "#src/math/resample.ts";
import type { PicturePlace, PicturesApi } from "#workers/contracts.ts";
import { createFileByteSource } from "#workers/fileByteSource.ts";
import type { WorkerHost } from "#workers/host.ts";
import type { PictureShelf, ShelfPicture } from "#workers/pictureShelf.ts";
import type { StoredPicture } from "#workers/pictureStore.ts";
import { pixelGain } from "./keptGains.ts";

/** Pictures of a corrected movie, by their names under `motion/<id>/`. */
const SPECTRA = ["reading", "protocol"].flatMap((kind) =>
  ["before", "after"].map((side) => `psd/${kind}/${side}`),
);

/** Prints of what a report's pictures hold. */
export function printsOf(host: WorkerHost, movie: string): NonNullable<MotionReport["prints"]> {
  const prints: Record<string, string> = {};
  for (const name of ["after", "weighted", ...SPECTRA]) {
    const held = host.pictures.get(pictureId({ kind: "stored", id: `motion/${movie}/${name}` }));
    if (held?.data instanceof Float32Array) prints[name] = pixelPrint(held.data);
  }
  return prints;
}

/** What is shown of values as they are kept. */
function shown(
  { values }: PicturePlace,
  { width, height, data }: Pick<ShelfPicture, "width" | "height" | "data">,
): StoredPicture {
  if (values === "stored") return { width, height, data };
  if (values === "decibels") return { width, height, data: toDecibels(data) };
  const bad = Uint8Array.from(data, (c) => (c > 0 && Number.isFinite(c) ? 0 : 1));
  const gain = { width, height, correction: data, bad };
  return { width, height, bad, data: values === "correction" ? data : pixelGain(gain) };
}

/** Reads one image of an MRC file and makes of its values what is shown. */
async function readImage(place: PicturePlace, content: File): Promise<StoredPicture> {
  const reader = await openMrc(createFileByteSource(content), {});
  try {
    const { width, height, frames } = reader.header;
    if (place.section >= frames)
      throw new CryoloupeError("size-mismatch", `${content.name} holds ${frames} images.`);
    const pixels = await decodeFrame(await reader.readEncoded(place.section));
    const data = pixels instanceof Float32Array ? pixels : Float32Array.from(pixels);
    return shown(place, { width, height, data });
  } finally {
    await reader.close();
  }
}

/** Whether it is the picture that was made. */
function isThat({ width, height, data }: StoredPicture, place: PicturePlace): boolean {
  if (width !== place.width || height !== place.height) return false;
  return place.print === null || pixelPrint(data as Float32Pixels) === place.print;
}

const NOT_KEPT =
  "This picture has left memory, and the browser's own storage no longer holds it. A results folder keeps all.";

export interface ReadBack {
  /** Puts a stored picture into memory again; rejects with the reason where its place is known and empty. */
  readonly restore: (picture: string) => Promise<boolean>;
  readonly api: Pick<PicturesApi, "findWith" | "keep" | "giveRoom" | "forget">;
}

/**
 * Brings pictures of results back that have left memory, perhaps with an earlier visit: from the results
 * folder, else from the browser's own storage. What has changed since is never taken for the result.
 */
export function createReadBack(host: WorkerHost, shelf: PictureShelf): ReadBack {
  let find: ((picture: string) => Promise<PicturePlace | null>) | null = null;

  const fromFile = async (place: PicturePlace): Promise<StoredPicture | string> => {
    if (place.file === null) return place.missing;
    const { path, content } = place.file;
    try {
      const picture = await readImage(place, content);
      return isThat(picture, place)
        ? picture
        : `${path} has changed since it was written and is not used.`;
    } catch (error) {
      return `${path} could not be read: ${error instanceof Error ? error.message : String(error)}`;
    }
  };

  const fromShelf = async (place: PicturePlace): Promise<StoredPicture | null> => {
    if (place.shelf === null) return null;
    const { session, movie, name } = place.shelf;
    const kept = await shelf.get(session, movie, name);
    if (kept === null) return null;
    // Spectra are kept as they are shown, gains as corrections.
    const picture = place.values === "decibels" ? kept : shown(place, kept);
    return isThat(picture, place) ? picture : null;
  };

  const motionPicture = (movie: string, name: string): StoredPicture | undefined =>
    host.pictures.get(pictureId({ kind: "stored", id: `motion/${movie}/${name}` }));

  const ofMotion = (movie: string): readonly ShelfPicture[] => {
    const weighted = motionPicture(movie, "weighted");
    const wanted: readonly (readonly [string, ShelfPicture["use"]])[] = [
      ...SPECTRA.map((name) => [name, "small"] as const),
      ...(weighted === undefined ? [] : [["weighted", "step"] as const]),
      ["after", weighted === undefined ? "step" : "view"],
    ];
    const after = motionPicture(movie, "after");
    const small: ShelfPicture[] = [];
    if (after !== undefined) {
      const size = reducedSize(after.width, after.height);
      const { values: data } = resample(after, {
        ...{ x: 0, y: 0, width: after.width, height: after.height },
        ...{ columns: size.width, rows: size.height },
      });
      small.push({ name: "small", use: "small", ...size, data });
    }
    const large = wanted.flatMap(([name, use]): ShelfPicture[] => {
      const held = motionPicture(movie, name);
      if (!(held?.data instanceof Float32Array)) return [];
      const { width, height, data } = held;
      return [{ name, use, width, height, data: data }];
    });
    return [...small, ...large];
  };

  const ofGain = (pictures: string): readonly ShelfPicture[] => {
    const held = host.pictures.get(pictureId({ kind: "stored", id: `${pictures}/C` }));
    if (!(held?.data instanceof Float32Array)) return [];
    const { width, height, data } = held;
    return [{ name: keptGainName(pictures), use: "view", width, height, data: data }];
  };

  return {
    restore: async (picture) => {
      const place = (await find?.(picture)) ?? null;
      if (place === null) return false;
      const read = await fromFile(place);
      const found = typeof read === "string" ? await fromShelf(place) : read;
      if (found === null)
        throw new CryoloupeError(
          "not-kept",
          typeof read === "string" && read !== "" ? read : NOT_KEPT,
        );
      // Not pinned: it can be read again.
      host.pictures.put(pictureId({ kind: "stored", id: picture }), found);
      return true;
    },
    api: {
      findWith: (wanted) => {
        find = wanted;
        return Promise.resolve({ ok: true, value: null });
      },
      keep: (session, movie, gain) =>
        host.attempt({ step: "Keeping pictures" }, async () => {
          const pictures = gain === null ? ofMotion(movie) : ofGain(gain);
          const { bytes, refused } = await shelf.put(session, movie, pictures);
          const { bytes: held, budget } = await shelf.held();
          return { bytes, held, budget, refused };
        }),
      giveRoom: () => host.attempt({ step: "Making room" }, () => shelf.giveRoom()),
      forget: (session) =>
        host.attempt({ step: "Forgetting pictures" }, async () => {
          await shelf.forget(session);
          return null;
        }),
    },
  };
}
