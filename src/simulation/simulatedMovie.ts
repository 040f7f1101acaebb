import { CryoloupeError } from "#src/domain/errors.ts";
import type { Gain, GainOrientation } from "#src/domain/gain.ts";
import type { MotionField } from "#src/domain/motion.ts";
import type { Float32Pixels, MovieHeader, MovieReader } from "#src/domain/movie.ts";
import { createFieldEvaluator } from "#src/math/motionField.ts";
import type { FieldEvaluator } from "#src/math/motionField.ts";
import { applyPose, inversePose } from "#src/math/pose.ts";
import { createRandom } from "#src/math/random.ts";
import type { Random } from "#src/math/random.ts";
import { createCameraGain, SEEDS } from "./cameraGain.ts";
import type { CameraGain } from "./cameraGain.ts";
import { coverBySliding } from "./slidingCrystals.ts";
import { renderExpectation } from "./renderExpectation.ts";
import { createScene } from "./scene.ts";
import type { Scene } from "./scene.ts";
import { simulateMotion } from "./simulatedMotion.ts";
import { DEFAULT_SIMULATION } from "./simulationOptions.ts";
import type { SimulationOptions } from "./simulationOptions.ts";

/** What is known of a simulated movie. */
export interface SimulationTruth {
  /** G, `[height, width]`: recorded = ideal · G; 0 at dead pixels, mean 1. */
  readonly pixelGain: Float32Pixels;
  /** C = 1/G, 0 at bad pixels. */
  readonly gain: Gain;
  readonly motion: MotionField;
  /** Expected electrons of a frame, relative to their mean, where the specimen stands in frame 0. */
  readonly scene: Float32Pixels;
  readonly referencePose: GainOrientation;
}

/** A gain reference as it would be shipped: C in a pose of its own, 0 at bad pixels. */
export interface SimulatedReference {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Pixels;
}

export type SimulatedFrame = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** A movie that is made frame by frame when asked. */
export interface SimulatedMovie {
  readonly options: SimulationOptions;
  readonly header: MovieHeader;
  readonly truth: SimulationTruth;
  /** Frame `index` from 0, `[height, width]`; the same at every call. */
  frame(index: number): SimulatedFrame;
  /** What frame `index` would show without gain and noise, relative to the mean: the specimen, moved. */
  expectation(index: number): Float32Pixels;
  /** The shipped reference. */
  reference(): SimulatedReference;
  /** The movie as readers give it; frames carry the codec "plain". `keep` holds on to frames once made. */
  reader(name: string, options?: { readonly keep?: boolean }): MovieReader;
}

/**
 * Simulates a movie: recorded = Poisson(electronsPerFrame · scene(x − u_t(x))) · G for an integrating
 * camera, Poisson(… · G) for a counting one. Equal options give equal movies.
 */
export function createSimulatedMovie(given: Partial<SimulationOptions> = {}): SimulatedMovie {
  const options: SimulationOptions = { ...DEFAULT_SIMULATION, ...given };
  const { width, height, frames } = options;
  const camera = createCameraGain(options);
  const motion = simulateMotion(options);
  const field = createFieldEvaluator(motion);
  const scene = createScene(options, marginOf(field, width, height));
  const expectation = new Float32Array(width * height);
  const header = headerOf(options);

  const frame = (index: number): SimulatedFrame => {
    if (!Number.isInteger(index) || index < 0 || index >= frames)
      throw new CryoloupeError(
        "bad-arguments",
        `The simulated movie has frames 0 to ${frames - 1}, not ${index}.`,
      );
    renderExpectation(scene, field, index, width, height, expectation);
    coverBySliding(options, field, index, expectation);
    return expose(expectation, camera, options, index);
  };

  return {
    options,
    header,
    truth: {
      pixelGain: camera.pixelGain,
      gain: correctionOf(camera, width, height),
      motion,
      scene: cutScene(scene, width, height),
      referencePose: options.referencePose,
    },
    frame,
    expectation: (index) => {
      const out = new Float32Array(width * height);
      renderExpectation(scene, field, index, width, height, out);
      return out;
    },
    reference: () => referenceOf(options, camera),
    reader: (name, { keep = false } = {}) => {
      const kept = new Map<number, SimulatedFrame>();
      const pixelsOf = (index: number): SimulatedFrame => {
        const known = kept.get(index);
        if (known !== undefined) return known.slice();
        const made = frame(index);
        if (keep) kept.set(index, made.slice());
        return made;
      };
      return {
        name,
        size: frames * width * height * (header.pixelType === "uint8" ? 1 : 2),
        header,
        readEncoded: (index) => {
          const pixels = pixelsOf(index);
          return Promise.resolve({
            codec: "plain",
            file: name,
            width,
            height,
            pixelType: header.pixelType,
            parts: [new Uint8Array(pixels.buffer)],
            parameters: { stored: header.pixelType, littleEndian: true },
          });
        },
        close: () => {
          kept.clear();
          return Promise.resolve();
        },
      };
    },
  };
}

/** Margin that covers the largest displacement, found on the picture's border and middle. */
function marginOf(field: FieldEvaluator, width: number, height: number): number {
  let largest = 0;
  const at = { x: 0, y: 0 };
  for (let t = 0; t < field.frames; t++)
    for (let j = 0; j <= 4; j++)
      for (let i = 0; i <= 4; i++) {
        field.displacement(t, (i * width) / 4, (j * height) / 4, at);
        largest = Math.max(largest, Math.abs(at.x), Math.abs(at.y));
      }
  return Math.ceil(largest * 1.2) + 8;
}

function headerOf(options: SimulationOptions): MovieHeader {
  const { width, height, frames, pixelSizeA, electronsPerFrame, camera } = options;
  return {
    format: "memory",
    width,
    height,
    frames,
    pixelType: camera === "counting" ? "uint8" : "uint16",
    pixelSizeA,
    pixelSizeSource: "simulation",
    dosePerFrame: electronsPerFrame / pixelSizeA ** 2,
    unitsPerElectron: camera === "counting" ? 1 : options.unitsPerElectron,
    warnings: [],
    fields: Object.entries(options).map(([name, value]) => ({
      name,
      value: typeof value === "object" ? JSON.stringify(value) : String(value),
    })),
  };
}

function correctionOf({ pixelGain, bad }: CameraGain, width: number, height: number): Gain {
  const correction = new Float32Array(width * height);
  let sum = 0;
  let good = 0;
  for (let i = 0; i < correction.length; i++) {
    if (bad[i] !== 0) continue;
    correction[i] = 1 / pixelGain[i];
    sum += correction[i];
    good++;
  }
  for (let i = 0; i < correction.length; i++) correction[i] *= good / sum;
  return { width, height, correction, bad: bad.slice() };
}

function cutScene(scene: Scene, width: number, height: number): Float32Pixels {
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (y + scene.margin) * scene.width + scene.margin;
    out.set(scene.values.subarray(from, from + width), y * width);
  }
  return out;
}

/** C (or G, when the pose says inverted) with its own noise, turned so that `referencePose` undoes it. */
function referenceOf(options: SimulationOptions, camera: CameraGain): SimulatedReference {
  const { width, height, referencePose, referenceNoise, seed } = options;
  const source = options.wrongReference
    ? createCameraGain({ ...options, seed: seed + 0x9e3779, movieIndex: 0 })
    : camera;
  const { correction } = correctionOf(source, width, height);
  const random = createRandom(seed + SEEDS.reference);
  for (let i = 0; i < correction.length; i++) {
    correction[i] *= 1 + referenceNoise * random.normal();
    if (referencePose.inverted && correction[i] > 0) correction[i] = 1 / correction[i];
  }
  const posed = applyPose(correction, width, height, inversePose(referencePose));
  return { width: posed.width, height: posed.height, values: posed.data };
}

/** Counts of one frame from its expectation. */
function expose(
  expectation: Float32Array,
  { pixelGain, hot }: CameraGain,
  options: SimulationOptions,
  index: number,
): SimulatedFrame {
  const { electronsPerFrame, camera, unitsPerElectron, seed, movieIndex } = options;
  const random = createRandom(seed + SEEDS.frames + 1009 * movieIndex + 7919 * (index + 1));
  const n = expectation.length;
  if (camera === "counting") {
    const out = new Uint8Array(n);
    for (let i = 0; i < n; i++)
      out[i] = Math.min(255, poisson(electronsPerFrame * expectation[i] * pixelGain[i], random));
    for (const i of hot) out[i] = Math.min(255, random.poisson(8 * electronsPerFrame + 5));
    return out;
  }
  const out = new Uint16Array(n);
  for (let i = 0; i < n; i++) {
    const electrons = poisson(electronsPerFrame * expectation[i], random);
    out[i] = Math.min(65535, Math.round(electrons * pixelGain[i] * unitsPerElectron));
  }
  for (const i of hot)
    out[i] = Math.min(65535, random.poisson(8 * electronsPerFrame + 5) * unitsPerElectron);
  return out;
}

/** Poisson deviate by sequential search of one uniform number; means above 400 are split. */
function poisson(mean: number, random: Random): number {
  if (!(mean > 0)) return 0;
  if (mean > 400) return poisson(mean / 2, random) + poisson(mean / 2, random);
  let probability = Math.exp(-mean);
  let left = random.uniform() - probability;
  let k = 0;
  // The tail beyond 1e-16 is never reached; the bound guards against rounding of the sum.
  while (left > 0 && k < 1500) {
    k++;
    probability *= mean / k;
    left -= probability;
  }
  return k;
}
