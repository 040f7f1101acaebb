import { toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { Gain, GainOrientation } from "#src/domain/gain.ts";
import type { GainEstimate, GainParameters } from "#src/domain/gainEstimate.ts";
import { effectiveSwitches } from "#src/domain/gainProtocol.ts";
import type { FinalGain, GainSwitches } from "#src/domain/gainProtocol.ts";
import type { MovieHeader, MovieReader } from "#src/domain/movie.ts";
import type { OrientationResult } from "#src/domain/orientation.ts";
import { quantileSkew, stabilityFindings } from "#src/math/stability.ts";
import { fitGain } from "#src/math/referenceGain.ts";
import { orientReference } from "#src/math/orientReference.ts";
import { baseName, estimateGain, estimateJointGain, isJointMethod } from "./estimateGain.ts";
import { chooseFinalGain, poseInUse } from "./finalGain.ts";
import { createGainAccumulator } from "./gainAccumulator.ts";
import { orientAsXmipp, writtenGain } from "./orientAsXmipp.ts";
import type { FoundOrientation } from "./orientAsXmipp.ts";
import { orientGain } from "./orientGain.ts";
import type { OrientReference } from "./orientGain.ts";
import type { StepContext } from "./stepContext.ts";

/** A movie of a session; opened when its turn comes and closed after it. */
export interface SessionMovie {
  readonly name: string;
  open(): Promise<MovieReader>;
}

export interface GainProtocolRequest {
  /** All movies in order of acquisition. */
  readonly movies: readonly SessionMovie[];
  /** Every how many movies one is looked at, from the first: positions 1, 251, 501 … for 250. */
  readonly movieStep: number;
  readonly reference: OrientReference | null;
  /** Pose of the reference when it is not searched for; the file's own by default. */
  readonly pose?: GainOrientation;
  /** What a search has found before; it is not made again. */
  readonly found?: OrientationResult;
  /**
   * Known bad pixels of movies without a reference, as a correction that is 1 elsewhere; those of a
   * reference are marked in it.
   */
  readonly badPixels?: (header: MovieHeader) => Promise<Gain>;
  readonly switches: GainSwitches;
  readonly parameters: GainParameters;
}

/** An estimate without its pixels, with the movie's position from 0. */
export type KeptEstimate = Omit<GainEstimate, "gain" | "sums" | "afanasyev"> & {
  readonly position: number;
};

export interface ProtocolFailure extends Failure {
  readonly movie: string;
  readonly step: string;
}

export interface GainProtocolResult {
  readonly switches: GainSwitches;
  /** Positions from 0 of the movies that were looked at. */
  readonly selected: readonly number[];
  readonly orientation: FoundOrientation | null;
  readonly estimates: readonly KeptEstimate[];
  readonly combined: GainEstimate | null;
  readonly final: FinalGain | null;
  readonly residuals: readonly KeptEstimate[];
  /** What the residuals say over the acquisition. */
  readonly stability: readonly string[];
  readonly failures: readonly ProtocolFailure[];
}

/** Failures that are of no single movie: the others would fail like it. */
const endsAll = ({ code }: Failure): boolean => code === "cancelled" || code === "disk-full";

/** Called as soon as something is ready, so that it can be written while the rest runs. */
export interface GainProtocolHooks {
  readonly onOrientation?: (result: FoundOrientation) => Promise<void>;
  readonly onEstimate?: (estimate: GainEstimate, reader: MovieReader) => Promise<void>;
  readonly onFinal?: (final: FinalGain, combined: GainEstimate | null) => Promise<void>;
}

/** Movies that a pose is searched in, and that methods take together which cannot add them up. */
const MOST_TOGETHER = 8;

/** Positions from 0 that a movie step selects. */
export function selectByStep(movies: number, step: number): number[] {
  return Array.from({ length: Math.ceil(movies / step) }, (_, i) => i * step);
}

/** About `most` members, spread evenly, the first among them. */
export function spreadEvenly<T>(members: readonly T[], most: number): readonly T[] {
  if (members.length <= most) return members;
  return Array.from({ length: most }, (_, i) => members[Math.floor((i * members.length) / most)]);
}

/**
 * The Movie Gain protocol over a session: orientation, estimates, final gain (normalised), residuals. A
 * movie that fails is left out and named; the others go on. No input is changed.
 */
export async function runGainProtocol(
  request: GainProtocolRequest,
  context: StepContext,
  hooks: GainProtocolHooks = {},
): Promise<GainProtocolResult> {
  const { movies, reference, parameters } = request;
  const switches = effectiveSwitches(request.switches, reference !== null);
  const selected = selectByStep(movies.length, request.movieStep);
  const failures: ProtocolFailure[] = [];
  const failed = new Set<number>();

  /** Work on one opened movie; a failure is that movie's alone. */
  const onMovie = async <T>(
    position: number,
    step: string,
    work: (reader: MovieReader) => Promise<T>,
  ): Promise<T | null> => {
    const { name } = movies[position];
    try {
      const reader = await movies[position].open();
      try {
        return await work(reader);
      } finally {
        await reader.close();
      }
    } catch (error) {
      const failure = toFailure(error, { file: name });
      if (endsAll(failure)) throw error;
      context.log?.(`${name}: ${failure.message}`);
      failures.push({ ...failure, movie: name, step });
      failed.add(position);
      return null;
    }
  };
  const standing = (): number[] => selected.filter((i) => !failed.has(i));

  /** Work on several movies at once; a failure is that step's alone. */
  const together = async <T>(
    positions: readonly number[],
    step: string,
    work: (readers: readonly MovieReader[], opened: readonly number[]) => Promise<T>,
  ): Promise<T | null> => {
    const readers: MovieReader[] = [];
    const opened: number[] = [];
    try {
      for (const position of positions) {
        if (readers.length === MOST_TOGETHER) break;
        // Opened once to see whether it opens: a broken file is named and passed over.
        if ((await onMovie(position, step, () => Promise.resolve(true))) !== true) continue;
        readers.push(await movies[position].open());
        opened.push(position);
      }
      return readers.length === 0 ? null : await work(readers, opened);
    } catch (error) {
      const failure = toFailure(error, {});
      if (endsAll(failure)) throw error;
      context.log?.(failure.message);
      failures.push({ ...failure, movie: readers.map((r) => r.name).join(", "), step });
      return null;
    } finally {
      for (const reader of readers) await reader.close();
    }
  };

  let orientation: FoundOrientation | null = request.found ?? null;
  if (orientation === null && switches.orientation && reference !== null)
    orientation = await together(standing(), "orientation", (readers) =>
      parameters.parity === "xmipp"
        ? orientAsXmipp(readers[0], reference, context)
        : orientGain(readers, reference, context),
    );
  if (orientation !== null) await hooks.onOrientation?.(orientation);

  const joint = isJointMethod(parameters.method);
  const estimates: KeptEstimate[] = [];
  let combined: GainEstimate | null = null;
  let estimatedFrom: readonly string[] = [];
  if (switches.estimate) {
    /** Only what marks bad pixels: those of the reference are turned with it. */
    const masked = async (header: MovieHeader): Promise<Gain | null> => {
      if (reference === null) return (await request.badPixels?.(header)) ?? null;
      if (reference.bad === null) return null;
      const posed = orientReference(reference, poseInUse(orientation, request.pose));
      const fitted = fitGain(posed, header.width, header.height);
      if (fitted === null) return null;
      return { ...fitted, correction: Float32Array.from(fitted.bad, (b) => 1 - b) };
    };
    const sum = createGainAccumulator();
    const motions = new Map<number, GainEstimate["motion"]>();
    let single: GainEstimate | null = null;
    const keepSums = !joint && standing().length > 1;
    for (const position of standing())
      await onMovie(position, "estimate", async (reader) => {
        const mask = await masked(reader.header);
        const made = await estimateGain(reader, mask, parameters, context, { keepSums });
        const estimate = { ...made, residual: false };
        await hooks.onEstimate?.(estimate, reader);
        estimates.push(withoutPixels(estimate, position));
        motions.set(position, made.motion);
        if (keepSums) sum.add(estimate);
        else single ??= estimate;
      });
    const used = joint ? spreadEvenly(standing(), MOST_TOGETHER) : standing();
    estimatedFrom = used.map((i) => movies[i].name);
    if (joint)
      combined = await together(used, "estimate", async (readers, opened) => ({
        ...(await estimateJointGain(
          readers,
          await masked(readers[0].header),
          parameters,
          context,
          opened.map((position) => motions.get(position) ?? null),
        )),
        residual: false,
      }));
    else combined = sum.finish(parameters) ?? single;
    if (sum.names.length === 1 && combined !== null)
      combined = { ...combined, name: baseName(sum.names[0]) };
  }

  // The first movie that can be read tells the size of all.
  let size: { width: number; height: number } | null = null;
  for (const position of standing()) {
    size = await onMovie(position, "final gain", ({ header: { width, height } }) =>
      Promise.resolve({ width, height }),
    );
    if (size !== null) break;
  }
  const final =
    size === null
      ? null
      : chooseFinalGain(
          {
            reference,
            orientation,
            written: writtenGain(orientation),
            ...(request.pose === undefined ? {} : { pose: request.pose }),
            estimated: combined,
            estimatedFrom: combined === null ? [] : estimatedFrom,
            ...size,
          },
          switches.normalise,
        );
  if (final !== null) {
    context.log?.(final.provenance.why);
    await hooks.onFinal?.(final, combined);
  }

  const residuals: KeptEstimate[] = [];
  if (switches.residual && final !== null)
    for (const position of standing())
      await onMovie(position, "residual", async (reader) => {
        const gain = meanOne(final);
        const estimate = await estimateGain(reader, gain, parameters, context);
        await hooks.onEstimate?.(estimate, reader);
        residuals.push(withoutPixels(estimate, position));
      });
  const watched = residuals.length > 0 ? residuals : estimates;
  return {
    switches,
    selected,
    orientation,
    estimates,
    combined,
    final,
    residuals,
    stability: stabilityFindings(watched.map(stabilityOf)),
    failures,
  };
}

/** What is watched over the acquisition. */
export function stabilityOf({
  name,
  statistics: s,
}: Pick<GainEstimate, "name" | "statistics">): Parameters<typeof stabilityFindings>[0][number] {
  return {
    name,
    std: s.std,
    spread: s.p97_5 / s.p2_5,
    peak: s.max / s.p97_5,
    skew: quantileSkew(s),
  };
}

function withoutPixels(estimate: GainEstimate, position: number): KeptEstimate {
  const { gain: _gain, sums: _sums, afanasyev: _afanasyev, ...rest } = estimate;
  return { ...rest, position };
}

/** The scale of a gain is of no account to its residual; estimators want mean 1. */
export function meanOne({ gain, provenance }: FinalGain): Gain {
  const { normalised, meanBefore } = provenance;
  if (normalised || meanBefore === 1) return gain;
  return { ...gain, correction: gain.correction.map((c) => c / meanBefore) };
}
