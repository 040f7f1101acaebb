import { basename } from "node:path";
import { CryoloupeError, toFailure } from "#src/domain/errors.ts";
import {
  estimateNumbers,
  gainProvenance,
  gainStatisticsCsv,
  gainSummary,
  monitorLine,
} from "#src/formats/gainReports.ts";
import { createMrcWriter } from "#src/formats/mrc/writeMrc.ts";
import { openImage } from "#src/formats/reference/openImage.ts";
import { writeDefectText } from "#src/formats/reference/writeDefectText.ts";
import { PART_NAMES } from "#src/domain/gainParts.ts";
import { partPicture } from "#src/math/gainParts/parts.ts";
import { gainFromReference } from "#src/math/referenceGain.ts";
import { compareGains } from "#src/math/compareGains.ts";
import {
  baseName,
  combineGains,
  estimateGain,
  estimateJointGain,
  isJointMethod,
} from "#src/pipeline/estimateGain.ts";
import type { ComputeBackend } from "#src/compute/backend.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { GainComparison, GainEstimate, GainParameters } from "#src/domain/gainEstimate.ts";
import type { Float32Pixels, MovieReader } from "#src/domain/movie.ts";
import type { Command, CommandContext, CommandResult } from "./command.ts";
import { gainOptions, gainParameters, selectedMovies } from "./gainOptions.ts";
import { correctionOptions, openCameraCorrections } from "./movieCorrections.ts";
import type { CameraCorrections } from "./movieCorrections.ts";
import { movieOperands, movieOptions, openMovieInput } from "./movieInput.ts";
import { openNodeFile } from "./nodeByteSource.ts";
import { openBackend } from "./openBackend.ts";
import { createProgressLine } from "./progressLine.ts";
import { openResultFolder } from "./resultFolder.ts";
import type { ResultFolder } from "./resultFolder.ts";

/** `gain MOVIE…`: the gain of the camera from movies, or what a reference leaves of it. */
export const gainCommand: Command = {
  name: "gain",
  computes: true,
  operands: "MOVIE…",
  summary:
    "Estimates the gain from each movie and from all together; with --gain what that reference leaves.",
  options: [
    ...correctionOptions.filter((o) => o.name !== "dark"),
    ...gainOptions,
    { name: "out", value: "DIR", help: "Folder for the results.", fallback: "the current folder" },
    ...movieOptions,
  ],
  run: runGain,
};

interface Tools {
  readonly context: CommandContext;
  readonly parameters: GainParameters;
  readonly camera: CameraCorrections;
  readonly rawReference: Float32Pixels | null;
  readonly folder: ResultFolder;
  readonly backend: ComputeBackend;
  readonly compare: ComparisonReference | null;
  readonly keepSums: boolean;
}

async function runGain(context: CommandContext): Promise<CommandResult> {
  const paths = movieOperands(selectedMovies(context), context);
  if (paths.length === 0)
    throw new CryoloupeError("bad-arguments", "gain takes at least one movie.");
  const parameters = gainParameters(context);
  if (context.flag("parts") && !isJointMethod(parameters.method))
    throw new CryoloupeError(
      "bad-arguments",
      `--parts goes with --method mean or motion: ${parameters.method} does not take the gain apart.`,
    );
  const camera = await openCameraCorrections(context);
  for (const warning of camera.warnings) context.say(warning);
  const { gainPath } = camera;
  const xmipp = parameters.parity === "xmipp";
  const rawReference =
    xmipp && gainPath !== null ? (await readImage(gainPath, context)).pixels : null;
  if (rawReference !== null)
    context.say("Parity: frames are divided by the reference, as the original program does.");
  const folder = await openResultFolder(context.text("out") ?? ".", [
    ...context.files,
    ...[gainPath, camera.defectsPath, context.text("compare")].filter((p) => typeof p === "string"),
  ]);
  const backend = await openBackend(context.backendChoice);
  const estimates: GainEstimate[] = [];
  const done: string[] = [];
  const movies: Record<string, unknown>[] = [];
  const failures: Failure[] = [];
  try {
    context.say(`${backend.info.name}: ${backend.info.reason}`);
    const compare = await openComparison(context);
    const tools: Tools = {
      context,
      parameters,
      camera,
      rawReference,
      folder,
      backend,
      compare,
      keepSums: paths.length > 1,
    };
    const names = uniqueNames(paths);
    for (const [i, path] of paths.entries()) {
      try {
        const estimate = await estimateOne(path, names[i], tools);
        estimates.push(estimate);
        done.push(path);
        movies.push({ file: path, ...estimateNumbers(estimate) });
      } catch (error) {
        const failure = toFailure(error, { file: basename(path) });
        const general = error instanceof CryoloupeError && error.file === undefined;
        if (failure.code === "cancelled" || (failure.code === "bad-arguments" && general))
          throw error;
        context.say(`${path} failed: ${failure.message} [${failure.code}]`);
        failures.push(failure);
      }
    }
    const combined = await combine(estimates, done, tools);
    return {
      json: {
        movies,
        combined: combined === null ? null : estimateNumbers(combined),
        failures,
        backend: backend.info.kind,
        adapter: backend.info.name,
        out: folder.path,
      },
      failed: failures.length > 0,
    };
  } finally {
    await backend.dispose();
  }
}

async function readImage(
  path: string,
  { signal }: CommandContext,
): Promise<Awaited<ReturnType<typeof openImage>>> {
  return await openImage(await openNodeFile(path), { signal });
}

/** The reference of `--compare`, as it reads as C and as it reads as G. */
interface ComparisonReference {
  readonly correction: Gain;
  readonly inverse: Gain;
}

async function openComparison(context: CommandContext): Promise<ComparisonReference | null> {
  const path = context.text("compare");
  if (path === undefined) return null;
  const image = await readImage(path, context);
  const read = (nature: "correction" | "inverse"): Gain =>
    gainFromReference(image.pixels, image.width, image.height, nature);
  return { correction: read("correction"), inverse: read("inverse") };
}

/** Base names; movies of one name in different folders are told apart by a number. */
function uniqueNames(paths: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return paths.map((path) => {
    const base = baseName(path);
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    return count === 1 ? base : `${base}_${count}`;
  });
}

async function estimateOne(path: string, name: string, tools: Tools): Promise<GainEstimate> {
  const { context, parameters, camera, backend, folder } = tools;
  const reader = await openMovieInput(path, context);
  try {
    for (const warning of reader.header.warnings) context.say(`${reader.name}: ${warning}`);
    const estimate = await estimateGain(
      reader,
      camera.gainFor(reader),
      parameters,
      {
        backend,
        signal: context.signal,
        onProgress: createProgressLine(context.say, name),
        log: (message) => context.say(`${name}: ${message}`),
      },
      {
        keepSums: tools.keepSums,
        rawReference: tools.rawReference,
        deviations: context.flag("deviations"),
      },
    );
    const compared = withComparison({ ...estimate, name }, tools.compare);
    for (const choice of compared.chosen) context.say(`${name}: ${choice}`);
    context.say(`${name}: ${compared.verdict.text}`);
    for (const { text } of compared.cautions) context.say(`${name}: ${text}`);
    const { pixelSizeA } = reader.header;
    await writeGain(folder, `${name}_gain.mrc`, compared, pixelSizeA);
    if (compared.afanasyev !== null)
      await writeImage(folder, `${name}_deviations.mrc`, compared.gain, {
        pixels: compared.afanasyev,
        pixelSizeA,
        label: "Cryoloupe: standard deviation of each pixel, mean 1 (Afanasyev et al. 2015)",
      });
    await writeExtras(compared, name, pixelSizeA, tools);
    await folder.write(`${name}_gain.json`, gainProvenance(compared, origin([path], tools)));
    return compared;
  } finally {
    await reader.close();
  }
}

function origin(
  inputs: readonly string[],
  { camera, backend }: Tools,
): Parameters<typeof gainProvenance>[1] {
  return {
    inputs: inputs.map((p) => basename(p)),
    reference: camera.gainPath === null ? null : basename(camera.gainPath),
    backend: `${backend.info.kind}: ${backend.info.name}`,
    date: new Date().toISOString(),
  };
}

/** Compares on G. A reference that runs against the estimate holds G and not C: it is read so. */
function withComparison(estimate: GainEstimate, given: ComparisonReference | null): GainEstimate {
  if (given === null) return estimate;
  const { gain } = estimate;
  const reference = given.correction;
  if (gain.width !== reference.width || gain.height !== reference.height)
    throw new CryoloupeError(
      "size-mismatch",
      `The reference to compare with has ${reference.width} × ${reference.height} px, the estimate ${gain.width} × ${gain.height} px.`,
    );
  const pixelGain = ({ correction }: Gain): Float32Pixels =>
    correction.map((c) => (c > 0 ? 1 / c : 0));
  const against = (other: Gain): GainComparison =>
    compareGains(
      { values: pixelGain(gain), bad: gain.bad },
      { values: pixelGain(other), bad: other.bad },
    );
  const comparison = against(reference);
  return {
    ...estimate,
    comparison: comparison.slope < 0 ? against(given.inverse) : comparison,
  };
}

/** Writes what stands for all movies together; nothing when every movie failed. */
async function combine(
  estimates: readonly GainEstimate[],
  paths: readonly string[],
  tools: Tools,
): Promise<GainEstimate | null> {
  const { folder, parameters } = tools;
  if (estimates.length === 0) return null;
  const [first] = estimates;
  const combined =
    estimates.length === 1
      ? { ...first, name: "combined" }
      : withComparison(
          isJointMethod(parameters.method)
            ? await estimateTogether(estimates, paths, tools)
            : combineGains(estimates, parameters),
          tools.compare,
        );
  if (estimates.length === 1) await folder.copy(`${first.name}_gain.mrc`, "combined_gain.mrc");
  else {
    await writeGain(folder, "combined_gain.mrc", combined, null);
    await writeExtras(combined, "combined", null, tools);
  }
  const all = estimates.length === 1 ? estimates : [...estimates, combined];
  await folder.write("gain_statistics.csv", gainStatisticsCsv(all));
  await folder.write("summary.txt", gainSummary(all));
  await folder.write("summaryForMonitor.txt", estimates.map(monitorLine).join(""));
  await folder.write("combined_gain.json", gainProvenance(combined, origin(paths, tools)));
  return combined;
}

/** All movies taken apart at once: what each leaves is averaged before it is decomposed. */
async function estimateTogether(
  estimates: readonly GainEstimate[],
  paths: readonly string[],
  tools: Tools,
): Promise<GainEstimate> {
  const { context, parameters, camera, backend } = tools;
  const readers: MovieReader[] = [];
  try {
    for (const path of paths) readers.push(await openMovieInput(path, context));
    return await estimateJointGain(
      readers,
      camera.gainFor(readers[0]),
      parameters,
      {
        backend,
        signal: context.signal,
        onProgress: createProgressLine(context.say, "combined"),
        log: (message) => context.say(`combined: ${message}`),
      },
      estimates.map((e) => e.motion),
    );
  } finally {
    for (const reader of readers) await reader.close();
  }
}

async function writeGain(
  folder: ResultFolder,
  name: string,
  { gain, residual }: GainEstimate,
  pixelSizeA: number | null,
): Promise<void> {
  await writeImage(folder, name, gain, {
    pixels: gain.correction,
    pixelSizeA,
    label: `Cryoloupe: ${residual ? "residual " : ""}gain correction C = 1/G, multiply frames by it`,
  });
}

/** Parts and bad pixels, when they were asked for. */
async function writeExtras(
  { gain, parts }: GainEstimate,
  name: string,
  pixelSizeA: number | null,
  { context, folder }: Tools,
): Promise<void> {
  if (context.flag("parts") && parts !== null)
    for (const part of PART_NAMES)
      await writeImage(folder, `${name}_part_${part}.mrc`, gain, {
        pixels: partPicture(parts, part),
        pixelSizeA,
        label: `Cryoloupe: part of log G, ${part}`,
      });
  if (!context.flag("defect-map")) return;
  await writeImage(folder, `${name}_bad_pixels.mrc`, gain, {
    pixels: gain.bad,
    pixelSizeA,
    label: "Cryoloupe: bad pixels, 1 = bad",
  });
  await folder.write(`${name}_defects.txt`, writeDefectText(gain.bad, gain.width, gain.height));
}

async function writeImage(
  folder: ResultFolder,
  name: string,
  { width, height }: Pick<Gain, "width" | "height">,
  {
    pixels,
    pixelSizeA,
    label,
  }: {
    readonly pixels: Float32Pixels | Uint8Array<ArrayBuffer>;
    readonly pixelSizeA: number | null;
    readonly label: string;
  },
): Promise<void> {
  const file = await folder.create(name);
  try {
    const writer = await createMrcWriter(file, {
      width,
      height,
      frames: 1,
      sampleType: pixels instanceof Uint8Array ? "uint8" : "float32",
      pixelSizeA,
      labels: [label],
    });
    await writer.write(pixels);
    await writer.finish();
    await file.commit();
  } finally {
    await file.discard();
  }
}
