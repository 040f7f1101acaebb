import { CryoloupeError } from "#src/domain/errors.ts";
import type { OrientationResult } from "#src/domain/orientation.ts";
import { orientReference } from "#src/math/orientReference.ts";
import { canonicalPose } from "#src/math/pose.ts";
import { poseName } from "#src/math/poseDecision.ts";
import { poseInWords } from "#src/math/poseWords.ts";
import { encodeMrc } from "#src/formats/mrc/writeMrc.ts";
import { orientAsXmipp } from "#src/pipeline/orientAsXmipp.ts";
import type { XmippOrientation } from "#src/pipeline/orientAsXmipp.ts";
import { orientGain } from "#src/pipeline/orientGain.ts";
import { readReference } from "#src/pipeline/readReference.ts";
import type { OrientReference } from "#src/pipeline/orientGain.ts";
import type { Command, CommandContext, CommandResult } from "./command.ts";
import { movieOperands, movieOptions, openMovieInput } from "./movieInput.ts";
import { openNodeFile } from "./nodeByteSource.ts";
import { openBackend } from "./openBackend.ts";
import { openResultFolder } from "./resultFolder.ts";

/** `orient MOVIE… --gain REF`: which way round a reference belongs to the movies. */
export const orientCommand: Command = {
  name: "orient",
  computes: true,
  operands: "MOVIE… --gain REF",
  summary: "Finds the pose and polarity of a gain reference from movies.",
  options: [
    ...movieOptions,
    { name: "gain", value: "REF", help: "The gain reference." },
    {
      name: "every-movie",
      help: "Use every movie; without it the search ends when the pose is certain.",
    },
    {
      name: "parity",
      value: "xmipp",
      help: "The original protocol's search: its own estimate of the first movie, any cyclic displacement, no threshold.",
    },
    { name: "out", value: "DIR", help: "Writes oriented_gain.mrc (multiplicative, mean 1)." },
  ],
  async run(context) {
    if (context.files.length === 0)
      throw new CryoloupeError("bad-arguments", "orient needs at least one movie.");
    const path = context.text("gain");
    if (path === undefined)
      throw new CryoloupeError("bad-arguments", "orient needs --gain REF, the gain reference.");
    const parity = context.text("parity");
    if (parity !== undefined && parity !== "xmipp")
      throw new CryoloupeError("bad-arguments", `--parity is xmipp, not "${parity}".`);
    const reference = await readReference(await openNodeFile(path), { signal: context.signal });
    const backend = await openBackend(context.backendChoice);
    const movies = [];
    try {
      for (const file of movieOperands(context.files, context))
        movies.push(await openMovieInput(file, context));
      const step = { backend, signal: context.signal, log: context.say };
      const asXmipp = parity === "xmipp" ? await orientAsXmipp(movies[0], reference, step) : null;
      const result =
        asXmipp ??
        (await orientGain(movies, reference, step, { everyMovie: context.flag("every-movie") }));
      for (const finding of result.findings) context.say(finding);
      if (result.best !== null)
        for (const { program, command, note } of poseInWords(
          { ...result.best, ...canonicalPose(result.best) },
          reference.name,
          [path, ...context.files].some((file) => /\.tiff?$/i.test(file)),
        ))
          context.say(`${program}: ${command ?? "–"}  (${note})`);
      await writeOriented(result, asXmipp?.oriented ?? null, reference, path, context);
      return toJson(result, backend.info.name);
    } finally {
      for (const movie of movies) await movie.close();
      await backend.dispose();
    }
  },
};

async function writeOriented(
  result: OrientationResult,
  asXmipp: XmippOrientation["oriented"],
  reference: OrientReference,
  path: string,
  context: CommandContext,
): Promise<void> {
  const out = context.text("out");
  if (out === undefined || result.best === null) return;
  const folder = await openResultFolder(out, [...context.files, path]);
  const gain = orientReference(reference, result.best);
  const { width, height } = asXmipp ?? gain;
  const bytes = await encodeMrc([asXmipp?.values ?? gain.correction], {
    width,
    height,
    sampleType: "float32",
    pixelSizeA: null,
    labels: [
      `Cryoloupe gain C (multiply)${asXmipp === null ? "" : ", as Xmipp"}, ${poseName(result.best)}`.slice(
        0,
        80,
      ),
    ],
  });
  await folder.write("oriented_gain.mrc", bytes);
}

function toJson(result: OrientationResult, backend: string): CommandResult {
  const { candidates } = result;
  // The canonical name of the pose: twelve combinations of turn and flip name eight poses.
  const best = result.best === null ? null : { ...result.best, ...canonicalPose(result.best) };
  const pose = best === null ? null : poseName(best);
  return {
    json: {
      pose,
      rotation90: best?.rotation90 ?? null,
      flip: best?.flip ?? null,
      inverted: best?.inverted ?? null,
      score: best?.score ?? null,
      margin: result.margin,
      confident: result.confident,
      slope: result.slope,
      displacement: result.displacement,
      findings: result.findings,
      movies: result.movies,
      countsPerPixel: result.countsPerPixel,
      moviesNeeded: result.moviesNeeded,
      candidates: candidates.map((c) => ({ ...c, pose: poseName(c) })),
      backend,
    },
  };
}
