import type { CancelSignal } from "#src/domain/cancel.ts";
import type { Float32Pixels } from "#src/domain/movie.ts";
import type { MovieBand, PatchPlace } from "#src/math/motion/patchEngine.ts";
import { bandsOf } from "./bands.ts";
import type { MotionCompute, PatchCorrelation } from "./motionCompute.ts";
import { patchJob, prepareJob, spectraJob } from "./motionJobs.ts";
import type { PatchAnswer, PatchTask } from "./motionJobs.ts";
import type { PoolJob, WorkerPool } from "./pool.ts";

/** More bands would only copy more of the rows that neighbours share. */
const MAX_BANDS = 8;
/** Largest side of a patch: rows that a band holds below its last patch's corner. */
const MAX_SIDE = 160;
/** Patches of one task: progress and cancelling in between. */
const PATCHES_PER_TASK = 24;

/** {@link MotionCompute} by the twins over a worker pool. */
export function createCpuMotion(pool: WorkerPool): MotionCompute {
  return {
    openPreparation: async (plan, workers) => {
      const job = await pool.open(prepareJob, plan, workers === undefined ? {} : { workers });
      return {
        ahead: job.size + 1,
        add: (frame, signal) =>
          job.run(frame, {
            transfer: frame.parts.map((part) => part.buffer),
            ...(signal === undefined ? {} : { signal }),
          }),
        finish: async () => {
          const parts = (await job.finish()).filter((part) => part !== null);
          const sum = parts.at(0)?.sum ?? new Float32Array(plan.width * plan.height);
          let frames = parts.at(0)?.frames ?? 0;
          const strays = new Map(parts.at(0)?.strays ?? []);
          for (const part of parts.slice(1)) {
            for (let i = 0; i < sum.length; i++) sum[i] += part.sum[i];
            frames += part.frames;
            for (const [index, n] of part.strays) strays.set(index, (strays.get(index) ?? 0) + n);
          }
          return { sum, frames, strays };
        },
        close: () => job.close(),
      };
    },
    openSpectra: async (shape, spectra) => {
      const job = await pool.open(spectraJob, { shape, spectra });
      return {
        correlate: async (request, signal) => {
          const parts = await Promise.all(
            bandsOf(spectra.length, job.size).map(({ start, end }) =>
              job.run({ request, from: start, to: end }, signal === undefined ? {} : { signal }),
            ),
          );
          return concatenate(parts);
        },
        close: () => job.close(),
      };
    },
    openPatches: (width, height, frames, reach) => openPatches(pool, width, height, frames, reach),
  };
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

interface HeldBand {
  readonly worker: number;
  /** Corners of its patches: rows `start … end − 1`. */
  readonly start: number;
  readonly end: number;
  readonly firstRow: number;
  readonly rows: number;
}

async function openPatches(
  pool: WorkerPool,
  width: number,
  height: number,
  frames: Float32Pixels[],
  reach: number,
): Promise<PatchCorrelation> {
  const job: PoolJob<PatchTask, PatchAnswer, null> = await pool.open(patchJob, null);
  const zones = bandsOf(
    height,
    Math.min(job.size, MAX_BANDS, Math.max(1, Math.floor(height / 64))),
  );
  const bands: HeldBand[] = zones.map(({ start, end }, worker) => {
    const firstRow = Math.max(0, start - reach);
    return {
      worker,
      start,
      end,
      firstRow,
      rows: Math.min(height, end + MAX_SIDE + reach) - firstRow,
    };
  });
  const pixels = bands.map(({ rows }) => new Float32Array(frames.length * rows * width));
  const count = frames.length;
  for (let t = 0; t < count; t++) {
    bands.forEach(({ firstRow, rows }, b) => {
      pixels[b].set(
        frames[t].subarray(firstRow * width, (firstRow + rows) * width),
        t * rows * width,
      );
    });
    frames[t] = new Float32Array(0);
  }
  await Promise.all(
    bands.map(({ worker, firstRow, rows }, b) => {
      const band: MovieBand = { width, height, firstRow, rows, frames: count, pixels: pixels[b] };
      return job.run({ kind: "load", band }, { worker, transfer: [band.pixels.buffer] });
    }),
  );

  /** Runs a task for chunks of patches, each where its rows are; answers in the order of the patches. */
  const spread = async (
    patches: readonly PatchPlace[],
    task: (chunk: readonly PatchPlace[]) => PatchTask,
    signal?: CancelSignal,
    onProgress?: (done: number) => void,
  ): Promise<{ answer: PatchAnswer; band: HeldBand; indices: number[] }[]> => {
    let done = 0;
    const jobs = bands.flatMap((band) => {
      const indices = patches.flatMap((patch, i) =>
        patch.y >= band.start && patch.y < band.end ? [i] : [],
      );
      const chunks: number[][] = [];
      for (let i = 0; i < indices.length; i += PATCHES_PER_TASK)
        chunks.push(indices.slice(i, i + PATCHES_PER_TASK));
      return chunks.map(async (chunk) => {
        const answer = await job.run(task(chunk.map((i) => patches[i])), {
          worker: band.worker,
          ...(signal === undefined ? {} : { signal }),
        });
        done += chunk.length;
        onProgress?.(done);
        return { answer, band, indices: chunk };
      });
    });
    return await Promise.all(jobs);
  };

  return {
    measure: async (side, patches, signal) => {
      const parts = await spread(
        patches,
        (chunk) => ({ kind: "measure", side, patches: chunk }),
        signal,
      );
      const rings = parts.flatMap(({ answer }) => answer.rings ?? []);
      return {
        together: addAll(rings.map((r) => r.together)),
        single: addAll(rings.map((r) => r.single)),
      };
    },
    surfaces: async ({ side, patches, weight, kept, radius }, signal, onProgress) => {
      const size = count * (2 * radius + 1) ** 2;
      const out = new Float32Array(patches.length * size);
      const parts = await spread(
        patches,
        (chunk) => ({ kind: "surfaces", side, patches: chunk, weight, kept, radius }),
        signal,
        onProgress,
      );
      for (const { answer, indices } of parts)
        indices.forEach((i, k) => {
          if (answer.floats !== undefined)
            out.set(answer.floats.subarray(k * size, (k + 1) * size), i * size);
        });
      return out;
    },
    restMoments: async (side, patches) => {
      const parts = await spread(patches, (chunk) => ({
        kind: "restMoments",
        side,
        patches: chunk,
      }));
      const moments = parts.flatMap(({ answer }) =>
        answer.moments === undefined ? [] : [answer.moments],
      );
      return [0, 1, 2, 3].map((m) => addAll(moments.map((q) => q[m])));
    },
    restPattern: async (side, patches, still, moving, signal) => {
      const out = new Float32Array(width * height);
      const parts = await spread(
        patches,
        (chunk) => ({ kind: "restPattern", side, patches: chunk, still, moving }),
        signal,
      );
      for (const { answer, band } of parts) {
        const { floats } = answer;
        if (floats === undefined) continue;
        const at = band.firstRow * width;
        for (let i = 0; i < floats.length; i++) out[at + i] += floats[i];
      }
      return out;
    },
    subtract: async (image) => {
      await Promise.all(
        bands.map(({ worker, firstRow, rows }) => {
          const part = image.slice(firstRow * width, (firstRow + rows) * width);
          return job.run({ kind: "subtract", image: part }, { worker, transfer: [part.buffer] });
        }),
      );
    },
    close: () => job.close(),
  };
}

function addAll(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.at(0)?.length ?? 0);
  for (const part of parts) for (let i = 0; i < out.length; i++) out[i] += part[i];
  return out;
}
