import type { ByteSource } from "#src/domain/byteSource.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import { openMovie } from "#src/formats/openMovie.ts";
import { createDemo, DEMO_MOVIE_NAME, DEMO_REFERENCE_NAME } from "#src/simulation/demo.ts";
import type { SimulatedMovie } from "#src/simulation/simulatedMovie.ts";

/** The one place where the worker turns files into readers. */
export function openReader(source: ByteSource): Promise<MovieReader> {
  return openMovie(source);
}

let demo: SimulatedMovie | null = null;

/** The simulator's movie, frames made when asked for, or the reference shipped with it. */
export function openDemo(part: "movie" | "reference"): MovieReader {
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
