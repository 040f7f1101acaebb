import { readFile } from "node:fs/promises";
import type { ComputeBackend } from "#src/compute/backend.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { effectiveSwitches } from "#src/domain/gainProtocol.ts";
import type { FinalGainProvenance } from "#src/domain/gainProtocol.ts";
import type { GainEstimate } from "#src/domain/gainEstimate.ts";
import type { Gain } from "#src/domain/gain.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import { readFinalGain } from "#src/domain/records/readFinalGain.ts";
import { openImage } from "#src/formats/reference/openImage.ts";
import { gainFromReference } from "#src/math/referenceGain.ts";
import { stableKey } from "#src/math/stableKey.ts";
import { meanOne, runGainProtocol, spreadEvenly } from "#src/pipeline/gainProtocol.ts";
import { estimateGain } from "#src/pipeline/estimateGain.ts";
import type { OrientReference } from "#src/pipeline/orientGain.ts";
import type { CommandContext } from "../command.ts";
import { gainParameters } from "../gainOptions.ts";
import { openDefects } from "../movieCorrections.ts";
import { openMovieInput } from "../movieInput.ts";
import { openNodeFile } from "../nodeByteSource.ts";
import { optionLookup } from "../optionContext.ts";
import { createProgressLine } from "../progressLine.ts";
import type { ListedMovie, MovieFailure } from "./movieFolder.ts";
import type { MovieGainLine, SessionJournal } from "./sessionJournal.ts";
import type { SessionOutputs } from "./sessionOutputs.ts";
import type { SessionParameters } from "./sessionParameters.ts";

/** Movies that the final gain is made from at most; the others of the movie step are looked at later. */
const MOST_FOR_FINAL = 16;

export interface GainStageInput {
  readonly parameters: SessionParameters;
  readonly reference: OrientReference | null;
  /** Of everything that decides what comes out. */
  readonly key: string;
  /** Reads movies with the options of the session. */
  readonly context: CommandContext;
  readonly journal: SessionJournal;
  readonly outputs: SessionOutputs;
  /** Base of a movie's result names. */
  readonly baseOf: (movie: ListedMovie) => string;
}

/** The gain of the session, once it is chosen. */
export interface SessionGain {
  /** Changes with every change of the gain that the movies are given. */
  readonly key: string;
  readonly provenance: FinalGainProvenance | null;
  readonly summary: Readonly<Record<string, unknown>>;
  readonly failures: readonly (MovieFailure & { readonly step: string })[];
  /** Looks at the gain of one more movie: what it shows by itself, and what the final gain leaves. */
  look(movie: ListedMovie, backend: ComputeBackend, signal: AbortSignal): Promise<MovieGainLine[]>;
}

/**
 * Chooses the gain of a session from the movies that are there by the Movie Gain protocol, or takes up
 * the choice of an earlier run with the same parameters.
 */
export async function openSessionGain(
  movies: readonly ListedMovie[],
  backend: ComputeBackend,
  input: GainStageInput,
): Promise<SessionGain> {
  const { parameters, reference, context, journal, outputs, baseOf } = input;
  const method = gainParameters({ ...context, ...optionLookup(parameters.gainValues) });
  const switches = effectiveSwitches(parameters.switches, reference !== null);
  const hooks = outputs.hooks(backend, reference);

  const keep = async (
    movie: ListedMovie,
    estimate: GainEstimate,
    started: number,
  ): Promise<MovieGainLine> => {
    const { gain: _gain, sums: _sums, afanasyev: _afanasyev, ...numbers } = estimate;
    const line: MovieGainLine = {
      step: "gain",
      movie: movie.id,
      key: lineKey(input.key, estimate.residual),
      at: Date.now(),
      seconds: (performance.now() - started) / 1000,
      // Widths frame by frame are in the estimate's own file.
      estimate: { ...numbers, sigmas: [] },
    };
    await journal.add(line);
    return line;
  };

  const { defects } = parameters;
  const maskOf =
    defects === null || reference !== null ? null : await openDefects(defects, context);
  let chosen = await restore(input);
  const failures: (MovieFailure & { step: string })[] = [];
  if (chosen === null) {
    const fitting = ofCommonSize(movies, context.say);
    const selected = movies.filter(
      (movie, i) => i % parameters.movieStep === 0 && fitting.has(movie),
    );
    // Where the step meets odd movies only, the first ordinary one stands for the session.
    const used = spreadEvenly(
      selected.length > 0 ? selected : [...fitting].slice(0, 1),
      MOST_FOR_FINAL,
    );
    const opened = new Map<MovieReader, { movie: ListedMovie; started: number }>();
    const result = await runGainProtocol(
      {
        movies: used.map((movie) => ({
          name: baseOf(movie),
          open: async () => {
            const reader = await openMovieInput(movie.path, context);
            opened.set(reader, { movie, started: performance.now() });
            return reader;
          },
        })),
        movieStep: 1,
        reference,
        ...(maskOf === null
          ? {}
          : {
              badPixels: ({ width, height, format }) => {
                const bad = Uint8Array.from(maskOf(width, height, format === "tiff"));
                const correction = Float32Array.from(bad, (b) => 1 - b);
                return Promise.resolve({ width, height, bad, correction });
              },
            }),
        switches,
        parameters: method,
      },
      {
        backend,
        signal: context.signal,
        log: context.say,
        onProgress: createProgressLine(context.say, "gain"),
      },
      {
        ...hooks,
        onEstimate: async (estimate, reader) => {
          const known = opened.get(reader);
          if (known === undefined) return;
          const named = { ...estimate, name: baseOf(known.movie) };
          await hooks.onEstimate?.(named, reader);
          await keep(known.movie, named, known.started);
        },
      },
    );
    for (const failure of result.failures) {
      const movie = used.find((m) => baseOf(m) === failure.movie);
      failures.push({ ...failure, id: movie?.id ?? "", path: movie?.path ?? failure.movie });
    }
    const provenance = result.final?.provenance ?? null;
    // Micrographs without the gain that was asked for would pass for corrected ones.
    if (reference !== null && provenance?.source === "estimated" && parameters.alignValues !== null)
      throw new CryoloupeError(
        "size-mismatch",
        `${provenance.why} Movies are not aligned with another gain than the one given. Choose the reference of this camera mode, or leave out --gain.`,
        { file: reference.name, step: "align" },
      );
    const summary = outputs.gainSummary(result);
    chosen = { gain: result.final === null ? null : meanOne(result.final), provenance, summary };
    await journal.add({ step: "final-gain", key: input.key, at: Date.now(), provenance, summary });
  } else context.say("The final gain of the earlier run is used.");

  const { gain: final, provenance, summary } = chosen;
  return {
    key: stableKey([input.key, provenance]),
    provenance,
    summary,
    failures,
    look: async (movie, on, signal) => {
      const lines: MovieGainLine[] = [];
      const reader = await openMovieInput(movie.path, { ...context, signal });
      const step = { backend: on, signal, log: context.say };
      try {
        // An estimate of movies of another size says nothing of this one; a reference has to fit.
        const { width, height } = movie.header;
        const fits =
          final === null ||
          provenance?.source !== "estimated" ||
          (final.width === width && final.height === height);
        const own = fits ? final : null;
        const wanted = [
          ...(switches.estimate ? [{ gain: badOnly(own, provenance), residual: false }] : []),
          ...(switches.residual && own !== null ? [{ gain: own, residual: true }] : []),
        ];
        for (const { gain, residual } of wanted) {
          const done = journal.find("gain", movie.id, lineKey(input.key, residual));
          if (done !== null) {
            lines.push(done);
            continue;
          }
          const started = performance.now();
          const found = await estimateGain(reader, gain, method, step);
          const named = { ...found, residual, name: baseOf(movie) };
          await outputs.hooks(on, reference).onEstimate?.(named, reader);
          lines.push(await keep(movie, named, started));
        }
        return lines;
      } finally {
        await reader.close();
      }
    },
  };
}

/** The movies of the size that most have; others have no gain in common with them. */
function ofCommonSize(
  movies: readonly ListedMovie[],
  say: (line: string) => void,
): ReadonlySet<ListedMovie> {
  const bySize = new Map<string, ListedMovie[]>();
  for (const movie of movies) {
    const size = `${movie.header.width} × ${movie.header.height} px`;
    bySize.set(size, [...(bySize.get(size) ?? []), movie]);
  }
  const sizes = [...bySize].sort(([, a], [, b]) => b.length - a.length);
  if (sizes.length > 1)
    say(
      `The movies have ${sizes.length} sizes: ${sizes.map(([size, some]) => `${size} (${some.length})`).join(", ")}. The final gain is made for the first; gains of the others are looked at by themselves.`,
    );
  return new Set(sizes.at(0)?.[1]);
}

/** What marks the bad pixels of a reference, and corrects nothing. */
function badOnly(final: Gain | null, provenance: FinalGainProvenance | null): Gain | null {
  if (final === null || provenance?.source === "estimated") return null;
  return { ...final, correction: Float32Array.from(final.bad, (b) => 1 - b) };
}

/** An estimate and the residual of the same movie are results of their own. */
export function lineKey(key: string, residual: boolean): string {
  return `${key}/${residual ? "residual" : "estimate"}`;
}

/** Lines of the estimates that belong to these parameters, oldest first, the latest of each. */
export function gainLines(journal: SessionJournal, key: string): MovieGainLine[] {
  const latest = new Map<string, MovieGainLine>();
  for (const line of journal.all())
    if (line.step === "gain" && line.key.startsWith(`${key}/`))
      latest.set(`${line.movie}\n${line.key}`, line);
  return [...latest.values()];
}

/** The final gain that an earlier run with these parameters wrote; null = there is none. */
async function restore({ key, journal, outputs }: GainStageInput): Promise<{
  readonly gain: Gain | null;
  readonly provenance: FinalGainProvenance | null;
  readonly summary: Readonly<Record<string, unknown>>;
} | null> {
  const line = journal.all().findLast((each) => each.step === "final-gain");
  if (line?.step !== "final-gain" || line.key !== key) return null;
  const { provenance, summary } = line;
  const reported = gainLines(journal, key).map((each) => each.estimate);
  if (provenance === null) {
    await outputs.restore(null, reported);
    return { gain: null, provenance, summary };
  }
  try {
    const about = readFinalGain(await readFile(outputs.finalGainAboutPath(), "utf8"));
    // Another program has written another gain there meanwhile.
    if (about === null || stableKey(about.provenance) !== stableKey(provenance)) return null;
    const source = await openNodeFile(outputs.finalGainPath());
    const { pixels, width, height } = await openImage(source);
    // Mean 1 whatever scale the file keeps: so estimators want it.
    const gain = gainFromReference(pixels, width, height, "correction");
    await outputs.restore(
      { gain: { ...gain, correction: pixels }, provenance, applied: about.applied },
      reported,
    );
    return { gain, provenance, summary };
  } catch {
    // The file is gone or damaged: the gain is made anew.
    return null;
  }
}
