import type { MovieReader } from "#src/domain/movie.ts";
import type { ComputeBackend } from "#src/compute/backend.ts";
import { canonicalPose, samePose } from "#src/math/pose.ts";
import { poseName } from "#src/math/poseDecision.ts";
import { createMrcWriter, encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { orientGain } from "#src/pipeline/orientGain.ts";
import { createDemo, DEMO_MOVIE_NAME, DEMO_REFERENCE_NAME } from "#src/simulation/demo.ts";
import type { SimulatedMovie } from "#src/simulation/simulatedMovie.ts";
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
    const reader = movie.reader(DEMO_MOVIE_NAME);
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
      const orientation = await orient(parts);
      return {
        json: {
          orientation,
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
  const { pixelGain } = movie.truth;
  await folder.write(
    "demo_true_gain.mrc",
    await encodeMrc([pixelGain], { ...size, sampleType: "float32" }),
  );
}

async function orient({
  movie,
  reader,
  backend,
  context,
}: DemoContext): Promise<Record<string, unknown>> {
  const { width, height, values } = movie.reference();
  const result = await orientGain(
    [reader],
    { name: DEMO_REFERENCE_NAME, width, height, values, bad: null },
    { backend, signal: context.signal },
  );
  const truth = movie.options.referencePose;
  // Twelve combinations of turn and flip name eight poses: the canonical name is printed.
  const found = result.best === null ? null : { ...result.best, ...canonicalPose(result.best) };
  const correct = found !== null && samePose(found, truth) && found.inverted === truth.inverted;
  context.say(
    `Orientation: ${found === null ? "not found" : poseName(found)}; truth: ${poseName(truth)}.`,
  );
  return {
    correct,
    pose: found === null ? null : poseName(found),
    truth: poseName(truth),
    score: found?.score ?? null,
    margin: result.margin,
    confident: result.confident,
  };
}
