import { DEFAULT_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import { defaultMotionOptions } from "#src/domain/motion.ts";
import { BYTES_PER_PIXEL } from "#src/domain/movie.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import { estimateGain } from "../estimateGain.ts";
import { streamFrames } from "../frameStream.ts";
import { processMovie } from "../processMovie.ts";
import { secondsOf } from "./benchStage.ts";
import type { BenchResult, BenchStage } from "./benchStage.ts";

function figures(name: string, seconds: number, { header }: MovieReader): BenchResult {
  const pixels = header.width * header.height * header.frames;
  return {
    name,
    seconds,
    bytes: pixels * BYTES_PER_PIXEL[header.pixelType],
    megapixels: pixels / 1e6,
  };
}

function allFrames({ header }: MovieReader): number[] {
  return Array.from({ length: header.frames }, (_, i) => i);
}

const readStage: BenchStage = {
  name: "Read and decode",
  async run({ movie }, context) {
    const seconds = await secondsOf(async () => {
      let seen = 0;
      for await (const { pixels } of streamFrames(movie, allFrames(movie), context))
        seen += pixels.length;
      return seen;
    });
    return [figures(this.name, seconds, movie)];
  },
};

const sumStage: BenchStage = {
  name: "Read, decode and sum",
  async run({ movie }, context) {
    const { width, height } = movie.header;
    const seconds = await secondsOf(async () => {
      const sum = await context.backend.pixels.openSum({ width, height, correction: null });
      for await (const { pixels } of streamFrames(movie, allFrames(movie), context))
        await sum.add(pixels, context.signal);
      await sum.finish();
    });
    return [figures(this.name, seconds, movie)];
  },
};

const gainStage: BenchStage = {
  name: "Gain by midway equalization",
  async run({ movie }, context) {
    const seconds = await secondsOf(() =>
      estimateGain(movie, null, DEFAULT_GAIN_PARAMETERS, context),
    );
    return [figures(this.name, seconds, movie)];
  },
};

const motionStage: BenchStage = {
  name: "Motion",
  async run({ movie }, context) {
    const { frames, pixelSizeA } = movie.header;
    const { seconds } = await processMovie(
      {
        reader: movie,
        gain: null,
        dark: null,
        motion: defaultMotionOptions(frames, pixelSizeA),
        correction: {
          sumFrames: allFrames(movie),
          result: "sum",
          binning: 1,
          exposure: null,
          evenOdd: false,
        },
        spectra: true,
      },
      context,
    );
    return (["estimate", "correct", "spectra"] as const).map((part) =>
      figures(`${this.name}: ${part}`, seconds[part], movie),
    );
  },
};

/** Whole steps on a movie, as the application runs them. */
export const movieStages: readonly BenchStage[] = [readStage, sumStage, gainStage, motionStage];
