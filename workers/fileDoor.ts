import type { MovieReader } from "#src/domain/movie.ts";
import type { ReadingWish } from "#src/domain/reading.ts";
import { openFrameFiles } from "#src/formats/openFrameFiles.ts";
import { openMovie } from "#src/formats/openMovie.ts";
import type { OpenOptions } from "#src/formats/openOptions.ts";
import { createDemo, DEMO_MOVIE_NAME, DEMO_REFERENCE_NAME } from "#src/simulation/demo.ts";
import type { SimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import type { FileSource } from "#workers/contracts.ts";
import { createFileByteSource } from "#workers/fileByteSource.ts";

function openOptions(wish: ReadingWish): OpenOptions {
  const { fractions, groupSize, upsampling, unsignedBytes } = wish;
  return {
    ...(unsignedBytes === undefined ? {} : { unsignedBytes }),
    eer: {
      ...(fractions === undefined ? {} : { fractions }),
      ...(groupSize === undefined ? {} : { groupSize }),
      ...(upsampling === undefined ? {} : { upsampling }),
    },
  };
}

/** The one place where the worker turns files into readers. Entered numbers are not put in here. */
export async function openReader(source: FileSource): Promise<MovieReader> {
  if (source.kind === "demo") return openDemo(source.part);
  const options = openOptions(source.wish ?? {});
  if (source.kind === "frames")
    return await openFrameFiles(source.files.map(createFileByteSource), {
      ...options,
      name: source.name,
    });
  return await openMovie(createFileByteSource(source.file), options);
}

let demo: SimulatedMovie | null = null;

/** The simulator's movie, frames made when asked for, or the reference shipped with it. */
function openDemo(part: "movie" | "reference"): MovieReader {
  demo ??= createDemo();
  if (part === "movie") return demo.reader(DEMO_MOVIE_NAME);
  const { width, height, values } = demo.reference();
  const { fields } = demo.header;
  return {
    name: DEMO_REFERENCE_NAME,
    size: values.byteLength,
    header: {
      ...demo.header,
      width,
      height,
      frames: 1,
      pixelType: "float32",
      dosePerFrame: null,
      unitsPerElectron: null,
      fields,
    },
    readEncoded: () =>
      Promise.resolve({
        codec: "plain",
        file: DEMO_REFERENCE_NAME,
        width,
        height,
        pixelType: "float32",
        // A copy: the buffer travels to a worker of the pool.
        parts: [new Uint8Array(values.slice().buffer)],
        parameters: { stored: "float32", littleEndian: true },
      }),
    close: () => Promise.resolve(),
  };
}
