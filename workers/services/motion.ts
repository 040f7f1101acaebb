import { transfer } from "comlink";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain } from "#src/domain/gain.ts";
import { defaultMotionOptions } from "#src/domain/motion.ts";
import type { MovieHeader } from "#src/domain/movie.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import { resultBase } from "#src/domain/records/resultLayout.ts";
import { pictureId } from "#src/domain/picture.ts";
import { toDecibels } from "#src/math/powerSpectrum.ts";
import { motionFiles } from "#src/pipeline/motionFiles.ts";
import type { OutputFile, OutputOptions } from "#src/pipeline/motionFiles.ts";
import { motionReport } from "#src/pipeline/motionReport.ts";
import { processMovie } from "#src/pipeline/processMovie.ts";
import type { MovieRequest } from "#src/pipeline/processMovie.ts";
import type { MotionApi, MotionRequest } from "#workers/contracts.ts";
import type { WorkerHost } from "#workers/host.ts";
import type { PictureLoader } from "./pictures.ts";
import { defectsAlone, readDark } from "./cameraFiles.ts";
import { printsOf } from "./readBack.ts";
import { readReference } from "./reference.ts";

function requestOf(
  header: MovieHeader,
  { parameters: p }: MotionRequest,
): Pick<MovieRequest, "motion" | "correction"> {
  const lastFrame = Math.min(p.lastFrame ?? header.frames - 1, header.frames - 1);
  const firstFrame = Math.min(p.firstFrame, lastFrame);
  const sumFirst = Math.max(firstFrame, p.sumFirst ?? firstFrame);
  const sumLast = Math.min(lastFrame, p.sumLast ?? lastFrame);
  if (sumFirst > sumLast)
    throw new CryoloupeError(
      "bad-arguments",
      `Frames ${sumFirst + 1} to ${sumLast + 1} are to be summed, which are none. Choose the frames of the sum inside the aligned ones.`,
    );
  const dose = p.dosePerFrame ?? header.dosePerFrame;
  const weighted = p.doseWeighting && dose !== null && header.pixelSizeA !== null;
  return {
    motion: {
      ...defaultMotionOptions(header.frames, header.pixelSizeA),
      firstFrame,
      lastFrame,
      maxResolutionA: p.maxResolutionA,
      maxShiftA: p.maxShiftA,
      minPatchA: p.minPatchA,
      overlap: p.overlap,
      patches: p.patches,
      controlPoints: p.controlPoints,
      group: p.group ?? "auto",
      parity: p.parity,
    },
    correction: {
      sumFrames: Array.from({ length: sumLast - sumFirst + 1 }, (_, i) => sumFirst + i),
      result: p.result,
      binning: p.binning,
      exposure: weighted
        ? { dosePerFrame: dose, preExposure: p.preExposure, voltageKv: p.voltageKv }
        : null,
      evenOdd: p.evenOdd,
    },
  };
}

/** Results of a movie that are made into files when they are asked for. */
interface Kept {
  readonly files: readonly OutputFile[];
  /** Of the micrographs. */
  readonly bytes: number;
}

/** A session of thousands of movies must not fill the memory: so many stay, and so much of them. */
const MOST_MOVIES = 24;
const MOST_BYTES = 1024 * 2 ** 20;

export function createMotionService(host: WorkerHost, loader: PictureLoader): MotionApi {
  // A Map keeps insertion order: the first is the oldest.
  const kept = new Map<string, Kept>();

  /** Holds the results of the latest movies; the one that is looked at stays. */
  const keep = (id: string, made: Kept, looked: string | null): void => {
    kept.delete(id);
    kept.set(id, made);
    let held = [...kept.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [old, { bytes }] of [...kept]) {
      if (kept.size <= MOST_MOVIES && (held <= MOST_BYTES || kept.size <= 2)) break;
      if (old === id || old === looked) continue;
      drop(old);
      held -= bytes;
    }
  };

  const referenceOf = async (request: MotionRequest, header: MovieHeader): Promise<Gain | null> => {
    const { defects } = request;
    if (request.reference === null)
      return defects === null ? null : await defectsAlone(host, loader, defects, header);
    const { id, orientation } = request.reference;
    return await readReference(host, loader, id, orientation, header, defects);
  };
  const put = (id: string, name: string, data: Float32Pixels, width: number): void =>
    host.pictures.put(
      pictureId({ kind: "stored", id: `motion/${id}/${name}` }),
      { width, height: data.length / width, data },
      { pinned: true },
    );
  const drop = (id: string): void => {
    kept.delete(id);
    host.pictures.drop(pictureId({ kind: "stored", id: `motion/${id}/` }));
  };

  return {
    align: (runId, callbacks, request) =>
      host.run(
        runId,
        callbacks,
        { step: "Correcting motion", file: request.name },
        async (context) => {
          const reader = host.reader(request.id);
          const { header } = reader;
          const gain = await referenceOf(request, header);
          const dark =
            request.dark === null ? null : await readDark(host, loader, request.dark, header);
          const result = await processMovie(
            {
              reader,
              gain,
              dark,
              ...requestOf(header, request),
              spectra: request.spectra !== false,
            },
            context,
          );
          const { corrected, spectra } = result;
          drop(request.id);
          const show = (name: string, data: Float32Pixels | null): void => {
            if (data !== null) put(request.id, name, data, corrected.width);
          };
          show("before", corrected.unaligned);
          show("after", corrected.average);
          show("weighted", corrected.doseWeighted);
          if (spectra !== null)
            for (const kind of ["reading", "protocol"] as const)
              for (const side of ["before", "after"] as const) {
                const { values, size } = spectra[kind][side];
                put(request.id, `psd/${kind}/${side}`, toDecibels(values), size);
              }
          const { parameters: p } = request;
          const options: OutputOptions = {
            binning: p.binning,
            result: p.result,
            writeAverage: true,
            float16: false,
            flipRows: false,
            dosePerFrame: p.dosePerFrame,
            preExposure: p.preExposure,
            voltageKv: p.voltageKv,
          };
          const made = motionFiles(
            {
              path: request.path ?? request.name,
              base: request.base ?? resultBase(request.name),
              header,
              gainPath: request.reference?.name ?? null,
              defectsPath: null,
              prefix: "",
            },
            result,
            options,
          );
          const arrays = [
            ...[corrected.unaligned, corrected.average, corrected.doseWeighted],
            ...[corrected.even, corrected.odd],
          ];
          const bytes = arrays.reduce((sum, data) => sum + (data?.byteLength ?? 0), 0);
          keep(request.id, { files: made.files, bytes }, request.looked ?? null);
          const report = motionReport(
            { id: request.id, name: request.name, header },
            result,
            options,
            made,
          );
          return { ...report, prints: printsOf(host, request.id) };
        },
      ),
    file: async (id, name) => {
      const outcome = await host.attempt({ step: "Writing a result" }, async () => {
        const file = kept.get(id)?.files.find((f) => f.name === name);
        if (file === undefined)
          throw new CryoloupeError(
            "internal",
            "This result is no longer in memory. Run the movie again, then save.",
          );
        const content = await file.make();
        return typeof content === "string" ? new TextEncoder().encode(content) : content;
      });
      return outcome.ok ? transfer(outcome, [outcome.value.buffer]) : outcome;
    },
    drop: (id) => {
      drop(id);
      return Promise.resolve();
    },
  };
}
