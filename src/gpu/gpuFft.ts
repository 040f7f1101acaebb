import { CryoloupeError } from "#src/domain/errors.ts";
import { createLaneFft, nextFastSize } from "#src/math/laneFft.ts";
import { chirpOf } from "#src/math/chirp.ts";
import type { GpuContext } from "./device.ts";
import { createFftChirp } from "./kernels/fftChirp.ts";
import { createFftPass } from "./kernels/fftPass.ts";
import type { FftPass, GpuBatch, GpuRadix } from "./kernels/fftPass.ts";

/** Complex FFTs of one length over a batch in a buffer of vec2f. */
export interface GpuFft {
  readonly n: number;
  /**
   * Transforms every member of the batch. `spare` is a buffer of the same size; the result stands in the
   * buffer that is returned, and the other's contents are undefined. Forward e^{−2πi} unnormalised;
   * inverse e^{+2πi} divided by n.
   */
  encode(
    encoder: GPUCommandEncoder,
    args: GpuBatch & {
      readonly data: GPUBuffer;
      readonly spare: GPUBuffer;
      readonly inverse: boolean;
    },
  ): GPUBuffer;
}

/** Radices of the passes for lengths of factors 2, 3, 5 and 7; null where chirp-z serves. */
export function gpuRadices(n: number): GpuRadix[] | null {
  const radices: GpuRadix[] = [];
  let rest = n;
  for (const radix of [8, 4, 2, 3, 5, 7] as const)
    while (rest % radix === 0) {
      radices.push(radix);
      rest /= radix;
    }
  return rest === 1 ? radices : null;
}

/** Bytes of each of the two working buffers of chirp-z transforms: batches go in portions of this. */
const CHIRP_BYTES = 16 * 1024 ** 2;

const workBuffers = new WeakMap<GpuContext, Promise<readonly [GPUBuffer, GPUBuffer]>>();

/** The two working buffers of a device, shared by all its plans: commands run in their order. */
function chirpWork(gpu: GpuContext): Promise<readonly [GPUBuffer, GPUBuffer]> {
  const known = workBuffers.get(gpu);
  if (known !== undefined) return known;
  const made = (async () => {
    const a = await gpu.buffers.acquire(CHIRP_BYTES, "chirp work a");
    return [a, await gpu.buffers.acquire(CHIRP_BYTES, "chirp work b")] as const;
  })();
  workBuffers.set(gpu, made);
  made.catch(() => workBuffers.delete(gpu));
  return made;
}

const plans = new WeakMap<GpuContext, Map<number, Promise<GpuFft>>>();

/** The plan of a length on a device, made once: kernels compiled, tables uploaded. */
export function gpuFft(gpu: GpuContext, n: number): Promise<GpuFft> {
  let known = plans.get(gpu);
  if (known === undefined) plans.set(gpu, (known = new Map<number, Promise<GpuFft>>()));
  const found = known.get(n);
  if (found !== undefined) return found;
  const radices = gpuRadices(n);
  const made = radices === null ? createChirp(gpu, n) : createDirect(gpu, n, radices);
  known.set(n, made);
  made.catch(() => known.delete(n));
  return made;
}

async function uploadTable(
  gpu: GpuContext,
  length: number,
  value: (k: number) => readonly [number, number],
  label: string,
): Promise<GPUBuffer> {
  const table = new Float32Array(2 * length);
  for (let k = 0; k < length; k++) table.set(value(k), 2 * k);
  const buffer = await gpu.buffers.acquire(table.byteLength, label);
  gpu.upload(buffer, table);
  return buffer;
}

async function createDirect(
  gpu: GpuContext,
  n: number,
  radices: readonly GpuRadix[],
): Promise<GpuFft> {
  const passes: FftPass[] = await Promise.all(radices.map((radix) => createFftPass(gpu, radix)));
  const roots = await uploadTable(
    gpu,
    n,
    (k) => [Math.cos((-2 * Math.PI * k) / n), Math.sin((-2 * Math.PI * k) / n)],
    `roots of ${n}`,
  );
  return {
    n,
    encode: (encoder, { data, spare, inverse, ...batch }) => {
      let [source, result] = [data, spare];
      let s = 1;
      passes.forEach((pass, i) => {
        const scale = inverse && i === passes.length - 1 ? 1 / n : 1;
        pass.encode(encoder, { ...batch, source, result, roots, n, s, inverse, scale });
        s *= pass.radix;
        [source, result] = [result, source];
      });
      return source;
    },
  };
}

/** Chirp-z on the device: the twin is `createChirpFft` in src/math/laneFft.ts. */
async function createChirp(gpu: GpuContext, n: number): Promise<GpuFft> {
  const m = nextFastSize(2 * n - 1);
  const [inner, step] = await Promise.all([gpuFft(gpu, m), createFftChirp(gpu)]);
  const { cos, sin } = chirpOf(n);
  const chirp = await uploadTable(gpu, n, (k) => [cos[k], sin[k]], `chirp of ${n}`);
  const lane = createLaneFft(m, 1);
  for (let k = 0; k < n; k++)
    for (const at of k === 0 ? [0] : [k, m - k]) {
      lane.re[at] = cos[k];
      lane.im[at] = -sin[k];
    }
  lane.execute(1, false);
  const spectrum = await uploadTable(
    gpu,
    m,
    (k) => [lane.outRe[k], lane.outIm[k]],
    `chirp spectrum of ${n}`,
  );
  const portion = Math.floor(CHIRP_BYTES / (8 * m));
  if (portion < 1)
    throw new CryoloupeError(
      "limit-exceeded",
      `A Fourier transform of length ${n} is beyond what the graphics device is set up for. Use the CPU backend or bin the image.`,
    );
  const [a, b] = await chirpWork(gpu);

  return {
    n,
    encode: (encoder, { data, spare, inverse, ...all }) => {
      if (spare === data)
        throw new CryoloupeError("internal", "An FFT on the device needs two buffers.");
      for (let done = 0; done < all.batch; done += portion) {
        const batch = Math.min(portion, all.batch - done);
        const lanes = all.batchStride < all.elementStride;
        const inWork = {
          batch,
          firstBatch: 0,
          batchStride: lanes ? 1 : m,
          elementStride: lanes ? batch : 1,
        };
        const common = {
          ...all,
          batch,
          firstBatch: all.firstBatch + done,
          data,
          n,
          m,
          workBatchStride: inWork.batchStride,
          workElementStride: inWork.elementStride,
          inverse,
        };
        step.encode(encoder, { ...common, stage: 0, work: a, factor: chirp, scale: 1 });
        const forward = inner.encode(encoder, { ...inWork, data: a, spare: b, inverse: false });
        step.encode(encoder, { ...common, stage: 1, work: forward, factor: spectrum, scale: 1 });
        const other = forward === a ? b : a;
        const back = inner.encode(encoder, {
          ...inWork,
          data: forward,
          spare: other,
          inverse: true,
        });
        const scale = inverse ? 1 / n : 1;
        step.encode(encoder, { ...common, stage: 2, work: back, factor: chirp, scale });
      }
      return data;
    },
  };
}
