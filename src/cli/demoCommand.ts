import { join } from "node:path";
import type { Gain } from "#src/domain/gain.ts";
import { DEFAULT_GAIN_PARAMETERS } from "#src/domain/gainEstimate.ts";
import type { MotionField } from "#src/domain/motion.ts";
import type { Float32Pixels, MovieReader } from "#src/domain/movie.ts";
import type { ComputeBackend } from "#src/compute/backend.ts";
import { orientReference } from "#src/math/orientReference.ts";
import { canonicalPose, samePose } from "#src/math/pose.ts";
import { poseName } from "#src/math/poseDecision.ts";
import { createMrcWriter, encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { estimateGain } from "#src/pipeline/estimateGain.ts";
import { estimateMotionGain } from "#src/pipeline/motionGain.ts";
import { orientGain } from "#src/pipeline/orientGain.ts";
import { motionFiles } from "#src/pipeline/motionFiles.ts";
import { processMovie } from "#src/pipeline/processMovie.ts";
import { createDemo, DEMO_MOVIE_NAME, DEMO_REFERENCE_NAME } from "#src/simulation/demo.ts";
import { motionErrorPx, squaredCorrelation } from "#src/simulation/score.ts";
import type { SimulatedMovie } from "#src/simulation/simulatedMovie.ts";
import { movieOptionsOf, parseAlignRequest } from "./alignOptions.ts";
import type { Command, CommandContext } from "./command.ts";
import { openBackend } from "./openBackend.ts";
import { openResultFolder } from "./resultFolder.ts";
import type { ResultFolder } from "./resultFolder.ts";

/** What each part of the demo is given. */
export interface DemoContext {
  readonly movie: SimulatedMovie;
  readonly reader: MovieReader;
  readonly backend: ComputeBackend;
  readonly folder: ResultFolder | null;
  readonly context: CommandContext;
}

/** `demo`: a synthetic movie with known gain and motion, each result printed beside the truth. */
export const demoCommand: Command = {
  name: "demo",
  computes: true,
  operands: "",
  summary:
    "Makes a synthetic movie with a known gain and motion, works on it, prints truth against estimate.",
  options: [
    {
      name: "out",
      value: "DIR",
      help: "Writes the movie, its gain reference and the results there.",
    },
  ],
  async run(context) {
    const start = performance.now();
    const movie = createDemo();
    const reader = movie.reader(DEMO_MOVIE_NAME, { keep: true });
    const out = context.text("out");
    const folder = out === undefined ? null : await openResultFolder(out, []);
    const { width, height, frames } = movie.options;
    context.say(
      `Demo: ${frames} frames of ${width} × ${height} px, ${movie.options.electronsPerFrame} e⁻/px each, seed ${movie.options.seed}.`,
    );
    if (folder !== null) await writeInputs(movie, folder, context);
    const backend = await openBackend(context.backendChoice);
    try {
      const parts: DemoContext = { movie, reader, backend, folder, context };
      const { json: orientation, correction } = await orient(parts);
      const { json: motion, field } = await align(parts, correction);
      const gain = await estimate(parts, field);
      return {
        json: {
          gain,
          orientation,
          motion,
          seconds: Math.round(performance.now() - start) / 1000,
          backend: backend.info.name,
        },
      };
    } finally {
      await backend.dispose();
    }
  },
};

/** The movie and its reference as files, so that every other command can be tried on them. */
async function writeInputs(
  movie: SimulatedMovie,
  folder: ResultFolder,
  context: CommandContext,
): Promise<void> {
  const { width, height, frames, pixelSizeA } = movie.options;
  const labels = ["Cryoloupe demo, simulated"];
  const size = { width, height, pixelSizeA, labels };
  const file = await folder.create(DEMO_MOVIE_NAME);
  try {
    const writer = await createMrcWriter(file, { ...size, frames, sampleType: "uint16" });
    for (let t = 0; t < frames; t++) {
      context.signal.throwIfAborted();
      await writer.write(movie.frame(t));
    }
    await writer.finish();
    await file.commit();
  } finally {
    await file.discard();
  }
  const reference = movie.reference();
  await folder.write(
    DEMO_REFERENCE_NAME,
    await encodeMrc([reference.values], {
      ...size,
      width: reference.width,
      height: reference.height,
      sampleType: "float32",
    }),
  );
  await save(folder, "demo_true_gain.mrc", movie.truth.pixelGain, movie);
}

async function orient({
  movie,
  reader,
  backend,
  context,
  folder,
}: DemoContext): Promise<{ json: Record<string, unknown>; correction: Gain }> {
  const reference = { ...movie.reference(), name: DEMO_REFERENCE_NAME, bad: null };
  const result = await orientGain([reader], reference, { backend, signal: context.signal });
  const truth = movie.options.referencePose;
  // Twelve combinations of turn and flip name eight poses: the canonical name is printed.
  const found = result.best === null ? null : { ...result.best, ...canonicalPose(result.best) };
  const correct = found !== null && samePose(found, truth) && found.inverted === truth.inverted;
  context.say(
    `Orientation: ${found === null ? "not found" : poseName(found)}; truth: ${poseName(truth)}.`,
  );
  const correction = orientReference(reference, found ?? truth);
  await save(folder, "oriented_gain.mrc", correction.correction, movie);
  return {
    json: {
      correct,
      pose: found === null ? null : poseName(found),
      truth: poseName(truth),
      score: found?.score ?? null,
      margin: result.margin,
      confident: result.confident,
    },
    correction,
  };
}

async function align(
  { movie, reader, backend, context, folder }: DemoContext,
  gain: Gain,
): Promise<{ json: Record<string, unknown>; field: MotionField }> {
  const { frames } = movie.options;
  const step = { backend, signal: context.signal };
  const { header } = reader;
  // The defaults of `align`, with the dose that the movie tells.
  const plain: CommandContext = {
    ...context,
    text: () => undefined,
    flag: () => false,
    number: (name) => (name === "dose" ? (header.dosePerFrame ?? undefined) : undefined),
  };
  const request = parseAlignRequest(plain);
  const { motion, correction } = movieOptionsOf(plain, request, header, DEMO_MOVIE_NAME);
  const result = await processMovie(
    { reader, gain, dark: null, motion, correction, spectra: request.spectra },
    step,
  );
  const { field, quality } = result.estimate;
  const truth = movie.truth.motion;
  const rmsErrorPx = motionErrorPx(field, truth);
  const still = { ...truth, globalX: new Float64Array(frames), globalY: new Float64Array(frames) };
  const withoutPx = motionErrorPx({ ...still, local: null }, truth);
  context.say(
    `Motion: rms error ${rmsErrorPx.toFixed(3)} px; the specimen moved by ${withoutPx.toFixed(3)} px rms.`,
  );
  if (folder !== null) {
    const { files } = motionFiles(
      {
        path: join(folder.path, DEMO_MOVIE_NAME),
        base: "demo_movie",
        header,
        gainPath: join(folder.path, "oriented_gain.mrc"),
        defectsPath: null,
        prefix: join(folder.path, "/"),
      },
      result,
      request,
    );
    for (const file of files) await folder.write(file.name, await file.make());
  }
  return {
    json: {
      rmsErrorPx,
      movedRmsPx: withoutPx,
      expectedErrorPx: quality.expectedErrorPx,
      flags: quality.flags,
    },
    field,
  };
}

/** The gain from the movie alone, its specimen told apart by its motion (gain recipe §2). */
async function estimate(
  { movie, reader, backend, context, folder }: DemoContext,
  field: MotionField,
): Promise<Record<string, unknown>> {
  const { unitsPerElectron } = movie.options;
  const { gain } = await estimateMotionGain([{ reader, field, unitsPerElectron }], {
    backend,
    signal: context.signal,
  });
  const { pixelGain, gain: truth } = movie.truth;
  const bad = truth.bad.map((b, i) => (b !== 0 || gain[i] === 0 ? 1 : 0));
  const r2 = squaredCorrelation(gain, pixelGain, bad);
  context.say(`Gain: r² = ${r2.toFixed(3)} with the true pixel gain G.`);
  await save(
    folder,
    "demo_movie_gain.mrc",
    gain.map((g) => (g > 0 ? 1 / g : 0)),
    movie,
  );
  const sme = await estimateGain(reader, null, DEFAULT_GAIN_PARAMETERS, {
    backend,
    signal: context.signal,
  });
  const { correction } = sme.gain;
  const equalized = correction.map((c) => (c > 0 ? 1 / c : 0));
  const smeR2 = squaredCorrelation(
    equalized,
    pixelGain,
    bad.map((b, i) => (b !== 0 || correction[i] === 0 ? 1 : 0)),
  );
  context.say(`Gain by midway equalization alone (rows, columns): r² = ${smeR2.toFixed(3)}.`);
  await save(folder, "demo_movie_sme_gain.mrc", correction, movie);
  return { r2, method: "motion", sme: { r2: smeR2, verdict: sme.verdict.answer } };
}

async function save(
  folder: ResultFolder | null,
  name: string,
  image: Float32Pixels,
  { options }: SimulatedMovie,
): Promise<void> {
  const { width, height, pixelSizeA } = options;
  const size = { width, height, pixelSizeA, labels: ["Cryoloupe demo, simulated"] };
  await folder?.write(name, await encodeMrc([image], { ...size, sampleType: "float32" }));
}
