import type { ByteSource } from "#src/domain/byteSource.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { checkFrameIndex } from "./frameIndex.ts";
import { openMovie } from "./openMovie.ts";
import type { OpenOptions } from "./openOptions.ts";

/**
 * Several files as one movie (K2 separate frames), in the order given. All must agree in size and type;
 * a file may hold several frames. Closing the movie closes every file.
 */
export async function openFrameFiles(
  sources: readonly ByteSource[],
  options: OpenOptions & { readonly name?: string } = {},
): Promise<MovieReader> {
  if (sources.length === 0)
    throw new CryoloupeError(
      "bad-arguments",
      "A movie of separate frames needs at least one file.",
    );
  const readers: MovieReader[] = [];
  const closeAll = async (): Promise<void> => {
    for (const reader of readers) await reader.close();
  };
  try {
    for (const source of sources) {
      const reader = await openMovie(source, options);
      readers.push(reader);
      checkAgreement(readers[0], reader);
    }
  } catch (error) {
    await closeAll();
    throw error;
  }
  const first = readers[0];
  const places = readers.flatMap((reader) =>
    Array.from({ length: reader.header.frames }, (_, index) => ({ reader, index })),
  );
  const name = options.name ?? commonName(sources.map((source) => source.name));
  const warnings = [
    `${sources.length} files are read as one movie of ${places.length} frames.`,
    ...new Set(readers.flatMap((reader) => reader.header.warnings)),
  ];
  return {
    name,
    size: readers.reduce((sum, reader) => sum + reader.size, 0),
    header: { ...first.header, frames: places.length, warnings },
    async readEncoded(index, signal) {
      checkFrameIndex(name, index, places.length);
      const place = places[index];
      return await place.reader.readEncoded(place.index, signal);
    },
    close: closeAll,
  };
}

function checkAgreement(first: MovieReader, other: MovieReader): void {
  const a = first.header;
  const b = other.header;
  if (a.width !== b.width || a.height !== b.height || a.pixelType !== b.pixelType)
    throw new CryoloupeError(
      "size-mismatch",
      `${other.name} (${b.width} × ${b.height}, ${b.pixelType}) cannot follow ${first.name} (${a.width} × ${a.height}, ${a.pixelType}) in one movie. Choose the files of one exposure only.`,
      { file: other.name },
    );
}

/** What the names begin with alike, tidied at the end; the first name where that is nothing. */
function commonName(names: readonly string[]): string {
  let length = names[0].length;
  for (const name of names) {
    let same = 0;
    while (same < length && name[same] === names[0][same]) same++;
    length = same;
  }
  const stem = names[0].slice(0, length).replace(/[\s._-]*\d*$/, "");
  return stem === "" ? names[0] : stem;
}
