import { throwIfCancelled } from "#src/domain/cancel.ts";
import { averageWeights, halfKernel } from "#src/math/quantiles.ts";
import { createCpuGain } from "#src/compute/cpuGain.ts";
import type { WorkerPool } from "#src/compute/pool.ts";
import { createGate } from "#src/compute/gate.ts";
import type { FrameFactor, GainCompute, SmeOptions, SmeSession } from "#src/compute/gainCompute.ts";
import type { PixelArray } from "#src/domain/movie.ts";
import { createHolder } from "./bufferHolder.ts";
import type { BufferHolder } from "./bufferHolder.ts";
import type { GpuContext } from "./device.ts";
import { createAccumulate } from "./kernels/accumulate.ts";
import { createEqualizeLines } from "./kernels/equalizeLines.ts";
import { createLayLines } from "./kernels/layLines.ts";
import { createLineVariation } from "./kernels/lineVariation.ts";
import { createQuantileReferences } from "./kernels/quantileReferences.ts";
import { createSortLines } from "./kernels/sortLines.ts";
import { packedType } from "./packed.ts";
import { readFloats } from "./readback.ts";

/**
 * {@link GainCompute} by shaders, in single precision; integers and floats alike are sorted. Where frames
 * with a factor are to be ranked in double precision, which no shader has, the twins in the pool do it.
 */
export function createGpuGain(context: () => Promise<GpuContext>, pool: WorkerPool): GainCompute {
  const single = createSingleGain(context);
  return {
    openSme: (options) =>
      options.precise ? openPrecise(options, single, createCpuGain(pool)) : single.openSme(options),
  };
}

/** Integers as recorded are exact in single precision; with a factor the twins take over. */
async function openPrecise(
  options: SmeOptions,
  single: GainCompute,
  precise: GainCompute,
): Promise<SmeSession> {
  const plain = await single.openSme(options);
  let twin: SmeSession | null = null;
  let current = plain;
  return {
    begin: async (factor) => {
      if (factor !== null) twin ??= await precise.openSme(options);
      current = factor === null || twin === null ? plain : twin;
      await current.begin(factor);
    },
    add: (frame, signal) => current.add(frame, signal),
    collect: () => current.collect(),
    close: () => {
      plain.close();
      twin?.close();
    },
  };
}

function createSingleGain(context: () => Promise<GpuContext>): GainCompute {
  return {
    openSme: async (options) => {
      const gpu = await context();
      const held = createHolder(gpu);
      try {
        return await openSession(gpu, held, options);
      } catch (error) {
        held.release();
        throw error;
      }
    },
  };
}

/** Good values in every row or column. */
function goodCounts(
  bad: Uint8Array | null,
  width: number,
  height: number,
  columns: boolean,
): Uint32Array<ArrayBuffer> {
  const counts = new Uint32Array(columns ? width : height).fill(columns ? height : width);
  if (bad !== null)
    for (let y = 0, i = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) if (bad[i] !== 0) counts[columns ? x : y]--;
  return counts;
}

/** One direction: rows, or columns laid out as lines. */
interface Side {
  readonly columns: boolean;
  readonly lines: number;
  readonly length: number;
  readonly counts: Uint32Array;
  readonly good: GPUBuffer;
  readonly references: GPUBuffer;
  readonly sums: GPUBuffer;
  /** For a single reference: weights of the lines for each σ, and their sum over lines that count. */
  readonly weights: readonly { readonly buffer: GPUBuffer; readonly total: number }[];
  readonly sort: Awaited<ReturnType<typeof createSortLines>>;
}

async function openSession(
  gpu: GpuContext,
  held: BufferHolder,
  options: SmeOptions,
): Promise<SmeSession> {
  const { width, height, reference, sigmas, bad } = options;
  const single = reference === "single";
  const size = width * height;
  const accumulate = await createAccumulate(gpu);
  const layLines = await createLayLines(gpu);
  const references = await createQuantileReferences(gpu);
  const equalizer = await createEqualizeLines(gpu);
  const variation = await createLineVariation(gpu);

  const image = await held.acquire(4 * size, "frame as floats");
  const lines = await held.acquire(4 * size, "lines");
  const buffers: [GPUBuffer, GPUBuffer] = [
    await held.acquire(4 * size, "sorted lines"),
    await held.acquire(4 * size, "merged lines"),
  ];
  const total = await held.acquire(4 * size, "sum of equalized frames");
  const badBuffer = bad === null ? null : await held.with(bad, "bad pixels");
  const kernels = await Promise.all(
    sigmas.map((sigma) => held.with(Float32Array.from(halfKernel(sigma)), "smoothing weights")),
  );
  let factorBuffer: GPUBuffer | null = null;
  let divide = false;

  const openSide = async (columns: boolean): Promise<Side> => {
    const count = columns ? width : height;
    const length = columns ? height : width;
    const counts = goodCounts(bad, width, height, columns);
    const weights = [];
    if (single)
      for (const sigma of sigmas) {
        const perLine = averageWeights(sigma, count);
        weights.push({
          buffer: await held.with(Float32Array.from(perLine), "weights of lines"),
          total: perLine.reduce((sum, w, j) => (counts[j] > 0 ? sum + w : sum), 0),
        });
      }
    const own = single ? 1 : count;
    return {
      columns,
      lines: count,
      length,
      counts,
      good: await held.with(counts, "good pixels in lines"),
      references: await held.acquire(4 * own * length, "references"),
      sums: await held.acquire(4 * own * (length + 1), "sums of references"),
      weights,
      sort: await createSortLines(gpu),
    };
  };
  const sides = [await openSide(true), await openSide(false)] as const;

  const encoded = async (
    what: string,
    work: (encoder: GPUCommandEncoder) => void,
  ): Promise<void> => {
    await gpu.scoped(what, () => {
      const encoder = gpu.device.createCommandEncoder({ label: what });
      work(encoder);
      gpu.submit(encoder);
    });
  };

  /** Sorts one direction, finds its σ, and adds its equalized image to the total; returns the σ. */
  const equalizeSide = async (side: Side, signal: Parameters<SmeSession["add"]>[1]) => {
    const { columns, good, lines: count, length } = side;
    let sorted = buffers[0];
    await encoded("sorting of lines", (encoder) => {
      layLines.encode(encoder, { image, bad: badBuffer, lines, width, height, columns });
      sorted = side.sort.encode(encoder, { source: lines, buffers, lines: count, length });
    });
    const ranked = { sorted, good, lines: count, length };

    const prepare = async (s: number): Promise<void> => {
      if (single) {
        const { buffer, total: weight } = side.weights[s];
        const steps = await references.sum(ranked, buffer);
        gpu.upload(
          side.references,
          Float32Array.from(steps, (v) => (weight > 0 ? v / weight : 0)),
        );
      }
      await encoded("references", (encoder) => {
        if (!single)
          references.encodeSmooth(encoder, ranked, {
            kernel: kernels[s],
            reach: halfKernel(sigmas[s]).length - 1,
            references: side.references,
          });
        references.encodeSums(encoder, {
          references: side.references,
          sums: side.sums,
          lines: single ? 1 : count,
          length,
        });
      });
    };
    const equalize = (encoder: GPUCommandEncoder, result: GPUBuffer, transposed: boolean): void =>
      equalizer.encode(encoder, {
        ...ranked,
        values: lines,
        references: side.references,
        sums: side.sums,
        result,
        ownReference: !single,
        lastTie: options.ties === "last",
        transposed,
      });

    let best = 0;
    if (sigmas.length > 1) {
      // The buffer that does not hold the sorted lines takes each σ's image.
      const trial = sorted === buffers[0] ? buffers[1] : buffers[0];
      let least = Infinity;
      for (let s = 0; s < sigmas.length; s++) {
        throwIfCancelled(signal);
        await prepare(s);
        await encoded("equalization of lines", (encoder) => {
          encoder.clearBuffer(trial, 0, 4 * size);
          equalize(encoder, trial, false);
        });
        const value = await variation.measure({
          values: trial,
          masked: lines,
          lines: count,
          length,
        });
        if (value < least) {
          least = value;
          best = s;
        }
      }
    }
    await prepare(best);
    await encoded("equalization of lines", (encoder) => equalize(encoder, total, columns));
    await gpu.settle();
    return sigmas[best];
  };

  const begin = async (factor: FrameFactor | null): Promise<void> => {
    if (factor !== null) {
      const values =
        factor.values instanceof Float32Array ? factor.values : Float32Array.from(factor.values);
      factorBuffer ??= await held.acquire(4 * size, "factor of frames");
      gpu.upload(factorBuffer, values);
      divide = factor.operation === "divide";
    }
    useFactor = factor !== null;
    await encoded("start", (encoder) => encoder.clearBuffer(total, 0, 4 * size));
  };
  let useFactor = false;

  const gate = createGate(1);
  const add = async (
    frame: PixelArray,
    signal: Parameters<SmeSession["add"]>[1],
  ): ReturnType<SmeSession["add"]> => {
    throwIfCancelled(signal);
    const packed = await gpu.buffers.acquire(Math.max(4, frame.byteLength), "frame");
    try {
      gpu.upload(packed, frame);
      await encoded("a frame", (encoder) =>
        accumulate.encode(encoder, {
          frame: packed,
          pixelType: packedType(frame),
          correction: useFactor ? factorBuffer : null,
          divide,
          total: image,
          count: size,
          replace: true,
        }),
      );
    } finally {
      gpu.buffers.release(packed);
    }
    const column = await equalizeSide(sides[0], signal);
    const row = await equalizeSide(sides[1], signal);
    return { column, row };
  };

  return {
    begin: (factor) => gate(() => begin(factor)),
    add: (frame, signal) => gate(() => add(frame, signal)),
    collect: () =>
      gate(async () => {
        const sum = await readFloats(gpu, total, size);
        for (let i = 0; i < size; i++) sum[i] *= 0.5;
        return sum;
      }),
    close: () => held.release(),
  };
}
