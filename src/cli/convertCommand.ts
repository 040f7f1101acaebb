import { availableParallelism } from "node:os";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { MovieReader, PixelArray } from "#src/domain/movie.ts";
import type { WorkerPool } from "#src/compute/pool.ts";
import { streamFrames } from "#src/pipeline/frameStream.ts";
import { createMrcWriter, mrcSampleTypeFor } from "#src/formats/mrc/writeMrc.ts";
import type { MrcSampleType, MrcStatistics, MrcWriter } from "#src/formats/mrc/writeMrc.ts";
import type { CancelSignal } from "#src/domain/cancel.ts";
import type { Command } from "./command.ts";
import { frameRange } from "./frameRange.ts";
import { movieOperands, movieOptions, openMovieInput } from "./movieInput.ts";
import { createNodePool } from "./nodePool.ts";
import { createResultFile } from "./resultFolder.ts";

/** A quarter of it may be frames on their way. */
const BUDGET_BYTES = 2 ** 31;

/** `convert FILE… --out FILE.mrc`: any file that is read, as MRC. Integers stay integers. */
export const convertCommand: Command = {
  name: "convert",
  computes: false,
  operands: "FILE… --out FILE.mrc",
  summary: "Writes any movie or image that can be read as MRC.",
  options: [
    { name: "out", value: "FILE.mrc", help: "The file to write." },
    { name: "frames", value: "A-B", help: "Frames, counted from 1; 0 = last.", fallback: "all" },
    { name: "sum", help: "Write the sum of the frames." },
    ...movieOptions,
  ],
  async run(context) {
    const out = context.text("out");
    if (movieOperands(context.files, context).length !== 1 || out === undefined)
      throw new CryoloupeError(
        "bad-arguments",
        "convert takes one file (or the frames of one movie with --as-one-movie) and --out FILE.mrc.",
      );
    const [input] = context.files;
    const reader = await openMovieInput(input, context);
    const pool = createNodePool(Math.max(1, Math.min(8, availableParallelism())));
    try {
      return {
        json: await convertMovie(reader, out, {
          pool,
          inputs: context.files,
          frames: context.text("frames"),
          sum: context.flag("sum"),
          say: context.say,
          signal: context.signal,
        }),
      };
    } finally {
      pool.dispose();
      await reader.close();
    }
  },
};

export interface ConvertRequest {
  readonly pool: WorkerPool;
  /** Paths that must not be written over. */
  readonly inputs: readonly string[];
  /** Range as on the command line; undefined = all. */
  readonly frames: string | undefined;
  readonly sum: boolean;
  readonly say: (line: string) => void;
  readonly signal?: CancelSignal;
}

/** Writes frames of a movie (or their sum) as MRC; returns what the last line says. */
export async function convertMovie(
  reader: MovieReader,
  out: string,
  request: ConvertRequest,
): Promise<Record<string, unknown>> {
  const { pool, inputs, sum, say, signal } = request;
  const { width, height, pixelType, pixelSizeA, warnings } = reader.header;
  const indices = frameRange(request.frames, reader.header.frames, reader.name);
  const integer = pixelType !== "float32";
  for (const warning of warnings) say(`${reader.name}: ${warning}`);
  if (!sum && (pixelType === "int32" || pixelType === "uint32"))
    say("MRC has no 32-bit integers: written as float32, exact up to 16777216.");
  const stream = streamFrames(reader, indices, {
    backend: { pool, info: { budgetBytes: BUDGET_BYTES } },
    ...(signal === undefined ? {} : { signal }),
  });
  const file = await createResultFile(out, inputs);
  try {
    let statistics: MrcStatistics;
    let sampleType = mrcSampleTypeFor(pixelType);
    const open = (frames: number): Promise<MrcWriter> =>
      createMrcWriter(file, {
        width,
        height,
        frames,
        sampleType,
        pixelSizeA,
        labels: [`Cryoloupe: converted from ${reader.name}${sum ? ", frames summed" : ""}`],
      });
    let done = 0;
    if (sum) {
      const total = new Float64Array(width * height);
      for await (const { pixels } of stream) {
        addTo(total, pixels);
        say(`Frame ${++done} of ${indices.length}`);
      }
      sampleType = integer ? smallestInteger(total) : "float32";
      const writer = await open(1);
      await writer.write(Float32Array.from(total));
      statistics = await writer.finish();
    } else {
      const writer = await open(indices.length);
      for await (const { pixels } of stream) {
        await writer.write(pixels);
        say(`Frame ${++done} of ${indices.length}`);
      }
      statistics = await writer.finish();
    }
    await file.commit();
    return {
      file: reader.name,
      out,
      width,
      height,
      frames: sum ? 1 : indices.length,
      pixelType: sampleType,
      ...statistics,
      pixelSizeA,
      warnings,
    };
  } finally {
    await file.discard();
  }
}

function addTo(total: Float64Array, pixels: PixelArray): void {
  for (let i = 0; i < total.length; i++) total[i] += pixels[i];
}

/** 16 bits where the sums fit, else float32 (exact up to 16777216). */
function smallestInteger(total: Float64Array): MrcSampleType {
  let min = 0;
  let max = 0;
  for (const value of total) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min >= 0 && max <= 65535) return "uint16";
  return min >= -32768 && max <= 32767 ? "int16" : "float32";
}
